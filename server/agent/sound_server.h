/*
 * The sound server of a virtual session: a PulseAudio of its own with one sink that plays to nobody, from
 * which farseat-sound records. Without it the session's programs would play aloud in the office, or not
 * at all.
 */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct sound_server {
	pid_t pid; /* 0: not running */
	char socket[PATH_MAX];
};

/*
 * Starts it, with its socket in the runtime folder, and names that to the programs that are started after
 * it (PULSE_SERVER). -ENOENT: PulseAudio is not installed. A failure leaves the environment as it is.
 */
int sound_server_start(struct sound_server *s, const char *runtime_dir) MUST_CHECK;

/* Whether the child that ended was the sound server. */
bool sound_server_ended(struct sound_server *s, pid_t pid);

/* Ends it, and every other child of this process. A zeroed one is fine. */
void sound_server_finish(struct sound_server *s);
