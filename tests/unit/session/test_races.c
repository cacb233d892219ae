/*
 * Every race between a screen that changes its size, its pictures, a person who connects anew and
 * links that die, a thousand steps at random: the connection never blames its link for it, and what
 * it shows is always the picture that it says it is. FARSEAT_RACE=SEED plays one game again.
 */
#include "tests/unit/session/scene.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS 1000

struct race {
	struct scene *scene;
	unsigned pictures, checksums;
};

static int set_up(void **state)
{
	return scene_set_up(state, "farseat-link-racing");
}

/* What racing_link.c draws. */
static void check_picture(const struct connection_picture *p, const struct record_update *u)
{
	const struct record_rect *r = &u->rects[0];

	assert_true(r->x_px + r->width_px <= p->width_px);
	assert_true(r->y_px + r->height_px <= p->height_px);
	const uint8_t *first = p->pixels + r->y_px * p->stride_bytes + (size_t)r->x_px * 4;
	const uint8_t *last =
		first + (r->height_px - 1U) * p->stride_bytes + (r->width_px - (size_t)1) * 4;
	assert_memory_equal(first, &u->generation, 4);
	assert_memory_equal(last, &u->generation, 4);
}

static void on_update(void *user, const struct record_update *u)
{
	struct race *race = user;

	check_picture(connection_picture(race->scene->connection), u);
	race->pictures++;
	connection_presented(race->scene->connection, u->frame, 0);
}

static void on_checksum(void *user, const struct record_link_checksum *c)
{
	struct race *race = user;

	(void)c;
	race->checksums++;
}

static void seed_next_link(unsigned seed)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", seed);
	assert_int_equal(setenv("FARSEAT_RACE", text, 1), 0);
}

/* What a person or the system does between two turns. */
static void disturb(struct connection *c)
{
	unsigned what = (unsigned)rand() % 100;
	struct wire_message m = { .type = WIRE_VIEW };

	m.view.width_px = (uint16_t)(1 + rand() % 4000);
	m.view.height_px = (uint16_t)(1 + rand() % 4000);
	if (what < 20)
		(void)!connection_send(c, &m);
	else if (what == 20)
		connection_start(c);
	else if (what == 21 && connection_link_pid(c) > 0)
		kill(connection_link_pid(c), SIGKILL);
	else if (what == 22)
		connection_stop(c);
	/* Nobody waits here for the next try. */
	if (connection_state(c) == CONNECTION_LOST || connection_state(c) == CONNECTION_ENDED) {
		seed_next_link((unsigned)rand());
		connection_start(c);
	}
}

static void test_no_race_is_the_links_fault(void **state)
{
	static const struct connection_events events = { .update = on_update,
		.checksum = on_checksum };
	const struct connection_options options = { .reconnect = true };
	struct scene *s = *state;
	struct race race = { .scene = s };
	const char *given = getenv("FARSEAT_RACE");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);

	print_message("FARSEAT_RACE=%u\n", seed);
	srand(seed);
	seed_next_link(seed);
	assert_int_equal(
		connection_create(&s->connection, &s->workstation, &options, &events, &race), 0);
	connection_start(s->connection);
	uint64_t until_ms = clock_now_ms() + 6 * (uint64_t)SCENE_PATIENCE_MS;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned before = race.pictures;
		disturb(s->connection);
		/* A step is a picture that came, or what was in the way of it. */
		do
			scene_turn(s);
		while (race.pictures == before && clock_now_ms() < until_ms &&
			connection_state(s->connection) == CONNECTION_OPEN);
		if (strstr(connection_reason(s->connection), "fault within"))
			fail_msg("step %u: the link was blamed", step);
		assert_int_not_equal(connection_state(s->connection), CONNECTION_FAILED);
		assert_int_not_equal(connection_state(s->connection), CONNECTION_REFUSED);
	}
	assert_true(race.pictures > STEPS / 4);
	assert_true(race.checksums > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_no_race_is_the_links_fault, set_up, scene_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
