/* The picture that all outputs make together, as the compositor has placed them. */
#pragma once

#include "server/agent/wlr/shot.h"

/* An output that is off is asked again that much later. */
#define WLR_CAPTURE_RETRY_MS 250

struct wlr_capture {
	struct wlr_shots shared; /* w NULL: not begun */
	struct wlr_shot shots[WLR_OUTPUTS_MAX];
	size_t shot_count;
	bool captured; /* to be told by the next take */
	bool looking;  /* the same */
	int timer_fd;  /* owned; -1 none. Ready when outputs are to be asked again */
};

/* Begins to ask for pictures. The display's memory is there when all outputs have answered, which
 * wlr_capture_take finds. Adds its timer to the display's descriptors. -errno. */
int wlr_capture_init(struct wlr_capture *c, struct wlr *w, struct display *display,
	bool overlay_cursor) MUST_CHECK;
/* A zeroed one is fine. */
void wlr_capture_finish(struct wlr_capture *c);

/* See display_impl.capture and look. */
void wlr_capture_begin(struct wlr_capture *c, const struct record_rect *rects, size_t count);
void wlr_capture_look(struct wlr_capture *c);

/* Whether take has something to tell. */
bool wlr_capture_has_ended(const struct wlr_capture *c);
/* Tells what has ended; makes memory anew when sizes have changed. -ENOMEM, -E2BIG. */
int wlr_capture_take(struct wlr_capture *c) MUST_CHECK;

/* The compositor has other outputs, or has placed them anew. true: there is another row of shots now. */
bool wlr_capture_outputs_changed(struct wlr_capture *c);

/* The timer of this descriptor is over; nothing for any other one. */
void wlr_capture_ready(struct wlr_capture *c, int fd);
