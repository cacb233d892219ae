#include "server/agent/keymap.h"

#include <errno.h>
#include <xkbcommon/xkbcommon-keysyms.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEYCODE_9      18
#define KEYCODE_Q      24
#define KEYCODE_E      26
#define KEYCODE_A      38
#define KEYCODE_LSHIFT 50
#define KEYCODE_CAPS   66
#define KEYCODE_RALT   108

static struct keymap *make(const char *layout)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	const struct xkb_rule_names names = {
		.rules = "evdev", .model = "pc105", .layout = layout
	};
	struct xkb_keymap *xkb =
		xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	struct keymap *m;

	assert_non_null(xkb);
	assert_int_equal(keymap_create(&m, xkb), 0);
	xkb_keymap_unref(xkb);
	xkb_context_unref(context);
	return m;
}

static void test_direct(void **state)
{
	const struct keymap_state rest = { 0 };
	struct keymap *m = make("us");
	struct keymap_hit hit;

	(void)state;
	assert_int_equal(keymap_find(m, 'a', 0, &rest, &hit), 0);
	assert_int_equal(hit.keycode, KEYCODE_A);
	assert_int_equal(hit.press | hit.release | hit.group, 0);
	keymap_destroy(m);
}

static void test_shift_is_pressed_or_let_go(void **state)
{
	struct keymap *m = make("us");
	uint32_t shift = keymap_held_by(m, KEYCODE_LSHIFT);
	struct keymap_state now = { 0 };
	struct keymap_hit hit;

	(void)state;
	assert_int_not_equal(shift, 0);
	assert_int_equal(keymap_find(m, 'A', 0, &now, &hit), 0);
	assert_int_equal(hit.press, shift);
	now.held = shift;
	assert_int_equal(keymap_find(m, 'A', 0, &now, &hit), 0);
	assert_int_equal(hit.press | hit.release, 0);
	assert_int_equal(keymap_find(m, '7', 0, &now, &hit), 0);
	assert_int_equal(hit.release, shift);
	assert_int_equal(keymap_key_for(m, shift), KEYCODE_LSHIFT);
	keymap_destroy(m);
}

static void test_caps_lock(void **state)
{
	struct keymap *m = make("us");
	uint32_t shift = keymap_held_by(m, KEYCODE_LSHIFT);
	struct keymap_state now = { .locked = keymap_held_by(m, KEYCODE_CAPS) };
	struct keymap_hit hit;

	(void)state;
	assert_int_equal(keymap_find(m, 'A', 0, &now, &hit), 0);
	assert_int_equal(hit.press | hit.release, 0);
	assert_int_equal(keymap_find(m, 'a', 0, &now, &hit), 0);
	assert_int_equal(hit.press, shift);
	keymap_destroy(m);
}

static void test_shortcuts_know_no_caps_lock(void **state)
{
	struct keymap *m = make("us");
	uint32_t shift = keymap_held_by(m, KEYCODE_LSHIFT);
	uint32_t lock = keymap_held_by(m, KEYCODE_CAPS);
	static const uint8_t holding[] = { 37, 64, 133 }; /* Control_L, Alt_L, Super_L */
	struct keymap_hit hit;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(holding); i++)
		for (int each = 0; each < 8; each++) {
			struct keymap_state now = { .held = keymap_held_by(m, holding[i]),
				.locked = each & 1 ? lock : 0 };
			uint32_t keysym = each & 2 ? 'A' : 'a'; /* Caps Lock is on there */
			if (each & 4)
				now.held |= shift;
			assert_int_equal(keymap_find(m, keysym, KEYCODE_A, &now, &hit), 0);
			assert_int_equal(hit.keycode, KEYCODE_A);
			assert_int_equal(hit.press | hit.release, 0);
		}
	/* Chosen by name, as by farseat key ctrl+A. */
	struct keymap_state now = { .held = keymap_held_by(m, 37), .locked = lock };
	assert_int_equal(keymap_find(m, 'A', 0, &now, &hit), 0);
	assert_int_equal(hit.press, shift);
	assert_int_equal(keymap_find(m, 'a', 0, &now, &hit), 0);
	assert_int_equal(hit.press | hit.release, 0);
	keymap_destroy(m);
}

static void test_usual_keys_are_better(void **state)
{
	struct keymap *m = make("us");
	const struct keymap_state rest = { 0 };
	struct keymap_hit hit;

	(void)state;
	assert_int_equal(keymap_find(m, '(', 0, &rest, &hit), 0);
	assert_int_equal(hit.keycode, KEYCODE_9);
	assert_int_equal(keymap_find(m, ')', KEYCODE_9, &rest, &hit), 0);
	assert_int_equal(hit.keycode, KEYCODE_9 + 1);
	/* But the key itself is itself. */
	assert_int_equal(keymap_find(m, '(', 187, &rest, &hit), 0);
	assert_int_equal(hit.keycode, 187);
	keymap_destroy(m);
}

