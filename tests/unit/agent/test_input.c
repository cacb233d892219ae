/* What reaches the display, written down by a display that is none. */
#include "server/agent/input.h"

#include <errno.h>
#include <stdio.h>
#include <xkbcommon/xkbcommon-keysyms.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char written[8192];
static bool down[KEYMAP_KEYCODES];

PRINTF_LIKE(1, 2) static void note(const char *format, ...)
{
	size_t len = strlen(written);
	va_list args;

	va_start(args, format);
	vsnprintf(written + len, sizeof(written) - len, format, args);
	va_end(args);
}

static void sink_key(void *display, uint8_t keycode, bool is_down)
{
	(void)display;
	down[keycode] = is_down;
	note("%c%u ", is_down ? '+' : '-', keycode);
}

static void sink_button(void *display, uint8_t button, bool is_down)
{
	(void)display;
	note("b%c%u ", is_down ? '+' : '-', button);
}

static void sink_motion(void *display, uint16_t x_px, uint16_t y_px)
{
	(void)display;
	note("@%u,%u ", x_px, y_px);
}

static void sink_motion_by(void *display, int16_t dx_px, int16_t dy_px)
{
	(void)display;
	note("~%d,%d ", dx_px, dy_px);
}

static void sink_group(void *display, uint32_t group)
{
	(void)display;
	note("g%u ", group);
}

static void sink_bind(void *display, uint8_t keycode, uint32_t keysym, uint32_t shifted)
{
	(void)shifted;
	(void)display;
	note("bind%u=%x ", keycode, keysym);
}

static void sink_wheel(void *display, int16_t dx, int16_t dy)
{
	(void)display;
	note("w%d,%d ", dx, dy);
}

static const struct input_sink sink = {
	.can = INPUT_CAN_BIND | INPUT_CAN_LOCK_GROUP | INPUT_CAN_MOTION_BY,
	.key = sink_key,
	.button = sink_button,
	.motion = sink_motion,
	.motion_by = sink_motion_by,
	.lock_group = sink_group,
	.bind = sink_bind,
};

static struct input in;
static struct input_holder a, b;

static void use_layout(const char *layout)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	const struct xkb_rule_names names = {
		.rules = "evdev", .model = "pc105", .layout = layout
	};
	struct xkb_keymap *xkb =
		xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	struct keymap *m;

	assert_int_equal(keymap_create(&m, xkb), 0);
	xkb_keymap_unref(xkb);
	xkb_context_unref(context);
	input_set_keymap(&in, m);
}

static int setup(void **state)
{
	const uint8_t spares[] = { 250, 251 };

	(void)state;
	input_init(&in, &sink, NULL);
	use_layout("us");
	spares_renew(&in.spares, spares, 2);
	in.width_px = 1920;
	in.height_px = 1080;
	a = b = (struct input_holder){ 0 };
	written[0] = '\0';
	memset(down, 0, sizeof(down));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	input_finish(&in);
	return 0;
}

static int key(struct input_holder *h, uint16_t evdev, uint32_t keysym, bool is_down)
{
	const struct wire_key k = { .evdev = evdev, .keysym = keysym, .down = is_down };

	return input_key(&in, h, &k, 1000);
}

static void expect(const char *what)
{
	assert_string_equal(written, what);
	written[0] = '\0';
}

static void test_key_down_and_up(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 30, 'a', true), 0);
	expect("+38 ");
	assert_int_equal(key(&a, 30, 'a', false), 0);
	expect("-38 ");
	assert_int_equal(key(&a, 30, 'a', false), 0); /* twice: nothing */
	expect("");
}

/* The key that was pressed is released, whatever its keysym has become meanwhile. */
static void test_release_follows_the_key(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 30, 'A', true), 0);
	expect("+50 +38 -50 ");
	assert_int_equal(key(&a, 30, 'q', false), 0);
	expect("-38 ");
}

static void test_shift_held_but_not_wanted(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 42, XKB_KEY_Shift_L, true), 0);
	expect("+50 ");
	assert_int_equal(key(&a, 8, '7', true), 0);
	expect("-50 +16 +50 ");
	assert_int_equal(key(&a, 8, '7', false), 0);
	assert_int_equal(key(&a, 42, XKB_KEY_Shift_L, false), 0);
	expect("-16 -50 ");
}

static void test_repeat_is_the_clients(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 30, 'a', true), 0);
	assert_int_equal(key(&a, 30, 'a', true), 0);
	expect("+38 -38 +38 ");
	assert_int_equal(key(&a, 42, XKB_KEY_Shift_L, true), 0);
	assert_int_equal(key(&a, 42, XKB_KEY_Shift_L, true), 0);
	expect("+50 ");
}

