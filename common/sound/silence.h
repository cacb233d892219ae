/*
 * Whether something sounds: 200 ms of exact zeros are silence. Programs pause with zeros; what is quiet
 * is not silent.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pause between two words is shorter, so that a stream does not end within a sentence. */
#define SOUND_SILENCE_MS 200

struct sound_silence {
	size_t zeros; /* frames, up to those of SOUND_SILENCE_MS */
	bool sounds;
};

/* Of SOUND_CHANNELS samples each. Whether it sounds, from this piece on: one that is not zeros begins it, the
 * last zeros of SOUND_SILENCE_MS end it. */
bool sound_silence_add(struct sound_silence *s, const int16_t *samples, size_t frames);
