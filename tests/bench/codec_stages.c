#include "codec_stages.h"

#include "common/base/clock.h"
#include "common/codec/ctx.h"
#include "common/codec/medz.h"
#include "common/codec/motion.h"
#include "common/codec/slice.h"
#include "common/codec/tiles.h"

#include <stdio.h>
#include <stdlib.h>

#define REPETITIONS 15

struct stages {
	struct codec_picture picture, other;
	struct codec_tiles tiles;
	uint8_t *source;
	double area_px;
};

static uint64_t begin_ns, best_ns;

/* Runs what follows it REPETITIONS times and prints the best time for area_px pixels. */
#define MEASURE(label, simd, area)                                                                 \
	for (int n_ = (best_ns = UINT64_MAX, 0); n_ <= REPETITIONS; n_++)                          \
		if (n_ == REPETITIONS)                                                             \
			printf("%-10s %-22s %7.3f ns/px %8.0f Mpx/s %8.3f ms\n", (simd)->name,     \
				label, (double)best_ns / (area), (area)*1e3 / (double)best_ns,     \
				(double)best_ns / 1e6);                                            \
		else                                                                               \
			for (begin_ns = clock_now_ns(); begin_ns;                                  \
				best_ns = MIN(best_ns, clock_now_ns() - begin_ns), begin_ns = 0)

static void loops(struct stages *s, const struct codec_simd *simd)
{
	struct codec_rect all = { 0, 0, (uint16_t)s->picture.width_px,
		(uint16_t)s->picture.height_px };
	uint8_t *planes = malloc((size_t)s->area_px * 3);
	struct codec_planes p = { planes, planes + (size_t)s->area_px,
		planes + 2 * (size_t)s->area_px };
	size_t sum = 0;

	codec_picture_copy(&s->other, &s->picture, all);
	MEASURE("update, equal", simd, s->area_px)
	codec_tiles_update(&s->tiles, simd, &s->picture, s->source, (size_t)all.width_px * 4, all);
	MEASURE("shrink, equal", simd, s->area_px)
	{
		struct codec_rect r = all;
		sum += codec_tiles_shrink(simd, &s->picture, &s->other, &r);
	}
	MEASURE("count hard", simd, s->area_px)
	for (uint32_t y = 1; y < all.height_px; y++)
		sum += simd->count_hard(codec_picture_at(&s->picture, 0, y),
			codec_picture_at(&s->picture, 0, y - 1), all.width_px);
	MEASURE("split", simd, s->area_px / 2)
	simd->split(s->picture.pixels, all.width_px, all.width_px / 2U, all.height_px, &p);
	MEASURE("join", simd, s->area_px / 2)
	simd->join(s->other.pixels, all.width_px, all.width_px / 2U, all.height_px, &p);
	if (sum == 1)
		puts("");
	free(planes);
}

/* A page that has scrolled by 37 rows, all of it. */
static void motion(struct stages *s, const struct codec_simd *simd)
{
	static struct codec_copies copies;
	uint32_t width_px = s->picture.width_px, height_px = s->picture.height_px, down = 37;
	struct codec_motion *m;
	uint64_t moved = 0;

	if (codec_motion_create(&m, simd, width_px, height_px) < 0)
		return;
	for (uint32_t y = 0; y < height_px; y++)
		memcpy(codec_picture_at(&s->other, 0, y),
			codec_picture_at(&s->picture, 0, (y + down) % height_px),
			(size_t)width_px * 4);
	memset(s->tiles.changed, 1, codec_tiles_count(&s->tiles));
	MEASURE("motion, all scrolled", simd, s->area_px)
	moved = codec_motion_find(m, &s->tiles, &s->other, &s->picture, &copies);
	printf("           %.1f %% moved, %zu vectors, %zu rectangles\n",
		(double)moved * 100 / s->area_px, copies.vector_count,
		copies.vector_count > 0 ? copies.vectors[0].rect_count : 0);
	codec_motion_destroy(m);
}

