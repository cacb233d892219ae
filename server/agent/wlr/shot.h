/*
 * The pictures of one output, by screencopy.
 *
 * There are two buffers: the compositor writes whole pictures into one, and the other holds the newest
 * that is complete. So what is copied from there is never torn, and a picture that nobody asked for
 * costs one copy by the compositor.
 */
#pragma once

#include "server/agent/display.h"
#include "server/agent/wlr/connection.h"
#include "server/agent/wlr/turn.h"

/*
 * After the last capture pictures are asked for that much longer, so that a slow connection still
 * gets the newest one. Then a changing screen costs nothing until somebody wants to see it.
 */
#define WLR_SHOT_KEEP_MS 1000
/* An output that has just become another size refuses a single time; one that is off, each time. */
#define WLR_SHOT_REFUSALS 2

/* What all outputs of a display share. */
struct wlr_shots {
	struct wlr *w;           /* borrowed */
	struct display *display; /* borrowed; told of damage, and of failure */
	bool overlay_cursor;     /* the compositor paints the cursor into the picture */
	uint64_t captured_ms;    /* when somebody wanted a picture last */
	/* Set by the outputs, cleared by whoever acts on it: a size has become another one, so that
	 * damage is not told any more; an output is off, to be asked again later. */
	bool sizes_changed, refused;
};

struct wlr_shot {
	struct wlr_shots *shared;     /* borrowed */
	struct wlr_output told;       /* what the compositor says of it; its proxy is borrowed */
	uint16_t x_px, y_px;          /* where it is in the picture that all make together */
	uint32_t width_px, height_px; /* upright */
	/* Of the compositor's pictures, which are as the monitor has them. */
	struct wlr_turn turn;
	uint32_t turned_width_px, turned_height_px, stride_bytes, format;
	struct {
		struct wl_buffer *proxy;
		struct ipc_memory memory;
	} buffers[2];
	int front; /* which one is complete; -1: none yet */
	bool inverted;
	unsigned refusals;                      /* in a row */
	struct zwlr_screencopy_frame_v1 *frame; /* owned; NULL: nothing is asked for */
	struct record_rect damage;              /* of the frame under way, as in its picture */
};

/* Asks for the first picture. The shot may not move until it is finished. */
void wlr_shot_init(struct wlr_shot *s, struct wlr_shots *shared, const struct wlr_output *output);
void wlr_shot_finish(struct wlr_shot *s);

/* The compositor says something else of its output: the same one. */
void wlr_shot_tell(struct wlr_shot *s, const struct wlr_output *output);

/* Asks for the next picture, unless that was done. */
void wlr_shot_ask(struct wlr_shot *s);

/* Its size is known: from a picture, or from what the compositor says where it is off. */
bool wlr_shot_is_known(const struct wlr_shot *s);

/* Copies what it shows of a rectangle of the whole picture to there; `to` is the whole picture's first
 * pixel, BGRX. */
void wlr_shot_copy(const struct wlr_shot *s, const struct record_rect *rect, uint8_t *to,
	size_t to_stride_bytes);
