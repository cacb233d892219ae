#include "common/sound/silence.h"

#include "common/sound/ring.h"
#include "common/wire/limits.h"

#define SILENCE_FRAMES ((size_t)SOUND_SILENCE_MS * WIRE_SOUND_RATE_HZ / 1000)

static bool is_zero(const int16_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (samples[i] != 0)
			return false;
	return true;
}

bool sound_silence_add(struct sound_silence *s, const int16_t *samples, size_t frames)
{
	if (!is_zero(samples, frames * SOUND_CHANNELS)) {
		s->zeros = 0;
		s->sounds = true;
	} else if (s->sounds) {
		s->zeros += frames;
		s->sounds = s->zeros < SILENCE_FRAMES;
	}
	return s->sounds;
}
