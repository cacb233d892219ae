/*
 * What the codec costs: bytes and time for recorded scenes (record_scenes.sh), and each stage by
 *itself.
 *
 *	codec_bench [-b bytes-per-ms] [-t encode-us] [-f frames] [-n repetitions]
 *	            [-p frame-ms] [-v] [-x] SCENE.zst...
 *	codec_bench -s PICTURE.bgrx      the stages on one 1920x1080 picture
 *
 * -p: play a frame every so many ms, which is what film is known by; without it as fast as it goes.
 * -x: no video, which scenes played without their pauses may look like.
 *
 * Every frame is decoded and compared: the figures are those of exact pictures. The damage given to
 *the encoder is the bounding boxes of what changed in 256 x 64 areas, as a display would report it.
 */
#include "common/codec/codec.h"

#include "common/base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec_stages.h"

#define WIDTH_PX    1920
#define HEIGHT_PX   1080
#define FRAME_BYTES ((size_t)WIDTH_PX * HEIGHT_PX * 4)
#define FRAMES_MAX  400

struct scene {
	uint8_t *frames[FRAMES_MAX];
	size_t count;
};

struct result {
	struct codec_decoder *decoder;
	uint64_t bytes, decode_ns;
};

struct run {
	double kb_per_frame, encode_ms[FRAMES_MAX], decode_ms[FRAMES_MAX];
	double first_kb, first_encode_ms, first_decode_ms;
	size_t count;
	struct codec_stats stats;
};

static int load(struct scene *s, const char *path, size_t max)
{
	char command[512];

	snprintf(command, sizeof(command), "zstd -dc --long=25 '%s' 2>/dev/null", path);
	FILE *f = popen(command, "r");
	uint8_t *frame = malloc(FRAME_BYTES);
	s->count = 0;
	while (f && frame && s->count < max && fread(frame, 1, FRAME_BYTES, f) == FRAME_BYTES) {
		if (s->count > 0 && memcmp(frame, s->frames[s->count - 1], FRAME_BYTES) == 0)
			continue;
		s->frames[s->count++] = frame;
		frame = malloc(FRAME_BYTES);
	}
	free(frame);
	if (f)
		pclose(f);
	return s->count > 0 ? 0 : -1;
}

static void unload(struct scene *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->frames[i]);
}

static bool rows_differ(
	const uint8_t *a, const uint8_t *b, uint32_t x, uint32_t y, uint32_t width_px)
{
	size_t at = ((size_t)y * WIDTH_PX + x) * 4;

	return memcmp(a + at, b + at, (size_t)width_px * 4) != 0;
}

/* One rectangle for each area of 480 x 72 with a change: 60 of them. */
static size_t damage_of(const uint8_t *before, const uint8_t *after, struct codec_rect *rects)
{
	const uint32_t width_px = WIDTH_PX / 4, height_px = HEIGHT_PX / 15;
	size_t count = 0;

	for (uint32_t y = 0; y < HEIGHT_PX; y += height_px)
		for (uint32_t x = 0; x < WIDTH_PX; x += width_px) {
			uint32_t top = height_px, bottom = 0;
			for (uint32_t i = 0; i < height_px; i++)
				if (rows_differ(before, after, x, y + i, width_px)) {
					top = MIN(top, i);
					bottom = i + 1;
				}
			if (bottom == 0)
				continue;
			uint32_t left = 0, right = width_px;
			bool narrow = true;
			while (narrow && left + 16 < right) {
				for (uint32_t i = top; i < bottom && narrow; i++)
					narrow = !rows_differ(before, after, x + left, y + i, 16);
				left += narrow ? 16 : 0;
			}
			for (narrow = true; narrow && right > left + 16;) {
				for (uint32_t i = top; i < bottom && narrow; i++)
					narrow = !rows_differ(
						before, after, x + right - 16, y + i, 16);
				right -= narrow ? 16 : 0;
			}
			rects[count++] =
				(struct codec_rect){ (uint16_t)(x + left), (uint16_t)(y + top),
					(uint16_t)(right - left), (uint16_t)(bottom - top) };
		}
	return count;
}

static int take(void *user, const uint8_t *bytes, size_t len)
{
	struct result *r = user;
	struct codec_changed changed;
	uint64_t begin = clock_now_ns();
	int result = codec_decoder_decode(r->decoder, bytes, len, &changed);

	r->decode_ns += clock_now_ns() - begin;
	r->bytes += len;
	return result;
}

