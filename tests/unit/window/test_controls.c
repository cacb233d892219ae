#include "client/window/controls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SENT_MAX 128

struct wire_end {
	struct wire_message sent[SENT_MAX];
	char text[SENT_MAX][WIRE_TEXT_INPUT_MAX_BYTES + 1];
	size_t count;
	uint32_t serial;
};

static bool take(void *user, const struct wire_message *m)
{
	struct wire_end *w = user;

	assert_true(w->count < SENT_MAX);
	if (m->type == WIRE_TEXT) {
		assert_true(m->text.len > 0 && m->text.len <= WIRE_TEXT_INPUT_MAX_BYTES);
		memcpy(w->text[w->count], m->text.utf8, m->text.len);
		w->text[w->count][m->text.len] = '\0';
	}
	w->sent[w->count++] = *m;
	return true;
}

static uint32_t next(void *user, bool answered)
{
	struct wire_end *w = user;

	(void)answered;
	return ++w->serial;
}

static int set_up(void **state)
{
	static struct {
		struct controls controls;
		struct wire_end end;
	} all;

	memset(&all, 0, sizeof(all));
	controls_init(&all.controls, take, next, &all.end);
	*state = &all;
	return 0;
}

static struct wire_end *end_of(struct controls *c)
{
	return c->user;
}

static bool anything_pressed(const struct controls *c)
{
	bool any = c->buttons != 0;

	for (size_t k = 0; k < CONTROLS_EVDEV_MAX; k++)
		any |= c->pressed[k] != 0;
	return any;
}

static void test_newest_motion_wins(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_motion(i, 1, 1);
	controls_motion(i, 2, 2);
	controls_motion(i, 3, 4);
	assert_int_equal(w->count, 0);
	controls_flush(i);
	controls_flush(i);
	assert_int_equal(w->count, 1);
	assert_int_equal(w->sent[0].pointer.x_px, 3);
	assert_int_equal(w->sent[0].pointer.y_px, 4);
}

static void test_motion_goes_before_buttons(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_motion(i, 5, 6);
	controls_button(i, 1, true);
	controls_motion(i, 7, 8);
	controls_button(i, 1, false);
	assert_int_equal(w->count, 4);
	assert_int_equal(w->sent[0].type, WIRE_POINTER);
	assert_int_equal(w->sent[1].type, WIRE_BUTTON);
	assert_int_equal(w->sent[2].pointer.x_px, 7);
	assert_false(w->sent[3].button.down);
	for (size_t n = 0; n < 4; n++) /* serials in the order of sending */
		assert_int_equal(w->sent[n].pointer.serial, n + 1);
}

static void test_release_has_the_keysym_of_the_press(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_key(i, 30, 'A', true); /* with Shift */
	controls_key(i, 30, 'a', true); /* auto-repeat, Shift is up meanwhile */
	controls_key(i, 30, 'a', false);
	assert_int_equal(w->count, 3);
	assert_int_equal(w->sent[1].key.keysym, 'A');
	assert_true(w->sent[1].key.down);
	assert_int_equal(w->sent[2].key.keysym, 'A');
	assert_false(w->sent[2].key.down);
	assert_false(anything_pressed(i));
}

static void test_release_without_press_is_not_sent(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_key(i, 30, 'a', false);
	controls_button(i, 1, false);
	controls_key(i, 0, 'a', true);
	controls_key(i, CONTROLS_EVDEV_MAX, 'a', true);
	controls_key(i, UINT16_MAX, 'a', true);
	assert_int_equal(w->count, 0);
}

static void test_key_without_keysym_is_released(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_key(i, 42, 0, true);
	assert_true(anything_pressed(i));
	controls_key(i, 42, 0, false);
	assert_int_equal(w->count, 2);
}

static void test_release_all(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_key(i, 30, 'a', true);
	controls_button(i, 3, true);
	controls_release_all(i);
	assert_int_equal(w->sent[w->count - 1].type, WIRE_RELEASE_ALL);
	assert_false(anything_pressed(i));
	size_t before = w->count;
	controls_key(i, 30, 'a', false); /* comes late: the other end knows already */
	controls_button(i, 3, false);
	assert_int_equal(w->count, before);
}

static void test_view_only_sends_nothing(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	i->disabled = true;
	controls_key(i, 30, 'a', true);
	controls_key(i, 30, 'a', false);
	controls_text(i, "secret");
	controls_motion(i, 1, 2);
	controls_flush(i);
	controls_button(i, 1, true);
	controls_wheel(i, 0, 1);
	controls_release_all(i);
	assert_int_equal(w->count, 0);
}

