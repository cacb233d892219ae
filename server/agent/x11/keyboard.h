/*
 * The X server's keyboard and pointer: XTest to press, XKB to know the layout, the locks and the
 * lights. Implements struct input_sink.
 */
#pragma once

#include "server/agent/input.h"
#include "server/agent/x11/marker.h"
#include "server/agent/x11/pointer.h"

#define X11_BUTTON_LAST 9

struct x11_keyboard {
	struct x11 *x;               /* borrowed */
	struct display *display;     /* borrowed; its leds are what we fill */
	struct input *input;         /* borrowed; the display's */
	struct x11_pointer *pointer; /* borrowed; hears of motions of ours */
	struct marker marker;
	int32_t device;
	bool layout_changed; /* to be read anew */
	bool in_use;
	bool buttons_changed;                    /* button_for is to be read anew */
	uint8_t button_for[X11_BUTTON_LAST + 1]; /* what is pressed for each button */
	uint32_t led_bits[3];                    /* XKB indicators: caps, num, scroll lock */
};

extern const struct input_sink x11_keyboard_sink;

/*
 * Cleans up after a predecessor (marker.h; dir as there), reads the layout, asks for changes. Waits
 * for answers. -EIO, -ENOTSUP, -ENOMEM.
 */
int x11_keyboard_init(struct x11_keyboard *k, struct x11 *x, struct display *display,
	struct x11_pointer *pointer, const char *dir) MUST_CHECK;

/* Restores what was changed; what is held must have been released by input_release_all. */
void x11_keyboard_finish(struct x11_keyboard *k);

/* Somebody who may type is there: the server's auto-repeat is off; or nobody any more: all is as
 * before, but for lent keycodes. */
void x11_keyboard_in_use(struct x11_keyboard *k, bool used);

/* Takes lent keycodes back once nobody types and the last was used SPARES_KEEP_MS ago. In how many
 * ms to call again; -1: nothing is left to do. */
int x11_keyboard_tidy(struct x11_keyboard *k) MUST_CHECK;

/* Takes an XKB event; false: it is another kind. */
bool x11_keyboard_event(struct x11_keyboard *k, const xcb_generic_event_t *event);

/* Reads the layout anew if it has changed; before input is looked up. */
void x11_keyboard_refresh(struct x11_keyboard *k);