static void medz(struct stages *s, const struct codec_simd *simd)
{
	struct codec_rect strip = { 0, 0, (uint16_t)(s->picture.width_px / 2), 256 };
	struct codec_medz_encoder *e;
	struct codec_medz_decoder *d;
	uint8_t *out = malloc(codec_medz_bound());
	double strip_px = (double)strip.width_px * strip.height_px;
	int len = 0;

	if (codec_medz_encoder_create(&e, simd) < 0 || codec_medz_decoder_create(&d, simd) < 0)
		return;
	MEASURE("medz encode", simd, strip_px)
	len = codec_medz_encode(e, &s->picture, &strip, 1, false, out, codec_medz_bound());
	MEASURE("medz decode", simd, strip_px)
	if (len < 0 || codec_medz_decode(d, &s->other, &strip, 1, out, (size_t)len) < 0)
		return;
	printf("           %.2f bits a pixel\n", len * 8 / strip_px);
	codec_medz_encoder_destroy(e);
	codec_medz_decoder_destroy(d);
	free(out);
}

static void ctx(struct stages *s, const struct codec_simd *simd)
{
	uint64_t encode_ns = UINT64_MAX, decode_ns = UINT64_MAX;
	uint8_t *out = malloc(CODEC_SLICE_MAX_BYTES);
	static struct codec_rect rects[1000];
	size_t sum = 0;

	for (int n = 0; n < 3; n++) {
		struct codec_ctx *e, *d;
		uint64_t encoded = 0, decoded = 0;
		if (codec_ctx_create(&e, simd) < 0 || codec_ctx_create(&d, simd) < 0)
			return;
		memset(s->other.pixels, 0, (size_t)s->area_px * 4);
		struct codec_picture third;
		if (codec_picture_init(&third, s->picture.width_px, s->picture.height_px) < 0)
			return;
		sum = 0;
		for (uint32_t y = 0; y + 64 <= s->picture.height_px; y += 64)
			for (uint32_t x = 0; x + 128 <= s->picture.width_px; x += 128) {
				struct codec_rect r = { (uint16_t)x, (uint16_t)y, 128, 64 };
				uint64_t begin = clock_now_ns();
				codec_ctx_encode_begin(e, out, CODEC_SLICE_MAX_BYTES);
				codec_ctx_encode_rect(e, &s->picture, &s->other, r);
				size_t len = codec_ctx_encode_end(e);
				encoded += clock_now_ns() - begin;
				begin = clock_now_ns();
				if (codec_ctx_decode(d, &third, out, len, &(uint64_t){ 8192 },
					    rects, 1000) != 1)
					puts("ctx: broken");
				decoded += clock_now_ns() - begin;
				sum += len;
			}
		encode_ns = MIN(encode_ns, encoded);
		decode_ns = MIN(decode_ns, decoded);
		codec_ctx_destroy(e);
		codec_ctx_destroy(d);
		codec_picture_finish(&third);
	}
	printf("%-10s ctx encode %.2f decode %.2f ns/px, %.2f bits a pixel\n", simd->name,
		(double)encode_ns / s->area_px, (double)decode_ns / s->area_px,
		(double)sum * 8 / s->area_px);
	free(out);
}

int codec_stages(const char *path, uint32_t width_px, uint32_t height_px)
{
	struct stages s = { .area_px = (double)width_px * height_px };
	FILE *f = fopen(path, "rb");

	s.source = malloc((size_t)s.area_px * 4);
	if (!f || !s.source || fread(s.source, 4, (size_t)s.area_px, f) != (size_t)s.area_px) {
		fprintf(stderr, "%s: cannot read\n", path);
		return 1;
	}
	fclose(f);
	if (codec_picture_init(&s.picture, width_px, height_px) < 0 ||
		codec_picture_init(&s.other, width_px, height_px) < 0 ||
		codec_tiles_init(&s.tiles, width_px, height_px) < 0)
		return 1;
	for (size_t i = 0; codec_simd_nth(i); i++) {
		const struct codec_simd *simd = codec_simd_nth(i);
		codec_tiles_update(&s.tiles, simd, &s.picture, s.source, (size_t)width_px * 4,
			(struct codec_rect){ 0, 0, (uint16_t)width_px, (uint16_t)height_px });
		loops(&s, simd);
		motion(&s, simd);
		medz(&s, simd);
		ctx(&s, simd);
	}
	codec_tiles_finish(&s.tiles);
	codec_picture_finish(&s.picture);
	codec_picture_finish(&s.other);
	free(s.source);
	return 0;
}
