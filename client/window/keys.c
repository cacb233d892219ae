#include "client/window/keys.h"

#include "common/base/utf8.h"

#include <SDL_scancode.h>
#include <errno.h>
#include <linux/input-event-codes.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

/* USB usage (SDL) to evdev: HID Usage Tables, 10; the kernel's hid_keyboard in
 * drivers/hid/hid-input.c says the same. */
static const uint16_t evdev_of[SDL_NUM_SCANCODES] = {
	[SDL_SCANCODE_A] = KEY_A,
	[SDL_SCANCODE_B] = KEY_B,
	[SDL_SCANCODE_C] = KEY_C,
	[SDL_SCANCODE_D] = KEY_D,
	[SDL_SCANCODE_E] = KEY_E,
	[SDL_SCANCODE_F] = KEY_F,
	[SDL_SCANCODE_G] = KEY_G,
	[SDL_SCANCODE_H] = KEY_H,
	[SDL_SCANCODE_I] = KEY_I,
	[SDL_SCANCODE_J] = KEY_J,
	[SDL_SCANCODE_K] = KEY_K,
	[SDL_SCANCODE_L] = KEY_L,
	[SDL_SCANCODE_M] = KEY_M,
	[SDL_SCANCODE_N] = KEY_N,
	[SDL_SCANCODE_O] = KEY_O,
	[SDL_SCANCODE_P] = KEY_P,
	[SDL_SCANCODE_Q] = KEY_Q,
	[SDL_SCANCODE_R] = KEY_R,
	[SDL_SCANCODE_S] = KEY_S,
	[SDL_SCANCODE_T] = KEY_T,
	[SDL_SCANCODE_U] = KEY_U,
	[SDL_SCANCODE_V] = KEY_V,
	[SDL_SCANCODE_W] = KEY_W,
	[SDL_SCANCODE_X] = KEY_X,
	[SDL_SCANCODE_Y] = KEY_Y,
	[SDL_SCANCODE_Z] = KEY_Z,
	[SDL_SCANCODE_1] = KEY_1,
	[SDL_SCANCODE_2] = KEY_2,
	[SDL_SCANCODE_3] = KEY_3,
	[SDL_SCANCODE_4] = KEY_4,
	[SDL_SCANCODE_5] = KEY_5,
	[SDL_SCANCODE_6] = KEY_6,
	[SDL_SCANCODE_7] = KEY_7,
	[SDL_SCANCODE_8] = KEY_8,
	[SDL_SCANCODE_9] = KEY_9,
	[SDL_SCANCODE_0] = KEY_0,
	[SDL_SCANCODE_RETURN] = KEY_ENTER,
	[SDL_SCANCODE_ESCAPE] = KEY_ESC,
	[SDL_SCANCODE_BACKSPACE] = KEY_BACKSPACE,
	[SDL_SCANCODE_TAB] = KEY_TAB,
	[SDL_SCANCODE_SPACE] = KEY_SPACE,
	[SDL_SCANCODE_MINUS] = KEY_MINUS,
	[SDL_SCANCODE_EQUALS] = KEY_EQUAL,
	[SDL_SCANCODE_LEFTBRACKET] = KEY_LEFTBRACE,
	[SDL_SCANCODE_RIGHTBRACKET] = KEY_RIGHTBRACE,
	[SDL_SCANCODE_BACKSLASH] = KEY_BACKSLASH,
	[SDL_SCANCODE_NONUSHASH] = KEY_BACKSLASH,
	[SDL_SCANCODE_SEMICOLON] = KEY_SEMICOLON,
	[SDL_SCANCODE_APOSTROPHE] = KEY_APOSTROPHE,
	[SDL_SCANCODE_GRAVE] = KEY_GRAVE,
	[SDL_SCANCODE_COMMA] = KEY_COMMA,
	[SDL_SCANCODE_PERIOD] = KEY_DOT,
	[SDL_SCANCODE_SLASH] = KEY_SLASH,
	[SDL_SCANCODE_CAPSLOCK] = KEY_CAPSLOCK,
	[SDL_SCANCODE_F1] = KEY_F1,
	[SDL_SCANCODE_F2] = KEY_F2,
	[SDL_SCANCODE_F3] = KEY_F3,
	[SDL_SCANCODE_F4] = KEY_F4,
	[SDL_SCANCODE_F5] = KEY_F5,
	[SDL_SCANCODE_F6] = KEY_F6,
	[SDL_SCANCODE_F7] = KEY_F7,
	[SDL_SCANCODE_F8] = KEY_F8,
	[SDL_SCANCODE_F9] = KEY_F9,
	[SDL_SCANCODE_F10] = KEY_F10,
	[SDL_SCANCODE_F11] = KEY_F11,
	[SDL_SCANCODE_F12] = KEY_F12,
	[SDL_SCANCODE_F13] = KEY_F13,
	[SDL_SCANCODE_F14] = KEY_F14,
	[SDL_SCANCODE_F15] = KEY_F15,
	[SDL_SCANCODE_F16] = KEY_F16,
	[SDL_SCANCODE_F17] = KEY_F17,
	[SDL_SCANCODE_F18] = KEY_F18,
	[SDL_SCANCODE_F19] = KEY_F19,
	[SDL_SCANCODE_F20] = KEY_F20,
	[SDL_SCANCODE_F21] = KEY_F21,
	[SDL_SCANCODE_F22] = KEY_F22,
	[SDL_SCANCODE_F23] = KEY_F23,
	[SDL_SCANCODE_F24] = KEY_F24,
	[SDL_SCANCODE_PRINTSCREEN] = KEY_SYSRQ,
	[SDL_SCANCODE_SCROLLLOCK] = KEY_SCROLLLOCK,
	[SDL_SCANCODE_PAUSE] = KEY_PAUSE,
	[SDL_SCANCODE_INSERT] = KEY_INSERT,
	[SDL_SCANCODE_HOME] = KEY_HOME,
	[SDL_SCANCODE_PAGEUP] = KEY_PAGEUP,
	[SDL_SCANCODE_DELETE] = KEY_DELETE,
	[SDL_SCANCODE_END] = KEY_END,
	[SDL_SCANCODE_PAGEDOWN] = KEY_PAGEDOWN,
	[SDL_SCANCODE_RIGHT] = KEY_RIGHT,
	[SDL_SCANCODE_LEFT] = KEY_LEFT,
	[SDL_SCANCODE_DOWN] = KEY_DOWN,
	[SDL_SCANCODE_UP] = KEY_UP,
	[SDL_SCANCODE_NUMLOCKCLEAR] = KEY_NUMLOCK,
	[SDL_SCANCODE_KP_DIVIDE] = KEY_KPSLASH,
	[SDL_SCANCODE_KP_MULTIPLY] = KEY_KPASTERISK,
	[SDL_SCANCODE_KP_MINUS] = KEY_KPMINUS,
	[SDL_SCANCODE_KP_PLUS] = KEY_KPPLUS,
	[SDL_SCANCODE_KP_ENTER] = KEY_KPENTER,
	[SDL_SCANCODE_KP_1] = KEY_KP1,
	[SDL_SCANCODE_KP_2] = KEY_KP2,
	[SDL_SCANCODE_KP_3] = KEY_KP3,
	[SDL_SCANCODE_KP_4] = KEY_KP4,
	[SDL_SCANCODE_KP_5] = KEY_KP5,
	[SDL_SCANCODE_KP_6] = KEY_KP6,
	[SDL_SCANCODE_KP_7] = KEY_KP7,
	[SDL_SCANCODE_KP_8] = KEY_KP8,
	[SDL_SCANCODE_KP_9] = KEY_KP9,
	[SDL_SCANCODE_KP_0] = KEY_KP0,
	[SDL_SCANCODE_KP_PERIOD] = KEY_KPDOT,
	[SDL_SCANCODE_KP_EQUALS] = KEY_KPEQUAL,
	[SDL_SCANCODE_KP_COMMA] = KEY_KPCOMMA,
	[SDL_SCANCODE_NONUSBACKSLASH] = KEY_102ND,
	[SDL_SCANCODE_APPLICATION] = KEY_COMPOSE,
	[SDL_SCANCODE_POWER] = KEY_POWER,
	[SDL_SCANCODE_HELP] = KEY_HELP,
	[SDL_SCANCODE_MENU] = KEY_MENU,
	[SDL_SCANCODE_STOP] = KEY_STOP,
	[SDL_SCANCODE_AGAIN] = KEY_AGAIN,
	[SDL_SCANCODE_UNDO] = KEY_UNDO,
	[SDL_SCANCODE_CUT] = KEY_CUT,
	[SDL_SCANCODE_COPY] = KEY_COPY,
	[SDL_SCANCODE_PASTE] = KEY_PASTE,
	[SDL_SCANCODE_FIND] = KEY_FIND,
	[SDL_SCANCODE_MUTE] = KEY_MUTE,
	[SDL_SCANCODE_VOLUMEUP] = KEY_VOLUMEUP,
	[SDL_SCANCODE_VOLUMEDOWN] = KEY_VOLUMEDOWN,
	[SDL_SCANCODE_INTERNATIONAL1] = KEY_RO,
	[SDL_SCANCODE_INTERNATIONAL2] = KEY_KATAKANAHIRAGANA,
	[SDL_SCANCODE_INTERNATIONAL3] = KEY_YEN,
	[SDL_SCANCODE_INTERNATIONAL4] = KEY_HENKAN,
	[SDL_SCANCODE_INTERNATIONAL5] = KEY_MUHENKAN,
	[SDL_SCANCODE_LANG1] = KEY_HANGEUL,
	[SDL_SCANCODE_LANG2] = KEY_HANJA,
	[SDL_SCANCODE_LANG3] = KEY_KATAKANA,
	[SDL_SCANCODE_LANG4] = KEY_HIRAGANA,
	[SDL_SCANCODE_LCTRL] = KEY_LEFTCTRL,
	[SDL_SCANCODE_LSHIFT] = KEY_LEFTSHIFT,
	[SDL_SCANCODE_LALT] = KEY_LEFTALT,
	[SDL_SCANCODE_LGUI] = KEY_LEFTMETA,
	[SDL_SCANCODE_RCTRL] = KEY_RIGHTCTRL,
	[SDL_SCANCODE_RSHIFT] = KEY_RIGHTSHIFT,
	[SDL_SCANCODE_RALT] = KEY_RIGHTALT,
	[SDL_SCANCODE_RGUI] = KEY_RIGHTMETA,
	[SDL_SCANCODE_AUDIONEXT] = KEY_NEXTSONG,
	[SDL_SCANCODE_AUDIOPREV] = KEY_PREVIOUSSONG,
	[SDL_SCANCODE_AUDIOSTOP] = KEY_STOPCD,
	[SDL_SCANCODE_AUDIOPLAY] = KEY_PLAYPAUSE,
	[SDL_SCANCODE_CALCULATOR] = KEY_CALC,
	[SDL_SCANCODE_AC_SEARCH] = KEY_SEARCH,
	[SDL_SCANCODE_AC_HOME] = KEY_HOMEPAGE,
	[SDL_SCANCODE_AC_BACK] = KEY_BACK,
	[SDL_SCANCODE_AC_FORWARD] = KEY_FORWARD,
	[SDL_SCANCODE_AC_REFRESH] = KEY_REFRESH,
};