static void test_spare(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, true), 0);
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, false), 0);
	expect("bind250=e4 +250 -250 ");
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, true), 0);
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, false), 0);
	expect("+250 -250 ");
}

/* Programs capitalise a key that has one case alone by Caps Lock. */
static void test_spare_in_both_cases(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 30, XKB_KEY_Adiaeresis, true), 0);
	assert_int_equal(key(&a, 30, XKB_KEY_Adiaeresis, false), 0);
	expect("bind250=e4 +50 +250 -50 -250 ");
	in.locked = 2; /* Lock */
	assert_int_equal(key(&a, 30, XKB_KEY_Adiaeresis, true), 0);
	assert_int_equal(key(&a, 30, XKB_KEY_Adiaeresis, false), 0);
	expect("+250 -250 ");
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, true), 0);
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, false), 0);
	expect("+50 +250 -50 -250 ");
	in.locked = 0;
}

static void test_spares_exhausted(void **state)
{
	size_t done = 0;
	const uint8_t text[] = "\xc3\xa4\xc3\xb6\xc3\xbcx";

	(void)state;
	assert_int_equal(input_text(&in, text, 7, &done, 1000), -EAGAIN);
	assert_int_equal(done, 4);
	expect("bind250=e4 +250 -250 bind251=f6 +251 -251 ");
	assert_int_equal(input_text(&in, text, 7, &done, 1000 + SPARES_REST_MS), 0);
	assert_int_equal(done, 7);
	expect("bind250=fc +250 -250 +53 -53 ");
	assert_int_equal(key(&a, 30, XKB_KEY_adiaeresis, true), -EAGAIN);
	expect("");
}

static void test_shortcuts_use_the_place(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 29, XKB_KEY_Control_L, true), 0);
	assert_int_equal(key(&a, 46, XKB_KEY_Cyrillic_es, true), 0);
	expect("+37 +54 ");
}

/* grp:caps_toggle, grp:menu_toggle, grp:lwin_toggle and the like of the laptop. */
static void test_states_that_only_the_laptop_knows(void **state)
{
	static const uint32_t keysyms[] = { XKB_KEY_ISO_Next_Group, XKB_KEY_ISO_Prev_Group,
		XKB_KEY_ISO_First_Group, XKB_KEY_ISO_Last_Group, XKB_KEY_ISO_Next_Group_Lock,
		XKB_KEY_ISO_Level5_Lock, XKB_KEY_ISO_Level5_Latch, XKB_KEY_ISO_Level3_Lock,
		XKB_KEY_ISO_Level2_Latch };
	static const uint16_t places[] = { 58, 127, 125, 97, 54 }; /* caps, menu, super, ... */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keysyms); i++)
		for (size_t j = 0; j < ARRAY_LEN(places); j++) {
			assert_int_equal(key(&a, places[j], keysyms[i], true), 0);
			assert_int_equal(key(&a, places[j], keysyms[i], false), 0);
		}
	expect("");
	/* The right Alt is AltGr here: the left one is the same modifier. */
	use_layout("de");
	assert_int_equal(key(&a, 100, XKB_KEY_Alt_R, true), 0);
	assert_int_equal(key(&a, 100, XKB_KEY_Alt_R, false), 0);
	expect("+64 -64 ");
}

static void test_physical(void **state)
{
	const struct wire_key k = { .evdev = 16, .keysym = 'x', .down = true, .physical = true };
	const struct wire_key far = { .evdev = 700, .down = true, .physical = true };
	const struct wire_key none = { .down = true };

	(void)state;
	assert_int_equal(input_key(&in, &a, &k, 0), 0);
	expect("+24 ");
	assert_int_equal(input_key(&in, &a, &far, 0), 0); /* beyond X's 255 keycodes */
	assert_int_equal(input_key(&in, &a, &none, 0), 0);
	expect("");
}

static void test_dangerous_keysyms(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 0, 0xfed5, true), 0); /* Terminate_Server */
	assert_int_equal(key(&a, 0, 0x1fffffff + 1U, true), 0);
	expect("");
}

static void test_two_holders(void **state)
{
	(void)state;
	assert_int_equal(key(&a, 30, 'a', true), 0);
	assert_int_equal(key(&b, 30, 'a', true), 0);
	expect("+38 -38 +38 ");
	input_release_all(&in, &a);
	expect("");
	input_release_all(&in, &b);
	expect("-38 ");
	assert_int_equal(key(&a, 42, XKB_KEY_Shift_L, true), 0);
	assert_int_equal(key(&b, 42, XKB_KEY_Shift_L, true), 0);
	expect("+50 ");
	input_release_all(&in, &b);
	expect("");
	input_release_all(&in, &a);
	expect("-50 ");
}

