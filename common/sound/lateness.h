/*
 * How late frames of sound come, and so how much of it should wait before it is played: 20 ms and what
 * 95 of 100 frames of the last ten seconds were late by. No clock here: the caller says when a frame
 * came.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ten seconds of frames of 10 ms: long enough to remember a stall, short enough to forget it. */
#define SOUND_LATENESS_FRAMES 1000

/* What waits where nothing is late: two frames. Four busy programs on two cores need more, and get it
 * by their lateness. */
#define SOUND_TARGET_MIN_MS 20
/* Beyond this a gap now and then is the lesser evil. */
#define SOUND_TARGET_MAX_MS 150

struct sound_lateness {
	uint16_t late_ms[SOUND_LATENESS_FRAMES];
	size_t count, next;
	unsigned since_sorted; /* frames since the target was worked out */
	uint32_t target_ms;

	/* The earliest that a frame came, by what it is of its stream: of the last five seconds or more,
	 * so that two clocks that drift apart do not look like frames that come later and later. */
	bool has_base;
	int64_t base_us, next_base_us;
	uint64_t turned_us; /* when next_base_us took base_us' place */
};

void sound_lateness_init(struct sound_lateness *l);

/* A new stream begins: its frames are compared with each other. What the network did stays known. */
void sound_lateness_restart(struct sound_lateness *l);

/* A frame came at came_us that begins at_us after its stream's begin. The target from now on, in ms:
 * SOUND_TARGET_MIN_MS to SOUND_TARGET_MAX_MS. */
uint32_t sound_lateness_add(struct sound_lateness *l, uint64_t came_us, uint64_t at_us);
