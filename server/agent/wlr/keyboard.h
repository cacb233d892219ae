/*
 * A keyboard of ours on the compositor's seat. Its layout belongs to us: what the layout lacks is
 * put on free keycodes, and programs are given the new layout before the key that needs it.
 *
 * The compositor derives no modifiers from our keys, so that their state is kept here and sent.
 */
#pragma once

#include "server/agent/display.h"
#include "server/agent/wlr/connection.h"
#include "server/agent/wlr/layout.h"

#include <xkbcommon/xkbcommon.h>

struct wlr_keyboard {
	struct wlr *w;           /* borrowed; NULL: not begun */
	struct display *display; /* borrowed; its input and leds are what we fill */
	struct zwp_virtual_keyboard_v1 *proxy;
	struct xkb_context *context;
	struct xkb_keymap *keymap; /* without what is lent */
	struct xkb_state *state;
	struct wlr_layout_more lent[SPARES_MAX];
	size_t lent_count;
};

/*
 * Takes the layout of the seat's own keyboard, else that of XKB_DEFAULT_LAYOUT and its kin, and
 * fills the display's input with it. Waits for the seat's answer. -ENOMEM, -EIO, -EINVAL: there is no such layout.
 */
int wlr_keyboard_init(struct wlr_keyboard *k, struct wlr *w, struct display *display) MUST_CHECK;
/* A zeroed one is fine. */
void wlr_keyboard_finish(struct wlr_keyboard *k);

/* As input_sink's. */
void wlr_keyboard_key(struct wlr_keyboard *k, uint8_t keycode, bool down);
void wlr_keyboard_lock_group(struct wlr_keyboard *k, uint32_t group);
void wlr_keyboard_bind(struct wlr_keyboard *k, uint8_t keycode, uint32_t plain, uint32_t shifted);
