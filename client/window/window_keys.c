/* Keys of the window: those of our own, and those for the session. */
#include "client/window/window_state.h"

#include "client/window/keys.h"
#include "common/base/utf8.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#define CARET_PX 20 /* about a line of text: an input method's list is below it */

/* Our own shortcuts; whether it was one. */
static bool shortcut(struct window *w, const SDL_Keysym *key, char letter)
{
	bool ctrl_alt = (key->mod & KMOD_CTRL) && (key->mod & KMOD_ALT) && !(key->mod & KMOD_SHIFT);

	if (!ctrl_alt || (key->sym != SDLK_RETURN && letter != 'm' && letter != 'g'))
		return false;
	/* The session has seen Ctrl and Alt go down. */
	controls_release_all(&w->controls);
	if (key->sym == SDLK_RETURN)
		window_do(w, WINDOW_FULLSCREEN);
	else if (letter == 'm')
		window_do(w, WINDOW_MENU);
	else
		window_do(w, WINDOW_GRAB);
	return true;
}

static bool is_modifier(SDL_Keycode key)
{
	return key == SDLK_UNKNOWN || (key >= SDLK_LCTRL && key <= SDLK_RGUI);
}

/* A press that our window uses itself; SDL's view of the key is enough for that. letter: as
 * keys_shortcut_letter says. */
static bool own_key(struct window *w, const SDL_Keysym *key, char letter)
{
	if (shortcut(w, key, letter))
		return true;
	if (w->menu_open) {
		window_menu_key(w, key->sym);
		return true;
	}
	if (window_session_open(w)) {
		if (w->controls.disabled && !is_modifier(key->sym))
			window_hint_view_only(w);
		return false;
	}
	window_card_key(w, key->sym);
	return true;
}

/* Where the window system does not give the raw key: the keysym of the character that SDL made of
 * it, if that event is there already. */
static uint32_t keysym_by_sdl(const SDL_Keysym *key, bool *text_taken)
{
	SDL_Event next;

	*text_taken = false;
	if (SDL_PeepEvents(&next, 1, SDL_PEEKEVENT, SDL_TEXTINPUT, SDL_TEXTINPUT) == 1) {
		const char *at = next.text.text;
		uint32_t c = utf8_next(&at);
		if (c && *at == '\0') {
			*text_taken = true;
			return xkb_utf32_to_keysym(c);
		}
	}
	if (key->sym > 0 && key->sym < 0x110000 && !(key->sym & SDLK_SCANCODE_MASK) &&
		key->sym >= ' ' && key->sym != SDLK_DELETE)
		return xkb_utf32_to_keysym((uint32_t)key->sym);
	return 0; /* the physical key says all: modifiers, function keys, arrows */
}

void window_align_locks(struct window *w)
{
	SDL_Keymod mod = SDL_GetModState();
	uint8_t here = (uint8_t)((mod & KMOD_CAPS ? WIRE_LED_CAPS : 0) |
				 (mod & KMOD_NUM ? WIRE_LED_NUM : 0));

	if (!w->locks_due || !w->focused || !w->leds_known || !window_session_open(w))
		return;
	w->locks_due = false;
	controls_locks(&w->controls, here, w->leds);
}

void window_check_keys(struct window *w)
{
	struct window_x11_keyboard now;

	if (!controls_any_key(&w->controls) || !window_x11_keyboard(&w->x11, &now))
		return;
	/* What came beside the answer is older than it and goes first: Ctrl must not be up before
	 * the button that it was held for. */
	if (!window_x11_queued(&w->x11))
		controls_check(&w->controls, window_x11_is_down, &now);
}

void window_press_modifiers(struct window *w)
{
	static const uint16_t modifiers[] = { KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTSHIFT,
		KEY_RIGHTSHIFT, KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTMETA, KEY_RIGHTMETA };
	struct window_x11_keyboard now;

	if (!window_x11_keyboard(&w->x11, &now))
		return;
	for (size_t i = 0; i < ARRAY_LEN(modifiers); i++) {
		uint16_t evdev = modifiers[i];
		if (window_x11_is_down(&now, evdev) && !w->controls.pressed[evdev])
			controls_key(&w->controls, evdev, window_x11_keysym(&w->x11, evdev), true);
	}
}