/* Names people use that X does not. */
static const struct alias {
	const char *name;
	uint32_t keysym;
} aliases[] = {
	{ "ctrl", XKB_KEY_Control_L },
	{ "control", XKB_KEY_Control_L },
	{ "alt", XKB_KEY_Alt_L },
	{ "shift", XKB_KEY_Shift_L },
	{ "super", XKB_KEY_Super_L },
	{ "win", XKB_KEY_Super_L },
	{ "meta", XKB_KEY_Super_L },
	{ "altgr", XKB_KEY_ISO_Level3_Shift },
	{ "enter", XKB_KEY_Return },
	{ "esc", XKB_KEY_Escape },
	{ "del", XKB_KEY_Delete },
	{ "ins", XKB_KEY_Insert },
	{ "backspace", XKB_KEY_BackSpace },
	{ "pgup", XKB_KEY_Page_Up },
	{ "pageup", XKB_KEY_Page_Up },
	{ "pgdn", XKB_KEY_Page_Down },
	{ "pagedown", XKB_KEY_Page_Down },
	{ "printscreen", XKB_KEY_Print },
	{ "capslock", XKB_KEY_Caps_Lock },
	{ "numlock", XKB_KEY_Num_Lock },
};

uint16_t keys_evdev(unsigned sdl_scancode)
{
	return sdl_scancode < SDL_NUM_SCANCODES ? evdev_of[sdl_scancode] : 0;
}

