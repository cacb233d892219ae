/*
 * Where pixels come from: one backend a kind of display, X11 first. A backend owns the memory that
 * workers read, writes the rectangles it is asked for into it, and tells what has changed. It never
 * waits: a capture is begun, and ends by a call.
 */
#pragma once

#include "common/ipc/memory.h"
#include "common/ipc/records.h"

/* What a backend calls; from its own dispatch only, never from within begin. */
struct capture_listener {
	void *user;
	void (*damaged)(void *user, struct record_rect rect);
	/* The capture that was begun is in memory (0), or failed (-errno) and nothing is known of
	 * its rectangles. */
	void (*captured)(void *user, int status);
	/* Other memory of another size from now on; a capture that was under way is gone without a
	 * call. */
	void (*resized)(void *user);
};

struct capture {
	const struct capture_impl *impl;
	struct ipc_memory memory; /* owned; BGRX, stride = width_px * 4 */
	uint16_t width_px, height_px;
};

struct capture_impl {
	const char *name;
	/* Asks for these rectangles (on the screen); one capture at a time. -EIO: the display is
	 * gone. */
	int (*begin)(struct capture *c, const struct record_rect *rects, size_t count);
	/* Looks for ends of captures, without waiting. */
	void (*poll)(struct capture *c);
	/* The display has this size now: makes memory anew and calls resized. -ENOMEM, -E2BIG. */
	int (*resize)(struct capture *c, uint16_t width_px, uint16_t height_px);
	void (*destroy)(struct capture *c);
};
