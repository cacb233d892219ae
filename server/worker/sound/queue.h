/*
 * Messages of sound that wait for their turn at the connection: a third of a second at most, since what
 * is older is of no use to anybody. START and STOP are kept whatever happens, so that what arrives is
 * always whole streams with some frames missing.
 */
#pragma once

#include "common/wire/messages.h"

/* PROTOCOL.md, section 8. The target at the laptop is 150 ms at most, and a stall longer than both is a
 * gap anyway. */
#define SOUND_QUEUE_MAX_MS 300
/* 300 ms of frames of 5 ms; ours have 10 and 20. */
#define SOUND_QUEUE_MAX           64
#define SOUND_QUEUE_MESSAGE_BYTES (WIRE_HEADER_BYTES + 8 + WIRE_SOUND_PACKET_MAX_BYTES)

struct sound_queued {
	uint64_t came_ms;
	bool is_frame; /* SOUND: it may be dropped */
	uint16_t len;
	uint8_t bytes[SOUND_QUEUE_MESSAGE_BYTES];
};

struct sound_queue {
	struct sound_queued at[SOUND_QUEUE_MAX];
	size_t first, count;
	bool streams; /* a START was queued last, no STOP */
	uint32_t dropped;
};

/* What waits is forgotten; no stream runs. */
void sound_queue_clear(struct sound_queue *q);

/* Queues START, SOUND or STOP. A START takes the place of all that waits. 0; 1: a SOUND outside of a
 * stream, dropped; -EPROTO: another message, or more of START and STOP than anything makes that sounds. */
int sound_queue_push(
	struct sound_queue *q, const struct wire_message *m, uint64_t now_ms) MUST_CHECK;

/* The next message, encoded: its length, 0 when none waits. Frames that are too old are dropped. */
size_t sound_queue_pop(
	struct sound_queue *q, uint64_t now_ms, uint8_t out[static WIRE_MESSAGE_MAX_BYTES]);
