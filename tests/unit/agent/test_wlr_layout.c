#include "server/agent/keymap.h"
#include "server/agent/spares.h"
#include "server/agent/wlr/layout.h"

#include <xkbcommon/xkbcommon-keysyms.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEYCODE_Q 24
#define ROOM      12

static struct xkb_context *context;

static struct xkb_keymap *make(const char *layout)
{
	const struct xkb_rule_names names = {
		.rules = "evdev", .model = "pc105", .layout = layout
	};
	struct xkb_keymap *keymap =
		xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);

	assert_non_null(keymap);
	return keymap;
}

static size_t spares_of(struct xkb_keymap *xkb, uint8_t *out, size_t max)
{
	struct keymap *keymap;

	assert_int_equal(keymap_create(&keymap, xkb), 0);
	size_t count = keymap_spares(keymap, out, max);
	keymap_destroy(keymap);
	return count;
}

static uint32_t keysym_at(struct xkb_keymap *keymap, uint8_t keycode, unsigned level)
{
	const xkb_keysym_t *keysyms;
	int n = xkb_keymap_key_get_syms_by_level(keymap, keycode, 0, level, &keysyms);

	return n == 1 ? keysyms[0] : XKB_KEY_NoSymbol;
}

static struct xkb_keymap *with_more(
	struct xkb_keymap *base, const struct wlr_layout_more *more, size_t count)
{
	char *text = wlr_layout_text(base, more, count);

	assert_non_null(text);
	struct xkb_keymap *keymap = xkb_keymap_new_from_string(
		context, text, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	free(text);
	assert_non_null(keymap);
	return keymap;
}

/* Layouts leave enough keycodes for a row of other letters to be typed without a wait. */
static void test_room(void **state)
{
	static const char *const layouts[] = { "us", "de", "fr", "ru", "gr,us", "jp",
		"us,de,fr,ru" };
	uint8_t spares[SPARES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct xkb_keymap *base = make(layouts[i]);
		assert_true(spares_of(base, spares, SPARES_MAX) >= ROOM);
		xkb_keymap_unref(base);
	}
}

static void test_more(void **state)
{
	struct xkb_keymap *base = make("us");
	uint8_t spares[SPARES_MAX];
	size_t count = spares_of(base, spares, SPARES_MAX);

	(void)state;
	assert_true(count >= 3);
	const struct wlr_layout_more more[] = {
		{ spares[0], XKB_KEY_EuroSign, XKB_KEY_EuroSign },
		{ spares[1], XKB_KEY_Cyrillic_ya, XKB_KEY_Cyrillic_YA },
		{ spares[2], 0x1000000 | 0x1f600, 0x1000000 | 0x1f600 },
	};
	struct xkb_keymap *keymap = with_more(base, more, 3);
	assert_int_equal(keysym_at(keymap, spares[0], 0), XKB_KEY_EuroSign);
	assert_int_equal(xkb_keymap_num_levels_for_key(keymap, spares[0], 0), 1);
	assert_int_equal(keysym_at(keymap, spares[1], 0), XKB_KEY_Cyrillic_ya);
	assert_int_equal(keysym_at(keymap, spares[1], 1), XKB_KEY_Cyrillic_YA);
	assert_int_equal(keysym_at(keymap, spares[2], 0), 0x1000000 | 0x1f600);
	assert_int_equal(keysym_at(keymap, KEYCODE_Q, 0), XKB_KEY_q);
	assert_int_equal(keysym_at(keymap, KEYCODE_Q, 1), XKB_KEY_Q);
	xkb_keymap_unref(keymap);
	xkb_keymap_unref(base);
}

/* Every keycode that may be lent, at once, with the longest name of a keysym that is known. */
static void test_all(void **state)
{
	struct xkb_keymap *base = make("de");
	uint8_t spares[SPARES_MAX];
	struct wlr_layout_more more[SPARES_MAX];
	size_t count = spares_of(base, spares, SPARES_MAX);

	(void)state;
	for (size_t i = 0; i < count; i++)
		more[i] = (struct wlr_layout_more){ spares[i], XKB_KEY_Greek_upsilonaccentdieresis,
			XKB_KEY_Greek_iotaaccentdieresis };
	struct xkb_keymap *keymap = with_more(base, more, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(
			keysym_at(keymap, spares[i], 0), XKB_KEY_Greek_upsilonaccentdieresis);
		assert_int_equal(keysym_at(keymap, spares[i], 1), XKB_KEY_Greek_iotaaccentdieresis);
	}
	xkb_keymap_unref(keymap);
	xkb_keymap_unref(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_all),
	};

	context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xkb_context_unref(context);
	return failed;
}