/* Peak signal to noise ratio in dB over as many pixels as video shows. */
static double psnr(const struct codec_decoder *d, const uint8_t *frame, uint64_t video_px)
{
	const uint8_t *pixels = codec_decoder_pixels(d);
	double sum = 0;

	for (size_t i = 0; i < FRAME_BYTES; i++) {
		int difference = i % 4 == 3 ? 0 : pixels[i] - frame[i];
		sum += difference * difference;
	}
	return video_px > 0 ? 10 * log10(255 * 255 * 3 * (double)video_px / (sum + 1e-9)) : 0;
}

static bool exact(const struct codec_decoder *d, const uint8_t *frame)
{
	const uint8_t *pixels = codec_decoder_pixels(d);

	for (size_t i = 0; i < FRAME_BYTES / 4; i++) {
		if (memcmp(pixels + i * 4, frame + i * 4, 3) != 0 || pixels[i * 4 + 3] != 0)
			return false;
	}
	return true;
}

/* Sums up to the frame before. */
static struct codec_stats before;
static bool verbose;
static uint32_t features; /* enum codec_feature */
static uint32_t frame_ms; /* 0: without pauses */

static void wait_until(uint64_t at_us)
{
	for (uint64_t now_us = clock_now_us(); now_us < at_us; now_us = clock_now_us())
		usleep((useconds_t)(at_us - now_us));
}

static void show_frame(size_t i, const struct codec_encoder *e, const struct result *r,
	const uint8_t *frame, double encode_ms, double decode_ms)
{
	struct codec_stats now;

	codec_encoder_stats(e, &now);
	printf("frame %3zu %8lu bytes, encode %.3f ms, decode %.3f ms; pixels compared %lu copied %lu cached %lu "
	       "ctx %lu medz %lu video %lu %.1f dB\n",
		i, r->bytes, encode_ms, decode_ms, now.pixels_compared - before.pixels_compared,
		now.pixels_copied - before.pixels_copied, now.pixels_cached - before.pixels_cached,
		now.pixels_ctx - before.pixels_ctx, now.pixels_medz - before.pixels_medz,
		now.pixels_video - before.pixels_video,
		psnr(r->decoder, frame, now.pixels_video - before.pixels_video));
	before = now;
}

