/* What waits before it is played, with a clock of the test's own: two machines whose clocks differ, a
 * network that stalls, a link that lies. */
#include "tests/unit/cmocka_first.h"

#include "common/sound/lateness.h"
#include "common/sound/player.h"
#include "common/wire/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_PER_MS (WIRE_SOUND_RATE_HZ / 1000)
#define PACKET_FRAMES (10 * FRAMES_PER_MS)
#define DEVICE_FRAMES 240 /* what SDL is granted by PulseAudio */

struct rig {
	uint8_t *memory; /* owned */
	struct sound_ring writer;
	struct sound_player player;
	struct sound_lateness lateness;
	uint64_t sent, due_us;                  /* packets; when the next one arrives */
	double sender_us;                       /* how long a packet is by the laptop's clock */
	double rate_min, rate_max, waiting_max; /* after ten seconds */
};

static void setup(struct rig *g, double sender_ppm)
{
	memset(g, 0, sizeof(*g));
	g->memory = aligned_alloc(4096, (SOUND_RING_BYTES + 4095) / 4096 * 4096);
	assert_non_null(g->memory);
	memset(g->memory, 0, SOUND_RING_BYTES);
	sound_ring_init(&g->writer, g->memory);
	sound_lateness_init(&g->lateness);
	sound_player_init(&g->player);
	sound_player_attach(&g->player, g->memory);
	sound_player_begin(&g->player);
	g->sender_us = 10000 / (1 + sender_ppm / 1e6);
	g->rate_min = g->rate_max = 1;
}

static void arrive(struct rig *g, uint64_t now_us)
{
	int16_t samples[PACKET_FRAMES * SOUND_CHANNELS];

	for (size_t i = 0; i < PACKET_FRAMES; i++) {
		double phase =
			(double)(g->sent * PACKET_FRAMES + i) * 2 * M_PI * 440 / WIRE_SOUND_RATE_HZ;
		samples[2 * i] = samples[2 * i + 1] = (int16_t)(10000 * sin(phase));
	}
	sound_ring_write(&g->writer, samples, PACKET_FRAMES);
	uint32_t ms = sound_lateness_add(&g->lateness, now_us, g->sent * 10000);
	sound_ring_set_target(&g->writer, ms * FRAMES_PER_MS);
	g->sent++;
}

/* late_us: of a packet, by its number; monotonic arrival as TCP has it. */
static void run(struct rig *g, uint64_t from_s, uint64_t to_s, uint64_t (*late_us)(uint64_t))
{
	int16_t out[DEVICE_FRAMES * SOUND_CHANNELS];

	for (uint64_t now = from_s * 1000000; now < to_s * 1000000; now += 5000) {
		while (g->due_us <= now) {
			if (g->due_us > 0)
				arrive(g, g->due_us);
			double next = (double)(g->sent + 1) * g->sender_us;
			g->due_us = MAX(g->due_us + 1, (uint64_t)next + late_us(g->sent));
		}
		sound_player_pull(&g->player, out, DEVICE_FRAMES);
		if (now < (from_s + 10) * 1000000)
			continue;
		g->rate_min = MIN(g->rate_min, g->player.rate);
		g->rate_max = MAX(g->rate_max, g->player.rate);
		g->waiting_max = MAX(g->waiting_max, sound_player_waiting(&g->player));
	}
}

static uint64_t never_late(uint64_t packet)
{
	(void)packet;
	return 0;
}

/* Up to 40 ms, by no pattern. */
static uint64_t jittery(uint64_t packet)
{
	return packet * 2654435761U % 40000;
}

/* 400 ms once. */
static uint64_t one_stall(uint64_t packet)
{
	return packet >= 1000 && packet < 1040 ? (1040 - packet) * 10000 : 0;
}

/* Ten minutes of a sender that is 210 ppm off, either way, and of one that is far off. */
static void test_clocks_that_differ(void **state)
{
	static const double ppm[] = { 210, -210, 1000, -1000 };
	struct rig g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ppm); i++) {
		setup(&g, ppm[i]);
		run(&g, 0, 600, never_late);
		assert_int_equal(g.player.gaps, 0);
		assert_int_equal(g.player.jumps, 0);
		assert_true(g.waiting_max < 50 * FRAMES_PER_MS);
		assert_true(g.rate_max < 1.003 && g.rate_min > 0.997);
		free(g.memory);
	}
}

/* The target follows the network: after what it takes to learn there are few gaps. */
static void test_network_that_jitters(void **state)
{
	struct rig g;

	(void)state;
	setup(&g, 0);
	run(&g, 0, 20, jittery);
	unsigned learning = g.player.gaps;
	run(&g, 20, 80, jittery);
	assert_true(g.player.gaps - learning <= 1);
	assert_int_equal(g.player.jumps, 0);
	assert_in_range(sound_ring_target(&g.writer) / FRAMES_PER_MS, 50, 62);
	free(g.memory);
}

