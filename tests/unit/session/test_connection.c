/*
 * The connection against a farseat-link of our own (fake_link.c) and a listener that says nothing:
 * states, reconnecting, and what a link may not do.
 */
#include "tests/unit/session/scene.h"

#include "common/base/fd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int set_up(void **state)
{
	return scene_set_up(state, "farseat-link-fake");
}

static void on_state(void *user, enum connection_state state)
{
	struct scene *s = user;

	s->opened += state == CONNECTION_OPEN;
	s->lost += state == CONNECTION_LOST;
}

static void on_screen(void *user)
{
	struct scene *s = user;

	s->screens++;
}

static void on_update(void *user, const struct record_update *u)
{
	struct scene *s = user;

	s->updates++;
	s->input_serial = u->input_serial;
	connection_presented(s->connection, u->frame, 0);
}

static void on_cursor(void *user, const struct record_cursor *cursor, const uint8_t *bgra)
{
	struct scene *s = user;

	assert_int_equal(cursor->width_px, 16);
	assert_non_null(bgra);
	s->cursors++;
}

static void on_checksum(void *user, const struct record_link_checksum *c)
{
	struct scene *s = user;

	s->checked = c->local == c->remote;
}

static void start(struct scene *s, const char *mode, bool reconnect)
{
	static const struct connection_events events = { .state = on_state,
		.screen = on_screen,
		.update = on_update,
		.cursor = on_cursor,
		.checksum = on_checksum };
	const struct connection_options options = { .reconnect = reconnect };

	assert_int_equal(setenv("FARSEAT_FAKE_LINK", mode, 1), 0);
	assert_int_equal(
		connection_create(&s->connection, &s->workstation, &options, &events, s), 0);
	connection_start(s->connection);
}

static void press(struct scene *s)
{
	struct wire_message m = { .type = WIRE_KEY };

	m.key.serial = connection_next_serial(s->connection);
	m.key.evdev = 30;
	m.key.keysym = 'a';
	m.key.down = true;
	assert_true(connection_send(s->connection, &m));
}

static void test_session(void **state)
{
	struct scene *s = *state;

	start(s, "", true);
	scene_run_until(s, s->updates == 1 && s->cursors == 1);
	assert_int_equal(connection_state(s->connection), CONNECTION_OPEN);
	assert_int_equal(s->screens, 1);
	assert_int_equal(connection_caps(s->connection), WIRE_CAPS_CONTROL);
	const struct connection_picture *p = connection_picture(s->connection);
	assert_int_equal(p->width_px, 1920);
	assert_int_equal(p->pixels[4], 7); /* fake_link.c: x * 7 + y */
	press(s);
	scene_run_until(s, s->input_serial == 1);
	connection_stop(s->connection);
	assert_int_equal(connection_state(s->connection), CONNECTION_ENDED);
	assert_int_equal(connection_link_pid(s->connection), 0);
	assert_true(workstation_last_seen("office") > 0);
	assert_non_null(connection_picture(s->connection)->pixels); /* stays to be looked at */
}

static void test_killed_link_comes_back(void **state)
{
	struct scene *s = *state;

	start(s, "", true);
	scene_run_until(s, s->updates == 1);
	for (unsigned i = 1; i <= 3; i++) {
		unsigned before = s->updates;
		assert_int_equal(kill(connection_link_pid(s->connection), SIGKILL), 0);
		scene_run_until(s, s->lost == i);
		assert_non_null(connection_picture(s->connection)->pixels);
		assert_int_equal(connection_caps(s->connection), 0);
		scene_run_until(s, s->updates > before && s->opened == i + 1);
	}
}

static void test_without_reconnecting_it_fails(void **state)
{
	struct scene *s = *state;

	start(s, "die", false);
	scene_run_until(s, s->updates == 1);
	press(s);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_FAILED);
	assert_non_null(strstr(connection_reason(s->connection), "killed"));
	assert_int_equal(connection_exit_status(s->connection), 1);
}

/* A session of a version of TLS that the workstation does not speak any more: not the end of it. */
static void test_session_of_another_version(void **state)
{
	struct scene *s = *state;
	char path[PATH_MAX];
	const uint8_t session[] = { 1, 2, 3 };

	assert_int_equal(workstation_store_session(&s->workstation, session, sizeof(session)), 0);
	start(s, "version", false);
	scene_run_until(s, s->updates == 1);
	assert_int_equal(connection_state(s->connection), CONNECTION_OPEN);
	assert_int_equal(workstation_path("office", "session.tls", path), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_refusal_is_final(void **state)
{
	struct scene *s = *state;

	start(s, "refuse", true);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_REFUSED);
	assert_int_equal(connection_exit_status(s->connection), 3);
	assert_true(strlen(connection_remedy(s->connection)) > 10);
	for (int i = 0; i < 10; i++)
		scene_turn(s);
	assert_int_equal(connection_state(s->connection), CONNECTION_REFUSED);
	assert_int_equal(s->lost, 0);
	connection_start(s->connection); /* the person asks for it */
	assert_int_equal(connection_state(s->connection), CONNECTION_DIALING);
}

static void test_ended_by_the_administrator(void **state)
{
	struct scene *s = *state;

	start(s, "goodbye", true);
	scene_run_until(s, s->updates == 1);
	press(s);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_ENDED);
	assert_int_equal(connection_goodbye(s->connection), WIRE_BYE_DISCONNECTED);
	assert_int_equal(s->lost, 0);
}

