/*
 * From the agent's FRAME_READY to the UI's UPDATE through the real farseat-worker and farseat-link
 * over loopback TCP: what the two of them and the codec add between capture and presentation.
 *
 * usage: link_latency FARSEAT-WORKER FARSEAT-LINK
 */
#include "common/base/clock.h"
#include "common/crypto/random.h"
#include "tests/bench/percentile.h"
#include "tests/support/rig/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  1920
#define HEIGHT 1080
#define ROUNDS 60

/* Photographs that follow each other faster are film, which is exact only when it rests. */
#define PAUSE_MS       30
#define PHOTO_PAUSE_MS 200
#define UPDATE_MS      5000

static void draw_block(struct rig *r, int round)
{
	uint16_t x = (uint16_t)(100 + round * 13 % 1500), y = (uint16_t)(100 + round * 7 % 700);

	for (int row = 0; row < 200; row++)
		memset(r->framebuffer.bytes + ((size_t)(y + row) * WIDTH + x) * 4, 40 + round * 3,
			200 * 4);
	rig_damage(r, x, y, 200, 200);
}

/* Something like a photograph: large smooth shapes and the noise of a sensor. */
static void draw_photo(struct rig *r, int round)
{
	uint32_t seed = (uint32_t)round;

	for (int y = 0; y < HEIGHT; y++) {
		uint8_t *p = r->framebuffer.bytes + (size_t)y * WIDTH * 4;
		for (int x = 0; x < WIDTH; x++, p += 4) {
			seed = seed * 1664525U + 1013904223U;
			int noise = (int)(seed >> 29);
			int base = 96 + (x * (round + 3) / 23 + y * 3 / 7) % 97;
			p[0] = (uint8_t)(base + noise);
			p[1] = (uint8_t)(base + 20 + (y >> 4) % 40 + noise / 2);
			p[2] = (uint8_t)(255 - base + noise);
		}
	}
	rig_damage(r, 0, 0, WIDTH, HEIGHT);
}

static void draw_caret(struct rig *r, int round)
{
	uint16_t x = (uint16_t)(300 + round % 80 * 9);

	for (int row = 0; row < 16; row++)
		for (int i = 0; i < 8; i++)
			r->framebuffer
				.bytes[((size_t)(500 + row) * WIDTH + x + (size_t)i) * 4 + 1] =
				(row * 5 + i * 3 + round) % 7 < 3 ? 255 : 0;
	rig_damage(r, x, 500, 8, 16);
}

static void wait_for_update(struct rig *r)
{
	if (!rig_next_update(r, UPDATE_MS)) {
		fprintf(stderr, "no update in %d ms\n", UPDATE_MS);
		exit(1);
	}
}

static void measure(struct rig *r, const char *name, void (*draw)(struct rig *r, int round),
	int rounds, int pause_ms)
{
	uint64_t first_us[ROUNDS], whole_us[ROUNDS];

	for (int i = 0; i < rounds; i++) {
		rig_run(r, NULL, pause_ms);
		draw(r, i);
		wait_for_update(r);
		first_us[i] = r->update_us - r->ready_us;
		uint64_t begin_us = r->ready_us;
		while (!rig_is_equal(r)) {
			wait_for_update(r);
		}
		whole_us[i] = r->update_us - begin_us;
	}
	const size_t count = (size_t)rounds;
	printf("%-28s first update p50 %7.2f ms p95 %7.2f   whole p50 %7.2f ms p95 %7.2f\n", name,
		(double)percentile(first_us, count, 50) / 1000,
		(double)percentile(first_us, count, 95) / 1000,
		(double)percentile(whole_us, count, 50) / 1000,
		(double)percentile(whole_us, count, 95) / 1000);
}

int main(int argc, char **argv)
{
	static struct rig rig;
	struct rig_identity identity;

	if (argc != 3) {
		fprintf(stderr, "usage: %s FARSEAT-WORKER FARSEAT-LINK\n", argv[0]);
		return 2;
	}
	const struct rig_programs programs = { argv[1], argv[2] };
	if (crypto_init() < 0)
		return 1;
	rig_identity_create(&identity);
	rig_init(&rig, &programs, &identity, WIDTH, HEIGHT);
	rig_start(&rig, false);
	if (!rig_run(&rig, rig_is_equal, 5000))
		return 1;
	measure(&rig, "character 8x16", draw_caret, ROUNDS, PAUSE_MS);
	measure(&rig, "block 200x200", draw_block, ROUNDS, PAUSE_MS);
	measure(&rig, "photo 1920x1080", draw_photo, 20, PHOTO_PAUSE_MS);
	const struct worker_record ask = { .type = RECORD_STATS_ASK };
	if (worker_record_send(&rig.supervisor, &ask, -1) < 0)
		return 1;
	rig_run(&rig, NULL, 1500);
	printf("encode p50 %.2f ms, decode p50 %.2f p95 %.2f ms, link %u bytes/ms, round trip %u us, frames %llu\n",
		rig.stats.encode_us_p50 / 1000.0, rig.link_stats.decode_us_p50 / 1000.0,
		rig.link_stats.decode_us_p95 / 1000.0, rig.stats.link_bytes_per_ms,
		rig.stats.rtt_us, (unsigned long long)rig.stats.frames);
	for (int i = 0; i < 6; i++)
		printf("  coder %d: %.1f Mpx %.1f kB\n", i, (double)rig.stats.pixels[i] / 1e6,
			(double)rig.stats.bytes[i] / 1e3);
	printf("memory: worker %ld KiB, link %ld KiB\n", rig_rss_kib(rig.worker_pid),
		rig_rss_kib(rig.link_pid));
	rig_finish(&rig);
	rig_identity_destroy(&identity);
	return 0;
}
