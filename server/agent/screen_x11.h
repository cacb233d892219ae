/* The screen's size by RandR: told when it changes, and changed for a virtual session. */
#pragma once

#include "server/agent/x11.h"

#define SCREEN_SIDE_MIN_PX 64 /* window managers and toolkits misbehave below */

struct screen_x11 {
	struct x11 *x; /* borrowed */
	bool resizable;
	uint32_t output, crtc;
	uint32_t mode; /* made by us; 0 none */
	uint16_t max_width_px, max_height_px;
	bool changed; /* x->width_px and height_px are new; for the caller, who clears it */
};

/* Begins to watch. Waits for answers. */
void screen_x11_init(struct screen_x11 *s, struct x11 *x);

/* Takes an event; false: it is another kind. */
bool screen_x11_event(struct screen_x11 *s, const xcb_generic_event_t *event);

/* Makes the screen that large, as near as the server can. Waits for answers (the server is our own
 * child). -ENOTSUP, -EIO. */
int screen_x11_resize(struct screen_x11 *s, uint16_t width_px, uint16_t height_px) MUST_CHECK;
