#include "client/window/keys.h"

#include <SDL_scancode.h>
#include <linux/input-event-codes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include <cmocka.h>

#include <errno.h>

static void assert_chord(const char *text, int count, ...)
{
	uint32_t keysyms[KEYS_CHORD_MAX];
	const char *bad;
	va_list expected;

	assert_int_equal(keys_parse_chord(text, keysyms, &bad), count);
	va_start(expected, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(keysyms[i], va_arg(expected, unsigned));
	va_end(expected);
}

static void test_chords(void **state)
{
	(void)state;
	assert_chord("a", 1, XKB_KEY_a);
	assert_chord("A", 1, XKB_KEY_A);
	assert_chord("ctrl+alt+t", 3, XKB_KEY_Control_L, XKB_KEY_Alt_L, XKB_KEY_t);
	assert_chord("Ctrl+Alt+Delete", 3, XKB_KEY_Control_L, XKB_KEY_Alt_L, XKB_KEY_Delete);
	assert_chord("super+Return", 2, XKB_KEY_Super_L, XKB_KEY_Return);
	assert_chord("return", 1, XKB_KEY_Return); /* lower case of X's name */
	assert_chord("Page_Up", 1, XKB_KEY_Page_Up);
	assert_chord("F5", 1, XKB_KEY_F5);
	assert_chord("altgr+e", 2, XKB_KEY_ISO_Level3_Shift, XKB_KEY_e);
	assert_chord("KP_Enter", 1, XKB_KEY_KP_Enter);
	assert_chord("+", 1, XKB_KEY_plus);
	assert_chord("ctrl++", 2, XKB_KEY_Control_L, XKB_KEY_plus);
	assert_chord("\xc3\xb1", 1, XKB_KEY_ntilde);
	assert_chord("\xd0\x96", 1, XKB_KEY_Cyrillic_ZHE);
}

static void test_bad_chords(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "ctrl+", "+a", "ctrl+nosuchkey", "ctrl alt t", " ",
		"a+b+c+d+e+f+g+h+i", "\xff", "\xc3",
		"NoSymbolAtAllWithAVeryLongNameThatDoesNotFitIntoAnythingWeHaveHereForNames" };
	uint32_t keysyms[KEYS_CHORD_MAX];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		const char *bad = NULL;
		assert_int_equal(keys_parse_chord(wrong[i], keysyms, &bad), -EINVAL);
		assert_non_null(bad);
		assert_true(bad >= wrong[i] && bad <= wrong[i] + strlen(wrong[i]));
	}
}

static void test_evdev(void **state)
{
	(void)state;
	assert_int_equal(keys_evdev(SDL_SCANCODE_A), KEY_A);
	assert_int_equal(keys_evdev(SDL_SCANCODE_NONUSBACKSLASH), KEY_102ND);
	assert_int_equal(keys_evdev(SDL_SCANCODE_RALT), KEY_RIGHTALT);
	assert_int_equal(keys_evdev(SDL_SCANCODE_KP_ENTER), KEY_KPENTER);
	assert_int_equal(keys_evdev(SDL_SCANCODE_UNKNOWN), 0);
	assert_int_equal(keys_evdev(SDL_NUM_SCANCODES), 0);
	assert_int_equal(keys_evdev(UINT32_MAX), 0);
	/* A keyboard's block is whole. */
	for (unsigned s = SDL_SCANCODE_A; s <= SDL_SCANCODE_NONUSBACKSLASH; s++)
		assert_int_not_equal(keys_evdev(s), 0);
}

static void test_shortcut_letters(void **state)
{
	(void)state;
	assert_int_equal(keys_shortcut_letter(KEY_M, 'm'), 'm');
	assert_int_equal(keys_shortcut_letter(KEY_M, 'M'), 'm');         /* Caps Lock */
	assert_int_equal(keys_shortcut_letter(KEY_SEMICOLON, 'm'), 'm'); /* French */
	assert_int_equal(keys_shortcut_letter(KEY_M, ','), 0);
	assert_int_equal(keys_shortcut_letter(KEY_M, XKB_KEY_Cyrillic_softsign), 'm');
	assert_int_equal(keys_shortcut_letter(KEY_G, XKB_KEY_Greek_gamma), 'g');
	assert_int_equal(keys_shortcut_letter(KEY_G, 0x10005d2), 'g'); /* Hebrew */
	assert_int_equal(keys_shortcut_letter(KEY_G, 0), 'g');
	assert_int_equal(keys_shortcut_letter(0, XKB_KEY_Cyrillic_softsign), 0);
	assert_int_equal(keys_shortcut_letter(KEY_F1, XKB_KEY_F1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chords),
		cmocka_unit_test(test_bad_chords),
		cmocka_unit_test(test_evdev),
		cmocka_unit_test(test_shortcut_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
