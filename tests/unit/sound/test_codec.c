/* Opus there and back: a tone stays a tone, what is no packet is refused. */
#include "tests/unit/cmocka_first.h"

#include "common/sound/codec.h"
#include "common/sound/ring.h"
#include "common/wire/limits.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 480

static void tone(int16_t *samples, size_t from, size_t frames)
{
	for (size_t i = 0; i < frames; i++) {
		double phase = (double)(from + i) * 2 * M_PI * 1000 / WIRE_SOUND_RATE_HZ;
		samples[2 * i] = (int16_t)(10000 * sin(phase));
		samples[2 * i + 1] = 0;
	}
}

/* How much of 1 kHz is in it, as an amplitude. */
static double amplitude(const int16_t *samples, size_t frames, unsigned channel)
{
	double re = 0, im = 0;

	for (size_t i = 0; i < frames; i++) {
		double phase = (double)i * 2 * M_PI * 1000 / WIRE_SOUND_RATE_HZ;
		re += samples[2 * i + channel] * cos(phase);
		im += samples[2 * i + channel] * sin(phase);
	}
	return 2 * sqrt(re * re + im * im) / (double)frames;
}

static void test_tone(void **state)
{
	static int16_t in[FRAMES * 2], out[SOUND_PACKET_MAX_FRAMES * 2];
	uint8_t packet[WIRE_SOUND_PACKET_MAX_BYTES];
	struct sound_encoder *e;
	struct sound_decoder *d;
	size_t bytes = 0;

	(void)state;
	assert_int_equal(sound_encoder_create(&e, 96), 0);
	assert_int_equal(sound_decoder_create(&d), 0);
	for (size_t i = 0; i < 100; i++) {
		tone(in, i * FRAMES, FRAMES);
		int len = sound_encoder_encode(e, in, FRAMES, packet, sizeof(packet));
		assert_in_range(len, 1, sizeof(packet));
		bytes += (size_t)len;
		assert_int_equal(sound_decoder_decode(d, packet, (size_t)len, 0, out), FRAMES);
		if (i < 5)
			continue;
		assert_true(fabs(amplitude(out, FRAMES, 0) - 10000) < 800);
		assert_true(amplitude(out, FRAMES, 1) < 200);
	}
	assert_in_range(bytes, 2000, 13000); /* 96 kbit/s of a second, at most */
	/* One that was lost is made up. */
	assert_int_equal(sound_decoder_decode(d, NULL, 0, FRAMES, out), FRAMES);
	sound_encoder_destroy(e);
	sound_decoder_destroy(d);
}

static void test_no_packet(void **state)
{
	static int16_t out[SOUND_PACKET_MAX_FRAMES * 2];
	static const uint8_t odd[] = { 0xff, 0xff }; /* 63 frames of 20 ms, which do not fit 120 */
	struct sound_decoder *d;

	(void)state;
	assert_int_equal(sound_decoder_create(&d), 0);
	assert_int_equal(sound_decoder_decode(d, odd, sizeof(odd), 0, out), -EPROTO);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		size_t len = 1 + (size_t)rand() % 300;
		uint8_t *exact = malloc(len); /* on the heap, so that a read past it is seen */
		assert_non_null(exact);
		for (size_t n = 0; n < len; n++)
			exact[n] = (uint8_t)rand();
		int r = sound_decoder_decode(d, exact, len, 0, out);
		assert_true(r == -EPROTO || (r > 0 && r <= SOUND_PACKET_MAX_FRAMES));
		free(exact);
	}
	sound_decoder_destroy(d);
}

static void test_wrong_values(void **state)
{
	static int16_t in[1000];
	uint8_t packet[WIRE_SOUND_PACKET_MAX_BYTES];
	struct sound_encoder *e, *none;

	(void)state;
	assert_int_equal(sound_encoder_create(&e, 64), 0);
	assert_int_equal(sound_encoder_encode(e, in, 481, packet, sizeof(packet)), -EINVAL);
	assert_int_equal(sound_encoder_create(&none, 0), -EINVAL);
	sound_encoder_destroy(e);
	sound_encoder_destroy(NULL);
	sound_decoder_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tone),
		cmocka_unit_test(test_no_packet),
		cmocka_unit_test(test_wrong_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