/* More keys than a hand has fingers: dropped, and none is left down. */
static void test_too_many_keys(void **state)
{
	(void)state;
	for (uint16_t evdev = 1; evdev < 248; evdev++) {
		const struct wire_key k = { .evdev = evdev, .down = true, .physical = true };
		assert_int_equal(input_key(&in, &a, &k, 0), 0);
	}
	int held = 0;
	for (int i = 0; i < KEYMAP_KEYCODES; i++)
		held += down[i];
	assert_int_equal(held, INPUT_KEYS_MAX);
	input_release_all(&in, &a);
	for (int i = 0; i < KEYMAP_KEYCODES; i++)
		assert_false(down[i]);
}

static void test_random_input_leaves_nothing(void **state)
{
	(void)state;
	srand(3);
	for (int i = 0; i < 20000; i++) {
		struct input_holder *h = rand() % 2 ? &a : &b;
		const struct wire_key k = { .evdev = (uint16_t)(rand() % 300),
			.keysym = (uint32_t)rand() % 0x500,
			.down = rand() % 3 != 0,
			.physical = rand() % 4 == 0 };
		const struct wire_button button = { .button = (uint8_t)(rand() % 256),
			.down = rand() % 2 };
		written[0] = '\0';
		if (input_key(&in, h, &k, (uint64_t)i * 50) < 0)
			continue;
		input_button(&in, h, &button);
	}
	input_release_all(&in, &a);
	input_release_all(&in, &b);
	for (int i = 0; i < KEYMAP_KEYCODES; i++) {
		assert_false(down[i]);
		assert_int_equal(in.held[i], 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(in.buttons); i++)
		assert_int_equal(in.buttons[i], 0);
}

static void test_pointer_is_clipped(void **state)
{
	(void)state;
	input_pointer(&in, &(struct wire_pointer){ .x_px = 5, .y_px = 6 });
	input_pointer(&in, &(struct wire_pointer){ .x_px = 1920, .y_px = 1080 });
	input_pointer(&in, &(struct wire_pointer){ .x_px = 65535, .y_px = 65535 });
	expect("@5,6 @1919,1079 @1919,1079 ");
	in.width_px = 0;
	input_pointer(&in, &(struct wire_pointer){ .x_px = 5, .y_px = 6 });
	expect("");
}

static void test_buttons(void **state)
{
	(void)state;
	for (int button = 0; button < 256; button++) {
		input_button(
			&in, &a, &(struct wire_button){ .button = (uint8_t)button, .down = true });
		input_button(
			&in, &a, &(struct wire_button){ .button = (uint8_t)button, .down = true });
	}
	expect("b+1 b+2 b+3 b+8 b+9 ");
	input_release_all(&in, &a);
	expect("b-1 b-2 b-3 b-8 b-9 ");
}

static void test_wheel(void **state)
{
	(void)state;
	input_wheel(&in, &a, &(struct wire_wheel){ .dy = 120 });
	input_wheel(&in, &a, &(struct wire_wheel){ .dy = -120, .dx = 240 });
	expect("b+5 b-5 b+7 b-7 b+7 b-7 b+4 b-4 ");
	input_wheel(&in, &a, &(struct wire_wheel){ .dy = 32767 });
	assert_int_equal(strlen(written), 32 * strlen("b+5 b-5 "));
}

/* A display that can nothing beside keys, buttons and places. */
static void test_display_without(void **state)
{
	static const struct input_sink poor = {
		.key = sink_key, .button = sink_button, .motion = sink_motion
	};
	const struct wire_pointer_by by = { .dx_px = 5 };
	const struct wire_wheel wheel = { .dy = WHEEL_NOTCH };

	(void)state;
	in.sink = &poor;
	assert_int_equal(key(&a, 0, XKB_KEY_Cyrillic_a, true), 0); /* nowhere on this layout */
	input_pointer_by(&in, &by);
	expect("");
	input_wheel(&in, &a, &wheel);
	expect("b+5 b-5 ");
}

static void test_fine_wheel(void **state)
{
	struct input_sink fine = sink;
	const struct wire_wheel wheel = { .dx = -3, .dy = 30 };

	(void)state;
	fine.can |= INPUT_CAN_FINE_WHEEL;
	fine.wheel = sink_wheel;
	in.sink = &fine;
	input_wheel(&in, &a, &wheel);
	expect("w-3,30 ");
	in.sink = &sink;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key_down_and_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_release_follows_the_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shift_held_but_not_wanted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repeat_is_the_clients, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spare, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spare_in_both_cases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spares_exhausted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shortcuts_use_the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_states_that_only_the_laptop_knows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_physical, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dangerous_keysyms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_holders, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_input_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pointer_is_clipped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_buttons, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wheel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_display_without, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fine_wheel, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
