/*
 * The session's sound at the worker's end: while the client wants to hear it, the supervisor starts a
 * farseat-sound (ARCHITECTURE.md, D-SOUND), whose messages are read as from a stranger and go out when
 * their turn comes, or not at all when that is too late. No packet is decoded here.
 */
#pragma once

#include "common/ipc/records_sound.h"
#include "server/worker/channel/channel.h"
#include "server/worker/sound/queue.h"

struct sound {
	struct worker_host *host;   /* borrowed */
	struct ipc_channel channel; /* to farseat-sound; fd -1: none */
	struct sound_queue queue;
	bool agreed, allowed; /* the client knows of sound; its device may hear it */
	bool wanted;          /* by the client */
	bool asked;           /* the supervisor has not answered yet */
	bool narrow;          /* the link is; farseat-sound was told */
	uint64_t retry_ms;    /* when to ask again, after farseat-sound has ended; 0: not */
	unsigned wait_ms;     /* before that; doubles */
	uint64_t looked_ms;   /* at what the link carries */
};

extern const struct worker_channel sound_channel;

void sound_init(struct sound *s, struct worker_host *host);

/* The supervisor's answer; takes fd over, -1 where reason says why there is none. */
void sound_answer(struct sound *s, enum wire_sound_stop_reason reason, int fd);