static int play(const struct scene *s, const struct codec_budget *budget, struct run *run)
{
	struct codec_params params = { WIDTH_PX, HEIGHT_PX, features, 1 };
	struct codec_rect all = { 0, 0, WIDTH_PX, HEIGHT_PX }, rects[CODEC_RECTS_MAX];
	struct codec_encoder *encoder;
	struct result r;
	uint64_t bytes = 0;

	if (codec_encoder_create(&encoder, &params) < 0 ||
		codec_decoder_create(&r.decoder, &params) < 0)
		return -1;
	*run = (struct run){ 0 };
	uint64_t start_us = clock_now_us();
	for (size_t i = 0; i < s->count; i++) {
		size_t count = 1;
		rects[0] = all;
		if (i > 0)
			count = damage_of(s->frames[i - 1], s->frames[i], rects);
		r.bytes = r.decode_ns = 0;
		wait_until(start_us + i * frame_ms * 1000);
		uint64_t begin = clock_now_ns();
		codec_encoder_update(encoder, s->frames[i], (size_t)WIDTH_PX * 4, rects, count);
		do {
			if (codec_encoder_encode(encoder, budget, take, &r) < 0)
				return -1;
		} while (codec_encoder_pending(encoder) && !codec_encoder_inexact(encoder));
		double encode_ms = (double)(clock_now_ns() - begin - r.decode_ns) / 1e6;
		double decode_ms = (double)r.decode_ns / 1e6;
		if (!codec_encoder_inexact(encoder) && !exact(r.decoder, s->frames[i])) {
			fprintf(stderr, "frame %zu is not exact\n", i);
			return -1;
		}
		if (i == 0) {
			run->first_kb = (double)r.bytes / 1024;
			run->first_encode_ms = encode_ms;
			run->first_decode_ms = decode_ms;
			continue;
		}
		bytes += r.bytes;
		if (verbose)
			show_frame(i, encoder, &r, s->frames[i], encode_ms, decode_ms);
		run->encode_ms[run->count] = encode_ms;
		run->decode_ms[run->count++] = decode_ms;
	}
	run->kb_per_frame = run->count > 0 ? (double)bytes / 1024 / (double)run->count : 0;
	codec_encoder_stats(encoder, &run->stats);
	codec_encoder_destroy(encoder);
	codec_decoder_destroy(r.decoder);
	return 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double percentile(double *values, size_t count, size_t percent)
{
	qsort(values, count, sizeof(*values), ascending);
	return count > 0 ? values[(count - 1) * percent / 100] : 0;
}

static void show(const char *name, struct run *r)
{
	double sum_kb = (double)(r->stats.bytes_ctx + r->stats.bytes_medz + r->stats.bytes_copy +
				 r->stats.bytes_cache + r->stats.bytes_video) /
			1024;
	const char *base = strrchr(name, '/');

	printf("%-12s %4zu %9.2f | %6.2f %6.2f | %6.2f %6.2f | %7.0f %6.1f %6.1f |",
		base ? base + 1 : name, r->count, r->kb_per_frame,
		percentile(r->encode_ms, r->count, 50), percentile(r->encode_ms, r->count, 95),
		percentile(r->decode_ms, r->count, 50), percentile(r->decode_ms, r->count, 95),
		r->first_kb, r->first_encode_ms, r->first_decode_ms);
	printf(" kpx/f copy %.0f cache %.0f ctx %.0f medz %.0f; KB copy %.0f cache %.0f ctx %.0f medz %.0f of %.0f\n",
		(double)r->stats.pixels_copied / 1e3 / (double)(r->count + 1),
		(double)r->stats.pixels_cached / 1e3 / (double)(r->count + 1),
		(double)r->stats.pixels_ctx / 1e3 / (double)(r->count + 1),
		(double)r->stats.pixels_medz / 1e3 / (double)(r->count + 1),
		(double)r->stats.bytes_copy / 1024, (double)r->stats.bytes_cache / 1024,
		(double)r->stats.bytes_ctx / 1024, (double)r->stats.bytes_medz / 1024, sum_kb);
}

int main(int argc, char **argv)
{
	struct codec_budget budget = { 0 };
	size_t frames = FRAMES_MAX, repetitions = 1;
	static struct scene scene;
	static struct run run, best;

	features = codec_features();
	for (int option; (option = getopt(argc, argv, "b:f:n:p:t:s:vx")) >= 0;) {
		switch (option) {
		case 'b':
			budget.link_bytes_per_ms = (uint32_t)atoi(optarg);
			break;
		case 't':
			budget.time_us = (uint32_t)atoi(optarg);
			break;
		case 'f':
			frames = MIN((size_t)atoi(optarg), (size_t)FRAMES_MAX);
			break;
		case 'n':
			repetitions = (size_t)atoi(optarg);
			break;
		case 'p':
			frame_ms = (uint32_t)atoi(optarg);
			break;
		case 'x':
			features &= ~(uint32_t)CODEC_FEATURE_VIDEO;
			break;
		case 'v':
			verbose = true;
			break;
		case 's':
			return codec_stages(optarg, WIDTH_PX, HEIGHT_PX);
		default:
			return 2;
		}
	}
	printf("scene        frames  KB/frame | encode ms 50,95 | decode ms 50,95 | first frame KB, encode, decode ms |\n");
	for (int i = optind; i < argc; i++) {
		if (load(&scene, argv[i], frames) < 0) {
			fprintf(stderr, "%s: cannot read\n", argv[i]);
			return 1;
		}
		for (size_t n = 0; n < repetitions; n++) {
			if (play(&scene, &budget, &run) < 0)
				return 1;
			/* Best of several: others use this machine too. */
			for (size_t k = 0; n > 0 && k < run.count; k++) {
				run.encode_ms[k] = MIN(run.encode_ms[k], best.encode_ms[k]);
				run.decode_ms[k] = MIN(run.decode_ms[k], best.decode_ms[k]);
			}
			if (n > 0) {
				run.first_encode_ms =
					MIN(run.first_encode_ms, best.first_encode_ms);
				run.first_decode_ms =
					MIN(run.first_decode_ms, best.first_decode_ms);
			}
			best = run;
		}
		show(argv[i], &best);
		unload(&scene);
	}
	return 0;
}
