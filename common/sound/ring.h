/*
 * The memory by which decoded sound goes from farseat-link to farseat: the last second and a third of it,
 * 16 bits, two channels, WIRE_SOUND_RATE_HZ. The window makes it (sealed, common/ipc/memory.h), the link alone
 * writes. Both are read as from strangers: the reader takes any position and any target that stands
 * there, and reads no byte outside.
 *
 * One thread writes, one reads; neither waits for the other. What is read while it is overwritten is
 * noise of a moment, and no fault.
 */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

#define SOUND_CHANNELS 2
/* More than any delay that is allowed (player.h), and a power of two. */
#define SOUND_RING_FRAMES 65536U
/* A page for the positions, so that samples begin at a page. */
#define SOUND_RING_HEAD_BYTES 4096U
#define SOUND_RING_BYTES                                                                           \
	(SOUND_RING_HEAD_BYTES + SOUND_RING_FRAMES * SOUND_CHANNELS * sizeof(int16_t))

struct sound_ring {
	struct sound_ring_head *head; /* borrowed */
	int16_t *samples;             /* borrowed */
};

/* memory: SOUND_RING_BYTES, at the begin of a page; zeroed by whoever made it. */
void sound_ring_init(struct sound_ring *r, uint8_t *memory);

/* ---- farseat-link ---- */

/* frames of SOUND_CHANNELS samples each, SOUND_RING_FRAMES at most. */
void sound_ring_write(struct sound_ring *r, const int16_t *samples, size_t frames);
/* How much should wait before it is played, by what the network does (lateness.h). */
void sound_ring_set_target(struct sound_ring *r, uint32_t frames);

/* ---- farseat ---- */

/* Frames written since the ring was made. */
uint64_t sound_ring_written(const struct sound_ring *r);
/* As the link says: any number. */
uint32_t sound_ring_target(const struct sound_ring *r);

/* The sample of a channel (0, 1) of the frame at a position. */
static inline int16_t sound_ring_at(const struct sound_ring *r, uint64_t position, unsigned channel)
{
	return r->samples[position % SOUND_RING_FRAMES * SOUND_CHANNELS + channel];
}