/* Somebody logged out there: the next session is joined by itself, and until its picture is there
 * it is known of which the picture is. */
static void test_ended_session_is_joined_again(void **state)
{
	struct scene *s = *state;

	start(s, "logout", true);
	for (unsigned i = 1; i <= 2; i++) {
		scene_run_until(s, s->updates == i);
		assert_int_equal(connection_lost_by(s->connection), 0);
		press(s);
		scene_run_until(s, s->lost == i);
		assert_int_equal(connection_lost_by(s->connection), WIRE_BYE_SESSION_ENDED);
	}
	scene_run_until(s, s->updates == 3);
	assert_int_equal(connection_state(s->connection), CONNECTION_OPEN);
}

/* Whatever such a link is, it is ended; another takes its place by itself, but not for ever. */
static void test_update_outside_the_picture_ends_the_link(void **state)
{
	struct scene *s = *state;

	start(s, "wild", true);
	for (unsigned i = 1; i <= 3; i++) {
		scene_run_until(
			s, s->updates == i && connection_state(s->connection) == CONNECTION_OPEN);
		press(s);
		scene_run_until(s, connection_link_pid(s->connection) == 0);
		assert_int_equal(s->lost, i < 3 ? i : 2);
		assert_null(strstr(
			connection_reason(s->connection), "outside")); /* that is for the log */
	}
	assert_int_equal(connection_state(s->connection), CONNECTION_FAILED);
	assert_int_equal(s->updates, 3);
	connection_start(s->connection); /* the person asks for it */
	scene_run_until(s, s->updates == 4);
	press(s);
	scene_run_until(s, s->lost == 3);
}

static void test_black_screen_is_shown(void **state)
{
	struct scene *s = *state;

	start(s, "blank", true);
	scene_run_until(s, s->screens == 1); /* without any update */
	assert_int_equal(s->updates, 0);
	struct wire_message m = { .type = WIRE_CHECKSUM_ASK };
	m.checksum_ask.id = 1;
	assert_true(connection_send(s->connection, &m));
	scene_run_until(s, s->checked);
}

static void test_nothing_is_sent_before_it_is_open(void **state)
{
	struct scene *s = *state;
	struct wire_message m = { .type = WIRE_RELEASE_ALL };

	start(s, "mute", true);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_SECURING);
	assert_false(connection_send(s->connection, &m));
	assert_null(connection_welcome(s->connection));
}

static void test_nobody_listens(void **state)
{
	struct scene *s = *state;

	fd_close(&s->listener);
	start(s, "", true);
	scene_run_until(s, s->lost >= 3); /* goes on trying */
	connection_stop(s->connection);
	assert_int_equal(connection_state(s->connection), CONNECTION_ENDED);
	connection_destroy(s->connection);
	start(s, "", false);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_FAILED);
	assert_non_null(strstr(connection_reason(s->connection), "refused"));
}

static void test_unknown_name(void **state)
{
	struct scene *s = *state;

	snprintf(s->workstation.host, sizeof(s->workstation.host),
		"no-such-host.invalid"); /* RFC 6761, 6.4 */
	start(s, "", false);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_FAILED);
	assert_non_null(strstr(connection_reason(s->connection), "no-such-host.invalid"));
}

static void test_missing_key(void **state)
{
	struct scene *s = *state;
	char path[PATH_MAX];

	assert_int_equal(workstation_path("office", "device.key", path), 0);
	assert_int_equal(unlink(path), 0);
	start(s, "", true);
	scene_run_until(s, connection_state(s->connection) == CONNECTION_FAILED);
	assert_non_null(strstr(connection_reason(s->connection), "device.key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_session, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_killed_link_comes_back, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_without_reconnecting_it_fails, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_session_of_another_version, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(test_refusal_is_final, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_ended_by_the_administrator, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_ended_session_is_joined_again, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_update_outside_the_picture_ends_the_link, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_black_screen_is_shown, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(
			test_nothing_is_sent_before_it_is_open, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_listens, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(test_unknown_name, set_up, scene_tear_down),
		cmocka_unit_test_setup_teardown(test_missing_key, set_up, scene_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