/* A stall is one gap, and what it leaves over is not kept. */
static void test_stall(void **state)
{
	struct rig g;

	(void)state;
	setup(&g, 0);
	run(&g, 0, 60, one_stall);
	assert_int_equal(g.player.gaps, 1);
	assert_true(g.player.jumps <= 1);
	assert_true(sound_player_waiting(&g.player) < 60 * FRAMES_PER_MS);
	assert_int_equal(sound_ring_target(&g.writer), SOUND_TARGET_MIN_MS * FRAMES_PER_MS);
	free(g.memory);
}

/* The end is no gap, and everything before it was played. */
static void test_end(void **state)
{
	int16_t out[DEVICE_FRAMES * SOUND_CHANNELS];
	struct rig g;
	bool heard = false;

	(void)state;
	setup(&g, 0);
	arrive(&g, 1); /* less than the target: it is played since nothing more comes */
	sound_player_pull(&g.player, out, DEVICE_FRAMES);
	assert_false(g.player.playing);
	sound_player_end(&g.player);
	assert_false(sound_player_is_done(&g.player));
	for (int i = 0; i < 10; i++) {
		sound_player_pull(&g.player, out, DEVICE_FRAMES);
		heard = heard || abs(out[DEVICE_FRAMES]) > 1000;
	}
	assert_true(heard);
	assert_true(sound_player_is_done(&g.player));
	assert_int_equal(g.player.gaps, 0);
	for (size_t i = 0; i < ARRAY_LEN(out); i++)
		assert_in_range(out[i] + 1, 0, 2); /* faded out */
	free(g.memory);
}

static double loudness(struct rig *g)
{
	int16_t out[WIRE_SOUND_RATE_HZ / 10 * SOUND_CHANNELS];
	double sum = 0;

	for (int i = 0; i < 10; i++)
		arrive(g, g->sent * 10000);
	sound_player_pull(&g->player, out, ARRAY_LEN(out) / SOUND_CHANNELS);
	for (size_t i = 0; i < ARRAY_LEN(out); i++)
		sum += fabs((double)out[i]);
	return sum / ARRAY_LEN(out);
}

static void test_volume(void **state)
{
	struct rig g;

	(void)state;
	setup(&g, 0);
	for (int i = 0; i < 4; i++)
		arrive(&g, g.sent * 10000);
	(void)loudness(&g);
	double full = loudness(&g);
	assert_true(full > 6000 && full < 6800); /* 10000 * 2 / pi */
	g.player.volume = 0.5F;
	(void)loudness(&g);
	double half = loudness(&g);
	assert_true(half > full * 0.49 && half < full * 0.51);
	g.player.volume = 0;
	(void)loudness(&g);
	assert_true(loudness(&g) == 0);
	free(g.memory);
}

/* Interpolation adds nothing that is heard: a tone stays a tone at any place between two samples. */
static void test_interpolation(void **state)
{
	int16_t out[PACKET_FRAMES * SOUND_CHANNELS];
	struct rig g;

	(void)state;
	setup(&g, 0);
	for (int i = 0; i < 100; i++)
		arrive(&g, g.sent * 10000);
	sound_player_pull(&g.player, out, PACKET_FRAMES); /* skips to the target, fades in */
	g.player.between = 0.37;
	double at = (double)g.player.at + 0.37;
	g.player.waiting = 20 * FRAMES_PER_MS;
	sound_player_pull(&g.player, out, 240);
	assert_true(g.player.rate < 1.0001 && g.player.rate > 0.9999);
	for (int i = 0; i < 240; i++) {
		double wanted = 10000 * sin((at + i) * 2 * M_PI * 440 / WIRE_SOUND_RATE_HZ);
		assert_true(fabs(out[2 * i] - wanted) < 30); /* -50 dB */
	}
	free(g.memory);
}

/* Positions and targets that cannot be: no byte outside of the ring is read (the sanitizers look). */
static void test_link_that_lies(void **state)
{
	static const uint64_t positions[] = { 0, 1, UINT64_MAX, UINT64_MAX - 5, 1ULL << 63, 77 };
	int16_t out[DEVICE_FRAMES * SOUND_CHANNELS];
	struct rig g;

	(void)state;
	setup(&g, 0);
	for (size_t i = 0; i < 200; i++) {
		memcpy(g.memory, &positions[i % ARRAY_LEN(positions)], sizeof(positions[0]));
		sound_ring_set_target(&g.writer, i % 3 == 0 ? UINT32_MAX : 0);
		if (i % 7 == 0)
			sound_player_end(&g.player);
		sound_player_pull(&g.player, out, DEVICE_FRAMES);
		(void)sound_player_is_done(&g.player);
	}
	sound_player_attach(&g.player, NULL);
	sound_player_pull(&g.player, out, DEVICE_FRAMES);
	free(g.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks_that_differ),
		cmocka_unit_test(test_network_that_jitters),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_volume),
		cmocka_unit_test(test_interpolation),
		cmocka_unit_test(test_link_that_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
