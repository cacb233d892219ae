/*
 * The size of a headless output follows the client's window, as that of a virtual screen does. A
 * monitor's is never touched.
 */
#pragma once

#include "server/agent/display.h"
#include "server/agent/wlr/connection.h"
#include "server/agent/wlr/sway_ipc.h"

/* A frame is taken when the output has drawn it: half a period is what a picture waits on average.
 * With 60 Hz a key press was seen after 18 ms, with 144 after 9, with 240 after 6, at its cost. */
#define WLR_RESIZER_REFRESH_HZ 144

struct wlr_resizer {
	struct wlr *w;           /* borrowed; NULL: not begun */
	struct display *display; /* borrowed; its resizable and its descriptors are what we fill */
	struct wlr_sway_ipc sway;
};

/* Looks for a way to order sizes. */
void wlr_resizer_init(struct wlr_resizer *r, struct wlr *w, struct display *display);
/* A zeroed one is fine. */
void wlr_resizer_finish(struct wlr_resizer *r);

/* The compositor has other outputs: whether the screen is resizable is found anew. */
void wlr_resizer_outputs_changed(struct wlr_resizer *r);

/* As display_impl.resize; does not wait. */
int wlr_resizer_resize(struct wlr_resizer *r, uint16_t width_px, uint16_t height_px) MUST_CHECK;

/* A descriptor is ready; nothing for one that is not ours. */
void wlr_resizer_ready(struct wlr_resizer *r, int fd);
