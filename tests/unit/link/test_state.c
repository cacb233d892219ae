/* The states of a connection follow each other one way, and what the window holds is counted. */
#include "tests/unit/cmocka_first.h"

#include "client/link/pressed.h"
#include "client/link/state.h"

static const enum link_state session[] = { LINK_START, LINK_PROXY, LINK_HANDSHAKE, LINK_HELLO,
	LINK_PROVEN, LINK_OPEN, LINK_ENDED };
static const enum link_state enrolment[] = { LINK_START, LINK_HANDSHAKE, LINK_CLAIM, LINK_ENROLL,
	LINK_ENDED };
static const enum link_state older_enrolment[] = { LINK_START, LINK_HANDSHAKE, LINK_ENROLL,
	LINK_ENDED };
static const enum link_state probe[] = { LINK_START, LINK_PROXY, LINK_PROBE, LINK_ENDED };

static void forwards(const enum link_state *way, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++) {
		assert_true(link_state_follows(way[i], way[i + 1]));
		for (size_t before = 0; before <= i; before++)
			assert_false(link_state_follows(way[i], way[before]));
	}
}

static void ways_go_forwards(void **state)
{
	(void)state;
	forwards(session, ARRAY_LEN(session));
	forwards(enrolment, ARRAY_LEN(enrolment));
	forwards(older_enrolment, ARRAY_LEN(older_enrolment));
	forwards(probe, ARRAY_LEN(probe));
}

static void nothing_is_left_out(void **state)
{
	(void)state;
	assert_false(link_state_follows(LINK_START, LINK_HELLO));
	assert_false(link_state_follows(LINK_HANDSHAKE, LINK_PROVEN));
	assert_false(link_state_follows(LINK_HELLO, LINK_OPEN)); /* without a proof */
	assert_false(link_state_follows(LINK_ENROLL, LINK_OPEN));
	assert_false(link_state_follows(LINK_PROBE, LINK_HANDSHAKE));
}

static void any_may_end_and_the_end_is_one(void **state)
{
	(void)state;
	for (unsigned from = 0; from < LINK_STATES; from++) {
		assert_true(link_state_follows((enum link_state)from, LINK_ENDED));
		if (from != LINK_ENDED)
			assert_false(link_state_follows(LINK_ENDED, (enum link_state)from));
	}
}

static void messages_are_spoken_after_tls(void **state)
{
	(void)state;
	assert_false(link_state_speaks(LINK_PROXY));
	assert_false(link_state_speaks(LINK_HANDSHAKE));
	assert_false(link_state_speaks(LINK_ENDED));
	assert_int_equal(link_state_phase(LINK_HELLO), WIRE_PHASE_HELLO);
	assert_int_equal(link_state_phase(LINK_PROVEN), WIRE_PHASE_PROOF);
	assert_int_equal(link_state_phase(LINK_OPEN), WIRE_PHASE_OPEN);
	assert_int_equal(link_state_phase(LINK_CLAIM), WIRE_PHASE_ENROLL);
	assert_int_equal(link_state_phase(LINK_ENROLL), WIRE_PHASE_ENROLL);
}

static bool key(struct pressed *p, uint16_t evdev, bool down)
{
	const struct wire_message m = { .type = WIRE_KEY, .key = { .evdev = evdev, .down = down } };

	return pressed_follow(p, &m);
}

static void keys_and_buttons_are_counted(void **state)
{
	struct pressed p = { 0 };
	struct wire_message m = { .type = WIRE_BUTTON, .button = { .button = 1, .down = true } };

	(void)state;
	assert_false(pressed_any(&p));
	assert_false(key(&p, 30, true));
	assert_true(key(&p, 30, true)); /* a repeat */
	assert_int_equal(p.key_count, 1);
	assert_false(key(&p, 31, false)); /* was not down */
	assert_int_equal(p.key_count, 1);
	assert_false(key(&p, 30, false));
	assert_false(pressed_any(&p));

	assert_false(pressed_follow(&p, &m));
	assert_true(pressed_any(&p));
	m.button.down = false;
	assert_false(pressed_follow(&p, &m));
	assert_false(pressed_any(&p));
}

static void what_has_no_code_is_not_followed(void **state)
{
	struct pressed p = { 0 };

	(void)state;
	assert_false(key(&p, 0, true)); /* by its meaning alone */
	assert_false(key(&p, PRESSED_EVDEV_MAX, true));
	assert_false(key(&p, UINT16_MAX, true));
	assert_false(pressed_any(&p));
	assert_false(key(&p, PRESSED_EVDEV_MAX - 1, true));
	assert_true(pressed_any(&p));
}

static void all_is_let_go_at_once(void **state)
{
	struct pressed p = { 0 };
	const struct wire_message m = { .type = WIRE_RELEASE_ALL };

	(void)state;
	key(&p, 30, true);
	key(&p, 42, true);
	assert_false(pressed_follow(&p, &m));
	assert_false(pressed_any(&p));
	assert_false(key(&p, 30, true)); /* pressed anew */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_go_forwards),
		cmocka_unit_test(nothing_is_left_out),
		cmocka_unit_test(any_may_end_and_the_end_is_one),
		cmocka_unit_test(messages_are_spoken_after_tls),
		cmocka_unit_test(keys_and_buttons_are_counted),
		cmocka_unit_test(what_has_no_code_is_not_followed),
		cmocka_unit_test(all_is_let_go_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
