/*
 * Records between the agent and a worker that is attached to it: the picture one way, input the
 * other way.
 *
 * agent -> worker: FRAMEBUFFER (with the memory), FRAME_READY, LOOKED, CURSOR (with the memory), WIRE
 * (CURSOR_MOVE, LEDS, GOODBYE). worker -> agent: FRAME_REQUEST, FRAME_TAKEN, LOOK, WIRE (input, VIEW).
 *
 * LOOKED: the whole display was compared with what this worker was given, and nothing else is on it.
 * It comes once the display has rested, and in answer to LOOK, always while a FRAME_REQUEST waits.
 */
#pragma once

#include "common/ipc/records.h"

/* Pixels are BGRX, rows width_px * 4 bytes apart. */
struct record_framebuffer {
	uint32_t generation;
	uint16_t width_px, height_px;
	bool resizable;
};

struct record_frame_ready {
	uint32_t generation;
	uint32_t input_serial; /* newest input of this worker that was applied before the capture */
	uint64_t captured_ns;  /* CLOCK_MONOTONIC */
	struct record_rect rects[RECORD_RECTS_MAX];
	size_t rect_count; /* 1 .. RECORD_RECTS_MAX */
};

struct view_record {
	enum record_type type;
	union {
		struct record_framebuffer framebuffer;
		struct record_frame_ready frame_ready;
		struct record_cursor cursor;
		struct record_wire wire;
	};
};

extern const struct record_set view_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int view_record_send(
	struct ipc_channel *c, const struct view_record *record, int fd)
{
	return record_send(c, &view_records, record, fd);
}

static inline MUST_CHECK int view_record_receive(
	struct ipc_channel *c, struct view_record *out, int *fd)
{
	return record_receive(c, &view_records, out, fd);
}
