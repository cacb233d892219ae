/*
 * farseat-sound of the sessions: one for each worker whose client wants to hear, started by
 * farseat-starter as the session's user. It is told which sound server to listen to, and gets the channel
 * whose other end the worker gets.
 */
#pragma once

#include "common/ipc/records_sound.h"
#include "server/supervisor/worker_child.h"

struct sound_child {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running;
	uint32_t worker;
	char device[REGISTRY_NAME_MAX_BYTES]; /* for the log */
};

/* Starts one for the worker's request; the one that it had is ended. WIRE_SOUND_SILENT and *channel, the
 * worker's end, which is the caller's; or why there is none. */
enum wire_sound_stop_reason sound_begin(struct worker_child *w, int *channel);

/* The worker has ended, or its device may not hear any more: it is killed. */
void sound_end(const struct worker_child *w);

/* farseatd stops. */
void sound_stop(struct supervisor *s);
