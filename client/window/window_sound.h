/*
 * The session's sound at the laptop: one device of SDL's, which is open while something sounds and for two
 * seconds afterwards. Its thread reads the ring that farseat-link writes (common/sound/player.h); all
 * else happens in the window's loop.
 */
#pragma once

#include "common/ipc/memory.h"
#include "common/sound/player.h"
#include "common/wire/messages.h"

#include <SDL.h>

struct window;

struct window_sound {
	bool on;      /* the person wants to hear it */
	bool asked;   /* the workstation was told so, in this session */
	bool there;   /* the session has sound, as far as it has told */
	bool streams; /* from START to STOP */
	bool muted;
	int volume;                 /* 0 to 100 */
	bool broken;                /* no device could be opened; another one may come */
	SDL_AudioDeviceID device;   /* 0: closed */
	struct ipc_memory ring;     /* owned; of the link that runs */
	struct sound_player player; /* the device's thread's, while the device is not locked */
	uint64_t close_ms;          /* when to close the device; 0: not */
};

void window_sound_open(struct window *w);
void window_sound_close(struct window *w);

/* The session or its rights are others: asks for sound, or no longer. */
void window_sound_update(struct window *w);
/* START and STOP. */
void window_sound_message(void *window, const struct wire_message *m);
/* A device came or went. */
void window_sound_device(struct window *w, const SDL_AudioDeviceEvent *e);
/* Closes the device when it has been silent for long enough. */
void window_sound_step(struct window *w, uint64_t now_ms);

/* The menu: on or off, kept with the workstation; muted or not; louder and quieter. */
void window_sound_switch(struct window *w);
void window_sound_mute(struct window *w);
void window_sound_change_volume(struct window *w, int by);
/* "on", "off, ..." */
const char *window_sound_words(const struct window *w);
