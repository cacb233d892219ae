/*
 * What is heard at the laptop: takes sound out of the ring at the pace of the laptop's own device,
 * and keeps as much waiting as the ring's target says. The workstation's clock and the laptop's are never
 * the same: the player reads up to half a percent faster or slower, by interpolating between samples,
 * which nobody hears. Without a clock and without a device, so that tests drive it.
 *
 * One thread pulls. What another one sets (volume, ending) it sets while that one stands still.
 */
#pragma once

#include "common/sound/ring.h"

#include <stdbool.h>

/* So much more than the target waits at most: what a stall has left is skipped. */
#define SOUND_JUMP_MS 250

struct sound_player {
	struct sound_ring ring;
	bool attached; /* there is a ring */
	bool playing;  /* else it waits until the target is there */
	bool ending; /* nothing more will come: what is there is played, and running dry is no gap */
	uint64_t at;    /* next position in the ring */
	double between; /* of the way from at to the next one: 0 to 1 */
	double rate;    /* positions a frame that is played */
	double waiting; /* frames, on average of half a second */
	float volume;   /* 0 to 1 */
	float gain;     /* as it is now: follows volume, and begins at 0 so that nothing clicks */
	int16_t last[SOUND_CHANNELS];
	unsigned gaps, jumps; /* ran dry while something should have come; skipped after a stall */
};

void sound_player_init(struct sound_player *p);

/* Another ring; from its next frame on. NULL: none, silence. */
void sound_player_attach(struct sound_player *p, uint8_t *memory);

/* A stream begins: what was not played of the last one is not played any more, unless that plays on. */
void sound_player_begin(struct sound_player *p);
/* The stream has ended. */
void sound_player_end(struct sound_player *p);
/* Everything of a stream that has ended was played. */
bool sound_player_is_done(const struct sound_player *p);

/* The next frames for the device, SOUND_CHANNELS samples each; silence where there is nothing. */
void sound_player_pull(struct sound_player *p, int16_t *out, size_t frames);

/* How much waits in the ring, in frames; 0 without one. */
double sound_player_waiting(const struct sound_player *p);
