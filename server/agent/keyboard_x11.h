/*
 * The X server's keyboard and pointer: XTest to press, XKB to know the layout, the locks and the
 * lights. Implements struct input_sink.
 */
#pragma once

#include "server/agent/input.h"
#include "server/agent/marker.h"
#include "server/agent/x11.h"

struct keyboard_x11 {
	struct x11 *x;       /* borrowed */
	struct input *input; /* borrowed */
	struct marker marker;
	int32_t device;
	bool layout_changed; /* to be read anew */
	bool in_use;
	uint32_t led_bits[3]; /* XKB indicators: caps, num, scroll lock */
	uint8_t leds;         /* WIRE_LED_* */
	bool leds_changed;    /* for the caller, who clears it */
	unsigned motions_sent;
};

extern const struct input_sink keyboard_x11_sink;

/*
 * Cleans up after a predecessor (marker.h; dir as there), reads the layout, asks for changes. Waits
 * for answers. -EIO, -ENOTSUP, -ENOMEM.
 */
int keyboard_x11_init(struct keyboard_x11 *k, struct x11 *x, struct input *input, const char *dir,
	const char *display) MUST_CHECK;

/* Restores what was changed; what is held must have been released by input_release_all. */
void keyboard_x11_finish(struct keyboard_x11 *k);

/* Somebody who may type is there: the server's auto-repeat is off; or nobody any more: all is as
 * before. */
void keyboard_x11_in_use(struct keyboard_x11 *k, bool used);

/* Takes an XKB event; false: it is another kind. */
bool keyboard_x11_event(struct keyboard_x11 *k, const xcb_generic_event_t *event);

/* Reads the layout anew if it has changed; before input is looked up. */
void keyboard_x11_refresh(struct keyboard_x11 *k);
