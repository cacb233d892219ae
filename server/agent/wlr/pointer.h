/*
 * A pointer of ours on the compositor's seat, one for each output, so that places are pixels of it
 * whatever its scale. The compositor tells neither the pointer's shape nor its place: the shape is an
 * arrow, and the place is where we sent it.
 */
#pragma once

#include "server/agent/wlr/capture.h"

struct wlr_pointer {
	struct wlr *w;               /* borrowed; NULL: not begun */
	struct display *display;     /* borrowed; its pointer is what we fill */
	struct wlr_capture *capture; /* borrowed; knows where outputs are */
	struct zwlr_virtual_pointer_v1 *devices[WLR_OUTPUTS_MAX]; /* owned; one for each shot */
	size_t device_count;
};

/* painted: the compositor paints the cursor into the picture, so that it has no shape here. -ENOMEM. */
int wlr_pointer_init(struct wlr_pointer *p, struct wlr *w, struct display *display,
	struct wlr_capture *capture, bool painted) MUST_CHECK;
/* A zeroed one is fine. */
void wlr_pointer_finish(struct wlr_pointer *p);

/* The capture has another row of shots. */
void wlr_pointer_outputs_changed(struct wlr_pointer *p);

/* As input_sink's. */
void wlr_pointer_motion(struct wlr_pointer *p, uint16_t x_px, uint16_t y_px);
void wlr_pointer_motion_by(struct wlr_pointer *p, int16_t dx_px, int16_t dy_px);
void wlr_pointer_button(struct wlr_pointer *p, uint8_t button, bool down);
void wlr_pointer_wheel(struct wlr_pointer *p, int16_t dx, int16_t dy);
