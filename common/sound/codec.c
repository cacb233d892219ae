#include "common/sound/codec.h"

#include "common/sound/ring.h"
#include "common/wire/limits.h"

#include <errno.h>
#include <opus.h>
#include <stdlib.h>

/* Of 10: 1.5 % of a core; more is not heard at these rates. */
#define COMPLEXITY 5

/* Two names for what Opus has: nobody else need know it. */
struct sound_encoder {
	OpusEncoder *opus; /* owned */
};
struct sound_decoder {
	OpusDecoder *opus; /* owned */
};

static int error_of(int opus)
{
	return opus == OPUS_OK ? 0 : opus == OPUS_ALLOC_FAIL ? -ENOMEM : -EINVAL;
}

static int set_rate(struct sound_encoder *e, unsigned kbit_per_s)
{
	return error_of(opus_encoder_ctl(e->opus, OPUS_SET_BITRATE((opus_int32)kbit_per_s * 1000)));
}

int sound_encoder_create(struct sound_encoder **out, unsigned kbit_per_s)
{
	struct sound_encoder *e = calloc(1, sizeof(*e));
	int error;

	if (!e)
		return -ENOMEM;
	e->opus = opus_encoder_create(
		WIRE_SOUND_RATE_HZ, SOUND_CHANNELS, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &error);
	if (!e->opus) {
		free(e);
		return error < 0 ? error_of(error) : -ENOMEM;
	}
	int r = set_rate(e, kbit_per_s);
	if (r == 0)
		r = error_of(opus_encoder_ctl(e->opus, OPUS_SET_COMPLEXITY(COMPLEXITY)));
	if (r < 0) {
		sound_encoder_destroy(e);
		return r;
	}
	*out = e;
	return 0;
}

void sound_encoder_destroy(struct sound_encoder *e)
{
	if (e && e->opus)
		opus_encoder_destroy(e->opus);
	free(e);
}

int sound_encoder_encode(
	struct sound_encoder *e, const int16_t *samples, size_t frames, uint8_t *out, size_t size)
{
	int len = opus_encode(e->opus, samples, (int)frames, out, (opus_int32)size);

	return len > 0 ? len : -EINVAL;
}

int sound_decoder_create(struct sound_decoder **out)
{
	struct sound_decoder *d = calloc(1, sizeof(*d));
	int error;

	if (!d)
		return -ENOMEM;
	d->opus = opus_decoder_create(WIRE_SOUND_RATE_HZ, SOUND_CHANNELS, &error);
	if (!d->opus) {
		free(d);
		return error_of(error);
	}
	*out = d;
	return 0;
}

void sound_decoder_destroy(struct sound_decoder *d)
{
	if (d && d->opus)
		opus_decoder_destroy(d->opus);
	free(d);
}

int sound_decoder_decode(struct sound_decoder *d, const uint8_t *packet, size_t len, size_t frames,
	int16_t out[static SOUND_PACKET_MAX_FRAMES * 2])
{
	size_t room =
		packet ? SOUND_PACKET_MAX_FRAMES : MIN(frames, (size_t)SOUND_PACKET_MAX_FRAMES);
	int count = opus_decode(d->opus, packet, (opus_int32)len, out, (int)room, 0);

	return count > 0 ? count : -EPROTO;
}
