/*
 * What SDL does not tell about a window on X11: its descriptor to sleep on, what Xlib has already
 * read, and the keysym of a key by the layout in force. The only file of the client that knows X11.
 * Where the driver is another one (Wayland), window_x11_attach says so. farseat.
 */
#pragma once

#include "common/base/macros.h"

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

struct window_x11 {
	void *display; /* SDL's; borrowed. NULL: not X11 */
	unsigned long window;
};

/*
 * Has SDL's windows on a display of a depth that SDL does not know (30 bits) made with 8 bits a
 * colour. Call between SDL_Init and the first window. -ENOTSUP: the display has no such visual.
 */
int window_x11_choose_visual(void) MUST_CHECK;

/* -ENOTSUP: not an X11 window; every other call then does nothing. */
int window_x11_attach(struct window_x11 *w, SDL_Window *window) MUST_CHECK;

/* Descriptor that becomes readable when events come; -1. */
int window_x11_fd(const struct window_x11 *w);

/* Sends what is queued to the server. Whether Xlib already holds events, of which no poll tells. */
bool window_x11_queued(const struct window_x11 *w);

/* Xft.dpi, else what the server says of its screen; 0 unknown. */
double window_x11_dpi(const struct window_x11 *w);

struct window_x11_key {
	/* 0: a character that an input method composed; its text follows as SDL_TEXTINPUT. */
	uint16_t evdev;
	uint32_t keysym; /* by the layout, group and modifiers in force */
	bool down;
};

/* Reads a key out of an SDL_SYSWMEVENT (which must be enabled); false for any other event. */
bool window_x11_key(const struct window_x11 *w, const SDL_Event *event, struct window_x11_key *out);

/* Whether an SDL_SYSWMEVENT is a key, or the end of somebody's grab of the keyboard: others need not
 * be queued. */
bool window_x11_is_wanted(const SDL_Event *event);

/* Which keys are down on the real keyboard: the X server's bits, by keycode. */
struct window_x11_keyboard {
	uint8_t keys[32];
};

/* Asks for it; waits for the answer. false: not on X11. */
bool window_x11_keyboard(const struct window_x11 *w, struct window_x11_keyboard *out);

/* For controls_check; a key that X11 has no keycode for counts as down. */
bool window_x11_is_down(const void *keyboard, uint16_t evdev);

/* What the key gives in the first group with no modifier; 0 none. */
uint32_t window_x11_keysym(const struct window_x11 *w, uint16_t evdev);

/* Whether a window manager runs; without one nobody makes a window full screen. */
bool window_x11_managed(const struct window_x11 *w);
