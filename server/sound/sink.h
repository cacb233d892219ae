/*
 * Which sink of the sound server is the session's: the default one, wherever the person moves it; and
 * whether anything plays there. PulseAudio's protocol, which PipeWire speaks as well.
 */
#pragma once

#include "common/base/macros.h"

#include <pulse/pulseaudio.h>
#include <stdbool.h>

#define SOUND_SINK_NAME_BYTES 256

struct sound_sink {
	pa_mainloop_api *api; /* borrowed */
	pa_context *context;  /* owned; NULL: the server is looked for again */
	char server[256];     /* its socket; empty: the user's own */
	void (*changed)(void *user);
	void *user;
	bool ready;
	uint32_t index;
	char monitor[SOUND_SINK_NAME_BYTES]; /* its monitor's name; empty: there is none */
	bool plays;                          /* a program's stream is not paused there */
	bool listing, list_again, found;
	pa_time_event *retry; /* owned */
};

/* changed: ready, monitor or plays is another. Takes effect in the loop. */
void sound_sink_start(struct sound_sink *s, pa_mainloop_api *api, const char *server,
	void (*changed)(void *user), void *user);
void sound_sink_finish(struct sound_sink *s);
