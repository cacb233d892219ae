/* The layout of our keyboard as text, and where it comes from. */
#pragma once

#include "server/agent/wlr/connection.h"

#include <xkbcommon/xkbcommon.h>

/*
 * The layout of the seat's own keyboard, where somebody sits at the machine; else the one that the
 * environment names (XKB_DEFAULT_LAYOUT), else xkbcommon's. Waits for the compositor's answer. NULL: there is none.
 */
struct xkb_keymap *wlr_layout_find(struct wlr *w, struct xkb_context *context);

/* A keysym or two on a keycode that has none in the keymap. */
struct wlr_layout_more {
	uint8_t keycode;
	uint32_t plain, shifted; /* equal: one level */
};

/*
 * The keymap's text with more on its free keycodes. To be freed. NULL: no memory.
 */
char *wlr_layout_text(struct xkb_keymap *keymap, const struct wlr_layout_more *more, size_t count);
