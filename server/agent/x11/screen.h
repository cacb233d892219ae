/* The screen's size by RandR: told when it changes, and changed for a virtual session. */
#pragma once

#include "server/agent/x11/connection.h"

struct x11_screen {
	struct x11 *x; /* borrowed */
	bool resizable;
	uint32_t output, crtc;
	uint32_t mode; /* made by us; 0 none */
	uint16_t dpi;  /* that the screen's size in millimetres is made of */
	uint16_t max_width_px, max_height_px;
	bool changed; /* x->width_px and height_px are new; for the caller, who clears it */
};

/* Waits for answers. */
void x11_screen_init(struct x11_screen *s, struct x11 *x);

/* Takes an event about the root window's own size, which even servers without RandR tell
 * (x11_windows_init asks for it); false: it is another kind. */
bool x11_screen_event(struct x11_screen *s, const xcb_generic_event_t *event);

/* Makes the screen that large, as near as the server can. Waits for answers (the server is our own
 * child). -ENOTSUP, -EIO. */
int x11_screen_resize(struct x11_screen *s, uint16_t width_px, uint16_t height_px) MUST_CHECK;

/* From now on the server's own dpi, and Xft.dpi in RESOURCE_MANAGER, which toolkits ask first. A
 * screen that is not resizable stays as it is. */
void x11_screen_set_dpi(struct x11_screen *s, uint16_t dpi);
