/*
 * Where the top-level windows are: X servers do not always tell of damage when one of them moves,
 * so that its old and its new place count as damaged. What lies deeper is left to the look that
 * follows (frames.h).
 */
#pragma once

#include "server/agent/x11/connection.h"

/* More than anybody has mapped; of the oldest beyond, only the new place is known. */
#define X11_WINDOWS_MAX 256

struct x11_window {
	xcb_window_t id;    /* 0: free */
	int32_t x_px, y_px; /* with its border, on the root window */
	int32_t width_px, height_px;
};

struct x11_windows {
	struct x11 *x;           /* borrowed */
	struct display *display; /* borrowed */
	struct x11_window list[X11_WINDOWS_MAX];
	size_t next; /* to be written over when all are taken */
};

/* Begins to watch, beside the root window's own size (x11_screen_event). */
void x11_windows_init(struct x11_windows *w, struct x11 *x, struct display *display);

/* Takes an event about a child of the root window; false: it is another kind. */
bool x11_windows_event(struct x11_windows *w, const xcb_generic_event_t *event);