bool keys_has_scancode(uint16_t evdev)
{
	for (unsigned scancode = 0; evdev != 0 && scancode < SDL_NUM_SCANCODES; scancode++)
		if (keys_evdev(scancode) == evdev)
			return true;
	return false;
}

char keys_shortcut_letter(uint16_t evdev, uint32_t keysym)
{
	uint32_t lower = xkb_keysym_to_lower(keysym);

	if (lower >= XKB_KEY_a && lower <= XKB_KEY_z)
		return (char)lower;
	/* Letters of other alphabets have both cases or none, and lie beyond Latin 1. */
	if (keysym != XKB_KEY_NoSymbol && keysym <= 0xff)
		return 0;
	for (unsigned s = SDL_SCANCODE_A; evdev && s <= SDL_SCANCODE_Z; s++)
		if (evdev_of[s] == evdev)
			return (char)('a' + (s - SDL_SCANCODE_A));
	return 0;
}

static uint32_t keysym_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (strcasecmp(name, aliases[i].name) == 0)
			return aliases[i].keysym;

	const char *end = name;
	uint32_t c = utf8_next(&end);
	if (c > ' ' && *end == '\0')
		return xkb_utf32_to_keysym(c);

	xkb_keysym_t exact = xkb_keysym_from_name(name, XKB_KEYSYM_NO_FLAGS);
	return exact != XKB_KEY_NoSymbol ? exact
					 : xkb_keysym_from_name(name, XKB_KEYSYM_CASE_INSENSITIVE);
}

int keys_parse_chord(const char *text, uint32_t keysyms[static KEYS_CHORD_MAX], const char **bad)
{
	int count = 0;
	const char *at = text;

	for (;;) {
		char part[64];
		size_t len = strcspn(at, "+");
		if (len == 0 && *at == '+' &&
			(at[1] == '+' || at[1] == '\0')) /* the plus key itself */
			len = 1;
		*bad = at;
		if (len == 0 || len >= sizeof(part) || count == KEYS_CHORD_MAX)
			return -EINVAL;
		memcpy(part, at, len);
		part[len] = '\0';
		keysyms[count] = keysym_of(part);
		if (keysyms[count] == XKB_KEY_NoSymbol)
			return -EINVAL;
		count++;
		at += len;
		if (*at == '\0')
			return count;
		at++; /* the '+' between */
	}
}
