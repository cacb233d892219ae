/*
 * When a picture is taken: as soon as a viewer that wants one has something to see, and nobody is
 * copying out of the memory. One capture serves all who wait.
 *
 * And when all is looked at: displays miss damage (X servers do where a window with backing store is
 * moved), so what rests is compared as a whole with what was captured, once after each time that
 * something stirred. Only then are viewers told that they have all there is. Nothing runs on a display
 * on which nothing happens.
 */
#pragma once

#include "common/ipc/records_view.h"

#include <uv.h>

struct agent;

/* A viewer that has not copied the picture out by then may see the next one in it: it will be told
 * of that too. */
#define FRAMES_HOLD_MS 20

/* How long nothing stirs before all is looked at: longer than between the keys of a fast typist, so
 * that typing does not pay for it, and short enough that nobody sees a wrong picture for long. */
#define FRAMES_REST_MS 150

struct frames {
	struct agent *agent; /* borrowed */
	uv_timer_t hold;
	bool busy;           /* a capture is under way */
	uv_timer_t rest;     /* runs from when something stirs until a look is due */
	uint64_t stirred_ms; /* when something last did */
	bool look_due;
	bool looking;      /* a look is under way */
	bool looked;       /* nothing has stirred since the last look began, and it is done */
	uint32_t looks;    /* number of the last one that found nothing, from 1 */
	unsigned failures; /* in a row */
	uint32_t generation;
};

void frames_init(struct frames *f, struct agent *agent, uv_loop_t *loop);
void frames_finish(struct frames *f);

/* The display changed there. */
void frames_damaged(struct frames *f, struct record_rect rect);

/* Something happened after which the display may have changed. */
void frames_stirred(struct frames *f);

/* Somebody asks for a look now, whether or not anything stirred. */
void frames_look(struct frames *f);

/* Takes a picture if one is due, else looks if that is. */
void frames_next(struct frames *f);

/* The capture's end (display_listener.captured). */
void frames_captured(struct frames *f, int status);

/* The look's end (display_listener.looked). */
void frames_looked(struct frames *f, int status);

/* The memory is another: everybody gets it. */
void frames_resized(struct frames *f);

/* Nobody copies any more: forget the timer. Call after a viewer's holding was cleared. */
void frames_released(struct frames *f);