static void test_locks_are_brought_in_line(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_locks(i, WIRE_LED_CAPS | WIRE_LED_NUM, WIRE_LED_CAPS | WIRE_LED_NUM);
	controls_locks(i, 0, WIRE_LED_SCROLL);
	assert_int_equal(w->count, 0);
	controls_locks(i, WIRE_LED_NUM, WIRE_LED_CAPS | WIRE_LED_NUM);
	assert_int_equal(w->count, 2);
	assert_int_equal(w->sent[0].key.keysym, 0xffe5); /* Caps_Lock */
	assert_true(w->sent[0].key.down && !w->sent[1].key.down);
	assert_false(anything_pressed(i));
	controls_locks(i, WIRE_LED_NUM, 0);
	assert_int_equal(w->count, 4);
	assert_int_equal(w->sent[2].key.keysym, 0xff7f); /* Num_Lock */
	i->disabled = true;
	controls_locks(i, WIRE_LED_NUM, 0);
	assert_int_equal(w->count, 4);
}

static bool only_shift_is_down(const void *user, uint16_t evdev)
{
	(void)user;
	return evdev == 42;
}

static void test_what_is_up_is_released(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	assert_false(controls_any_key(i));
	controls_key(i, 56, 0xffe9, true); /* Alt_L */
	controls_key(i, 42, 0xffe1, true);
	assert_true(controls_any_key(i));
	controls_check(i, only_shift_is_down, NULL);
	assert_int_equal(w->count, 3);
	assert_int_equal(w->sent[2].key.evdev, 56);
	assert_int_equal(w->sent[2].key.keysym, 0xffe9);
	assert_false(w->sent[2].key.down);
	controls_check(i, only_shift_is_down, NULL);
	assert_int_equal(w->count, 3);
	controls_key(i, 56, 0xffe9, false); /* its own release, late */
	assert_int_equal(w->count, 3);
}

static void test_wheel_keeps_parts(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_wheel(i, 0, 1);
	assert_int_equal(w->sent[0].wheel.dy, 120);
	for (int n = 0; n < 300; n++)
		controls_wheel(i, 0, 0.0025F); /* 0.3 of a 1/120: nothing to send until whole */
	int sum = 0;
	for (size_t n = 1; n < w->count; n++)
		sum += w->sent[n].wheel.dy;
	assert_in_range(sum, 88, 90);
	w->count = 0;
	controls_wheel(i, -1e9F, 0); /* nonsense is cut to what the message can say */
	assert_int_equal(w->sent[0].wheel.dx, INT16_MIN);
}

static void test_text_is_cut_on_characters(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);
	char text[301] = "";

	for (int n = 0; n < 100; n++)
		strcat(text, "\xe2\x82\xac");
	controls_text(i, text);
	assert_int_equal(w->count, 3);
	char joined[400] = "";
	for (size_t n = 0; n < w->count; n++) {
		assert_int_equal(strlen(w->text[n]) % 3, 0);
		strcat(joined, w->text[n]);
	}
	assert_string_equal(joined, text);
}

static void test_broken_text_ends(void **state)
{
	struct controls *i = *state;
	struct wire_end *w = end_of(i);

	controls_text(i, "ok\xff more");
	assert_int_equal(w->count, 1);
	assert_string_equal(w->text[0], "ok");
	controls_text(i, "\xc3");
	controls_text(i, "");
	assert_int_equal(w->count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_newest_motion_wins, set_up),
		cmocka_unit_test_setup(test_motion_goes_before_buttons, set_up),
		cmocka_unit_test_setup(test_release_has_the_keysym_of_the_press, set_up),
		cmocka_unit_test_setup(test_release_without_press_is_not_sent, set_up),
		cmocka_unit_test_setup(test_key_without_keysym_is_released, set_up),
		cmocka_unit_test_setup(test_release_all, set_up),
		cmocka_unit_test_setup(test_view_only_sends_nothing, set_up),
		cmocka_unit_test_setup(test_locks_are_brought_in_line, set_up),
		cmocka_unit_test_setup(test_what_is_up_is_released, set_up),
		cmocka_unit_test_setup(test_wheel_keeps_parts, set_up),
		cmocka_unit_test_setup(test_text_is_cut_on_characters, set_up),
		cmocka_unit_test_setup(test_broken_text_ends, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
