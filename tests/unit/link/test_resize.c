/*
 * The real farseat-worker and farseat-link while the workstation's screen changes its size at any
 * moment, a thousand steps at random: no update leaves its screen, nobody gives the other up, and
 * whenever it comes to rest the picture is exact. FARSEAT_RACE=SEED plays one game again.
 */
#include "common/base/clock.h"
#include "common/crypto/random.h"
#include "tests/support/rig/rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define STEPS       1000
#define REST_EACH   50 /* steps; then it comes to rest */
#define SIDE_MAX_PX 500
#define SOON_MS     10000

static struct rig_programs programs;
static struct rig_identity identity;

static unsigned any(unsigned below)
{
	return (unsigned)rand() % below;
}

static void draw(struct rig *r)
{
	uint16_t x = (uint16_t)any(r->width_px), y = (uint16_t)any(r->height_px);
	uint16_t width = (uint16_t)(1 + any(r->width_px - x));
	uint16_t height = (uint16_t)(1 + any(r->height_px - y));
	bool noise = any(2);
	uint8_t shade = (uint8_t)any(256);

	for (uint16_t row = y; row < y + height; row++) {
		uint8_t *p = r->framebuffer.bytes + ((size_t)row * r->width_px + x) * 4;
		for (size_t i = 0; i < (size_t)width * 4; i++)
			p[i] = i % 4 == 3 ? 0 : noise ? (uint8_t)any(256) : shade;
	}
	rig_damage(r, x, y, width, height);
}

static void step(struct rig *r)
{
	unsigned what = any(100);

	if (what < 30) {
		rig_new_framebuffer(
			r, (uint16_t)(1 + any(SIDE_MAX_PX)), (uint16_t)(1 + any(SIDE_MAX_PX)));
		draw(r);
	} else if (what < 75) {
		draw(r);
	} else if (what < 90) {
		r->hold_present = !r->hold_present;
		rig_present(r);
	}
	(void)!rig_run(r, NULL, (int)any(4));
}

static void test_sizes_change_at_any_moment(void **state)
{
	struct rig *r = malloc(sizeof(*r));
	const char *given = getenv("FARSEAT_RACE");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);

	(void)state;
	assert_non_null(r);
	print_message("FARSEAT_RACE=%u\n", seed);
	srand(seed);
	rig_init(r, &programs, &identity, SIDE_MAX_PX, SIDE_MAX_PX);
	rig_start(r, false);
	assert_true(rig_run(r, rig_is_open, SOON_MS));
	for (unsigned i = 1; i <= STEPS; i++) {
		step(r);
		if (i % REST_EACH == 0) {
			r->hold_present = false;
			rig_present(r);
			if (!rig_run(r, rig_is_equal, SOON_MS))
				fail_msg(
					"step %u: no rest: %ux%u, shown %ux%u; asked %d, held %d, damage %zu",
					i, r->width_px, r->height_px, r->screen.width_px,
					r->screen.height_px, r->requested, r->holding,
					r->damage.rect_count);
		}
	}
	print_message(
		"%u updates, %u of a screen that was no more\n", r->update_count, r->stale_count);
	assert_false(r->failed_seen);
	rig_finish(r);
	free(r);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	programs = (struct rig_programs){ argv[1], argv[2] };
	signal(SIGPIPE, SIG_IGN);
	if (crypto_init() < 0)
		return 1;
	rig_identity_create(&identity);
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sizes_change_at_any_moment) };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rig_identity_destroy(&identity);
	return failed;
}
