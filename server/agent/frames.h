/*
 * When a picture is taken: as soon as a viewer that wants one has something to see, and nobody is
 * copying out of the memory. One capture serves all who wait. No timer runs but while somebody
 * copies.
 */
#pragma once

#include "common/ipc/records_view.h"

#include <uv.h>

struct agent;

/* A viewer that has not copied the picture out by then may see the next one in it: it will be told
 * of that too. */
#define FRAMES_HOLD_MS 20

struct frames {
	struct agent *agent; /* borrowed */
	uv_timer_t hold;
	bool busy;         /* a capture is under way */
	unsigned failures; /* in a row */
	uint32_t generation;
};

void frames_init(struct frames *f, struct agent *agent, uv_loop_t *loop);
void frames_finish(struct frames *f);

/* The display changed there. */
void frames_damaged(struct frames *f, struct record_rect rect);

/* Takes a picture if one is due. */
void frames_next(struct frames *f);

/* The capture's end (display_listener.captured). */
void frames_captured(struct frames *f, int status);

/* The memory is another: everybody gets it. */
void frames_resized(struct frames *f);

/* Nobody copies any more: forget the timer. Call after a viewer's holding was cleared. */
void frames_released(struct frames *f);