static void test_third_level(void **state)
{
	const struct keymap_state rest = { 0 };
	struct keymap *m = make("de");
	struct keymap_hit hit;

	(void)state;
	assert_int_equal(keymap_find(m, '@', 0, &rest, &hit), 0);
	assert_int_equal(hit.keycode, KEYCODE_Q);
	assert_int_equal(hit.press, keymap_held_by(m, KEYCODE_RALT));
	assert_int_equal(keymap_find(m, XKB_KEY_EuroSign, 0, &rest, &hit), 0);
	assert_int_equal(hit.keycode, KEYCODE_E);
	keymap_destroy(m);
}

static void test_groups(void **state)
{
	struct keymap_state now = { 0 };
	struct keymap *m = make("us,ru");
	struct keymap_hit hit;

	(void)state;
	assert_int_equal(keymap_find(m, XKB_KEY_Cyrillic_ya, 0, &now, &hit), 0);
	assert_int_equal(hit.group, 1);
	now.group = 1;
	assert_int_equal(keymap_find(m, 'a', 0, &now, &hit), 0);
	assert_int_equal(hit.group, 0);
	/* Keys that are the same in both do not change it. */
	assert_int_equal(keymap_find(m, XKB_KEY_Return, 0, &now, &hit), 0);
	assert_int_equal(hit.group, 1);
	assert_int_equal(keymap_find(m, XKB_KEY_F5, 0, &now, &hit), 0);
	assert_int_equal(hit.group, 1);
	keymap_destroy(m);
}

static void test_preferred_key_wins(void **state)
{
	const struct keymap_state rest = { 0 };
	struct keymap *m = make("us");
	struct keymap_hit hit;

	(void)state;
	assert_int_equal(keymap_find(m, XKB_KEY_Shift_L, KEYCODE_LSHIFT, &rest, &hit), 0);
	assert_int_equal(hit.keycode, KEYCODE_LSHIFT);
	assert_true(keymap_is_modifier(m, hit.keycode));
	assert_false(keymap_is_modifier(m, KEYCODE_A));
	assert_true(keymap_is_modifier(m, KEYCODE_CAPS));
	keymap_destroy(m);
}

static void test_missing(void **state)
{
	static const uint32_t missing[] = { XKB_KEY_adiaeresis, XKB_KEY_Cyrillic_ya, 0x0101f600, 0,
		0xffffffff };
	const struct keymap_state rest = { 0 };
	struct keymap *m = make("us");
	struct keymap_hit hit;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(missing); i++)
		assert_int_equal(keymap_find(m, missing[i], 0, &rest, &hit), -ENOENT);
	keymap_destroy(m);
}

static void test_spares_mean_nothing(void **state)
{
	const struct keymap_state rest = { 0 };
	struct keymap *m = make("us");
	struct keymap_hit hit;
	uint8_t spares[64];
	size_t count = keymap_spares(m, spares, ARRAY_LEN(spares));

	(void)state;
	assert_true(count > 4);
	for (uint32_t keysym = 0x20; keysym < 0x7f; keysym++) {
		assert_int_equal(keymap_find(m, keysym, 0, &rest, &hit), 0);
		for (size_t i = 0; i < count; i++)
			assert_int_not_equal(hit.keycode, spares[i]);
	}
	assert_int_equal(keymap_spares(m, spares, 2), 2);
	keymap_destroy(m);
}

/* What it answers is true, for all that a layout has, in every state: tried on a second model. */
static void test_answers_are_true(void **state)
{
	static const char *const layouts[] = { "us", "de", "fr", "ru", "us,ru", "ch", "cz", "es",
		"gr,us", "il", "jp" };

	(void)state;
	for (size_t l = 0; l < ARRAY_LEN(layouts); l++) {
		struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
		const struct xkb_rule_names names = {
			.rules = "evdev", .model = "pc105", .layout = layouts[l]
		};
		struct xkb_keymap *xkb =
			xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
		struct xkb_state *model = xkb_state_new(xkb);
		struct keymap *m = make(layouts[l]);
		uint32_t shift = keymap_held_by(m, KEYCODE_LSHIFT);
		unsigned found = 0;
		for (uint32_t keysym = 0x20; keysym < 0x2100; keysym++)
			for (int bits = 0; bits < 4; bits++) {
				struct keymap_state now = { .held = bits & 1 ? shift : 0,
					.group = bits & 2 ? 1 : 0 };
				struct keymap_hit hit;
				if (keymap_find(m, keysym, 0, &now, &hit) < 0)
					continue;
				found++;
				xkb_state_update_mask(model, (now.held | hit.press) & ~hit.release,
					0, 0, 0, 0, hit.group);
				assert_int_equal(
					xkb_state_key_get_one_sym(model, hit.keycode), keysym);
			}
		assert_true(found > 100);
		keymap_destroy(m);
		xkb_state_unref(model);
		xkb_keymap_unref(xkb);
		xkb_context_unref(context);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_shift_is_pressed_or_let_go),
		cmocka_unit_test(test_caps_lock),
		cmocka_unit_test(test_shortcuts_know_no_caps_lock),
		cmocka_unit_test(test_usual_keys_are_better),
		cmocka_unit_test(test_third_level),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_preferred_key_wins),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_spares_mean_nothing),
		cmocka_unit_test(test_answers_are_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
