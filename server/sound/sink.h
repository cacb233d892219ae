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
	bool ready;
	uint32_t index;
	char monitor[SOUND_SINK_NAME_BYTES]; /* its monitor's name; empty: there is none */
	bool plays;                          /* a program's stream is not paused there */
	bool listing, list_again, found;
	pa_time_event *retry; /* owned */
};

/* ready, monitor and plays change in the loop, and are looked at after each of its rounds. */
void sound_sink_start(struct sound_sink *s, pa_mainloop_api *api, const char *server);
void sound_sink_finish(struct sound_sink *s);
