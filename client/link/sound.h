/*
 * The session's sound at the link's end: packets of Opus become samples in the ring, from which the
 * window plays (ARCHITECTURE.md, D-SOUND). The window makes the ring; it hears of a stream's begin and
 * end, and of nothing in between.
 */
#pragma once

#include "common/ipc/memory.h"
#include "common/sound/codec.h"
#include "common/sound/lateness.h"
#include "common/sound/ring.h"

#include <stdbool.h>

struct link;

extern const struct link_channel link_sound_channel;

struct link_sound {
	bool agreed;                   /* the workstation knows of sound */
	struct sound_decoder *decoder; /* owned; NULL: no stream runs */
	struct ipc_memory memory;      /* owned; the ring's; bytes NULL: none */
	struct sound_ring ring;
	struct sound_lateness lateness;
	uint32_t frame_us; /* of the stream */
	uint32_t next_seq;
};

void link_sound_init(struct link *l);
/* The session is open. */
void link_sound_open(struct link *l);