void window_handle_sdl_key(struct window *w, const SDL_KeyboardEvent *e)
{
	bool down = e->type == SDL_KEYDOWN;
	bool text = false;

	if (w->x11.display)
		return; /* came as SDL_SYSWMEVENT, with more in it */
	uint16_t evdev = keys_evdev(e->keysym.scancode);
	uint32_t sym = (uint32_t)e->keysym.sym;
	char letter = keys_shortcut_letter(evdev, sym < 0x110000 ? xkb_utf32_to_keysym(sym) : 0);
	if (down && own_key(w, &e->keysym, letter))
		return;
	uint32_t keysym = down ? keysym_by_sdl(&e->keysym, &text) : 0;
	controls_key(&w->controls, evdev, keysym, down);
	if (down)
		w->text_of_key = text;
}

/* SDL shows us every key as X11 has it, but makes an SDL_KEYDOWN, which follows at once, only of those
 * that the input method did not take. */
static bool is_composed(const struct window *w, uint16_t evdev)
{
	SDL_Event next;

	if (!w->composes || !keys_has_scancode(evdev))
		return false;
	return SDL_PeepEvents(&next, 1, SDL_PEEKEVENT, SDL_FIRSTEVENT, SDL_LASTEVENT) != 1 ||
	       next.type != SDL_KEYDOWN;
}

/*
 * Input methods that SDL speaks with over D-Bus (ibus, fcitx) can take keys. One that is reached by XIM
 * sends back what it does not take, without an SDL_KEYDOWN behind it. Physical keys are not for text.
 */
void window_start_composing(struct window *w)
{
	const char *xim = getenv("XMODIFIERS");

	if (w->options.physical_keys)
		SDL_StopTextInput();
	else
		SDL_StartTextInput();
	w->composes = w->x11.display && !w->options.physical_keys &&
		      (!xim || !*xim || strstr(xim, "@im=ibus") || strstr(xim, "@im=fcitx") ||
			      strstr(xim, "@im=none") || strstr(xim, "@im=local"));
}

/* Where the session's caret is nobody tells us; most often it is where somebody clicked last. */
void window_compose_at(int x, int y)
{
	const SDL_Rect caret = { x, y, 1, CARET_PX };

	SDL_SetTextInputRect(&caret);
}

void window_handle_x11_key(struct window *w, const SDL_Event *e)
{
	struct window_x11_key key;

	if (!window_x11_key(&w->x11, e, &key))
		return;
	if (!key.down) {
		controls_key(&w->controls, key.evdev, key.keysym, false);
		return;
	}
	w->composing = is_composed(w, key.evdev);
	if (w->composing)
		return;                  /* its release is nobody's either */
	w->text_of_key = key.evdev != 0; /* 0: what XIM has composed */
	SDL_Keysym sdl = { .sym = SDLK_UNKNOWN, .mod = (Uint16)SDL_GetModState() };
	if (key.keysym < 0x80)
		sdl.sym = (SDL_Keycode)(key.keysym >= 'A' && key.keysym <= 'Z' ? key.keysym + 32
									       : key.keysym);
	static const struct {
		uint32_t keysym;
		SDL_Keycode sdl;
	} named[] = { { XKB_KEY_Return, SDLK_RETURN }, { XKB_KEY_KP_Enter, SDLK_KP_ENTER },
		{ XKB_KEY_Escape, SDLK_ESCAPE }, { XKB_KEY_Up, SDLK_UP },
		{ XKB_KEY_Down, SDLK_DOWN }, { XKB_KEY_Left, SDLK_LEFT },
		{ XKB_KEY_Right, SDLK_RIGHT }, { XKB_KEY_Tab, SDLK_TAB }, { XKB_KEY_F8, SDLK_F8 } };
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (key.keysym == named[i].keysym)
			sdl.sym = named[i].sdl;
	if (!own_key(w, &sdl, keys_shortcut_letter(key.evdev, key.keysym)))
		controls_key(&w->controls, key.evdev, key.keysym, true);
}
