/* Capture of an X11 root window: XDamage tells where, MIT-SHM writes into our own memory. */
#pragma once

#include "server/agent/region.h"
#include "server/agent/x11/connection.h"

#include <xcb/damage.h>
#include <xcb/shm.h>

struct x11_fetch {
	struct record_rect rect;
	unsigned sequence;
	size_t scratch_at; /* bytes; only where not in place */
	bool in_place;
	bool widened; /* rect holds more than was asked for */
};

/* Rows that are compared at once: half a millisecond for server and agent together. */
#define X11_LOOK_ROWS 256

/* A comparison of the whole screen with memory, band by band. */
struct x11_look {
	bool active;
	uint16_t row, rows;    /* of the band under way */
	unsigned sequence;     /* of its fetch */
	struct region differs; /* so far */
};

struct x11_capture {
	struct x11 *x;           /* borrowed; NULL: not begun */
	struct display *display; /* borrowed; its memory is what we fill */
	xcb_damage_damage_t damage;
	struct ipc_memory scratch;
	xcb_shm_seg_t segment, scratch_segment; /* 0: none */
	struct x11_fetch fetches[REGION_RECTS_MAX];
	size_t fetch_count, fetch_done;
	int status; /* of the capture under way */
	struct x11_look look;
};

/* Makes the display's memory and begins to watch. A zeroed one, or one whose init failed, may be
 * finished. Waits for answers. -ENOMEM, -EIO, -E2BIG. */
int x11_capture_init(struct x11_capture *s, struct x11 *x, struct display *display) MUST_CHECK;
void x11_capture_finish(struct x11_capture *s);

/* See display_impl.capture. */
int x11_capture_begin(
	struct x11_capture *s, const struct record_rect *rects, size_t count) MUST_CHECK;

/* See display_impl.look. */
int x11_capture_look(struct x11_capture *s) MUST_CHECK;

/* Looks for the end of a capture, without waiting. Negative: it failed now, perhaps because the
 * screen has become smaller. */
int x11_capture_poll(struct x11_capture *s);

/* The screen has this size now: makes memory anew and tells so. -ENOMEM, -E2BIG. */
int x11_capture_resize(struct x11_capture *s, uint16_t width_px, uint16_t height_px) MUST_CHECK;

/* Takes a damage event; false: it is another kind. */
bool x11_capture_event(struct x11_capture *s, const xcb_generic_event_t *event);
