/* The recording of a sink's monitor: what the session plays, as it plays it. */
#pragma once

#include "common/base/macros.h"

#include <pulse/pulseaudio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sound_tap {
	pa_stream *stream; /* owned; NULL: nothing is recorded */
	void (*samples)(void *user, const int16_t *samples, size_t frames);
	void (*failed)(void *user);
	void *user;
};

/* Records the monitor in pieces of so many frames. samples: as they come, SOUND_CHANNELS each; failed: it
 * ended by itself. Neither may stop the tap. false: it cannot be. */
bool sound_tap_start(struct sound_tap *t, pa_context *context, const char *monitor, size_t frames);
void sound_tap_stop(struct sound_tap *t);
