/*
 * The encoder: keeps the newest captured picture and what the client has, and makes frames of their
 * difference. Runs in the worker; its input is a picture that other programs drew, its output what
 * the client will have.
 */
#include "common/codec/codec.h"

#include "common/base/clock.h"
#include "common/codec/medz.h"
#include "common/codec/output.h"
#include "common/codec/plan.h"
#include "common/codec/tiles.h"

#include <errno.h>
#include <stdlib.h>

struct codec_encoder {
	const struct codec_simd *simd;
	struct codec_picture captured; /* newest known picture */
	struct codec_picture shown;    /* what the client has */
	struct codec_tiles tiles;      /* where the two may differ */
	struct codec_medz_encoder *medz;
	struct codec_output *output;
	struct codec_stats stats;
};

uint32_t codec_features(void)
{
	return 0;
}

int codec_encoder_create(struct codec_encoder **out, const struct codec_params *params)
{
	struct codec_encoder *e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->simd = codec_simd_best();

	int r = codec_picture_init(&e->captured, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_picture_init(&e->shown, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_tiles_init(&e->tiles, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_medz_encoder_create(&e->medz, e->simd);
	if (r < 0)
		goto fail;
	r = -ENOMEM;
	e->output = calloc(1, sizeof(*e->output));
	if (!e->output)
		goto fail;

	*out = e;
	return 0;

fail:
	codec_encoder_destroy(e);
	return r;
}

void codec_encoder_destroy(struct codec_encoder *e)
{
	if (!e)
		return;
	free(e->output);
	codec_medz_encoder_destroy(e->medz);
	codec_tiles_finish(&e->tiles);
	codec_picture_finish(&e->shown);
	codec_picture_finish(&e->captured);
	free(e);
}

void codec_encoder_update(struct codec_encoder *e, const uint8_t *pixels, size_t stride_bytes,
	const struct codec_rect *rects, size_t count)
{
	for (size_t i = 0; i < count; i++)
		e->stats.pixels_compared += codec_tiles_update(
			&e->tiles, e->simd, &e->captured, pixels, stride_bytes, rects[i]);
}

bool codec_encoder_pending(const struct codec_encoder *e)
{
	return codec_tiles_any_changed(&e->tiles);
}

bool codec_encoder_inexact(const struct codec_encoder *e)
{
	(void)e;
	return false;
}

/* Rectangles gathered for one MEDZ section. */
struct batch {
	size_t count;
	size_t area_px;
	struct codec_rect rects[CODEC_SECTION_RECTS_MAX];
};

static int send_batch(struct codec_encoder *e, struct batch *b)
{
	struct codec_writer w;

	if (b->count == 0)
		return 0;
	int r = codec_output_open(
		e->output, CODEC_SLICE_RECTS_MAX_BYTES(b->count) + codec_medz_bound(), &w);
	if (r < 0)
		return r;
	codec_slice_write_rects(&w, b->rects, b->count);
	int len = codec_medz_encode(
		e->medz, &e->captured, b->rects, b->count, w.bytes + w.len, w.capacity - w.len);
	if (len < 0)
		return len;
	w.len += (size_t)len;
	codec_output_close(e->output, CODEC_SECTION_MEDZ, &w);

	for (size_t i = 0; i < b->count; i++)
		codec_picture_copy(&e->shown, &e->captured, b->rects[i]);
	e->stats.pixels_medz += b->area_px;
	e->stats.bytes_medz += w.len;
	b->count = 0;
	b->area_px = 0;
	return codec_output_flush(e->output);
}

/* Adds a rectangle, sending what was gathered before when both do not fit one section. */
static int add_to_batch(struct codec_encoder *e, struct batch *b, struct codec_rect rect)
{
	size_t area_px = (size_t)rect.width_px * rect.height_px;

	if (b->area_px + area_px > CODEC_MEDZ_MAX_PX || b->count == CODEC_SECTION_RECTS_MAX) {
		int r = send_batch(e, b);
		if (r < 0)
			return r;
	}
	b->rects[b->count++] = rect;
	b->area_px += area_px;
	return 0;
}

static bool within_budget(const struct codec_encoder *e, const struct codec_budget *budget)
{
	return budget->bytes_max == 0 || e->output->frame_bytes < budget->bytes_max;
}

static int encode_rows(struct codec_encoder *e, const struct codec_budget *budget)
{
	struct codec_patch patches[CODEC_PATCHES_MAX];
	struct batch batch;

	batch.count = 0;
	batch.area_px = 0;
	for (uint32_t row = 0; row < e->tiles.rows && within_budget(e, budget); row++) {
		size_t count =
			codec_plan_row(&e->tiles, e->simd, &e->captured, &e->shown, row, patches);
		for (size_t i = 0; i < count; i++) {
			int r = add_to_batch(e, &batch, patches[i].rect);
			if (r < 0)
				return r;
		}
		codec_tiles_clear_row(&e->tiles, row);
	}
	return send_batch(e, &batch);
}

int codec_encoder_encode(
	struct codec_encoder *e, const struct codec_budget *budget, codec_sink_fn sink, void *user)
{
	uint64_t begin_us = clock_now_us();

	if (!codec_encoder_pending(e))
		return 0;
	codec_output_begin(e->output, sink, user);
	int r = encode_rows(e, budget);
	if (r == 0)
		r = codec_output_flush(e->output);
	if (r < 0)
		return r;

	e->stats.encode_us += clock_now_us() - begin_us;
	e->stats.slices += e->output->frame_slices;
	e->stats.frames += e->output->frame_slices > 0;
	return e->output->frame_slices > 0;
}

uint64_t codec_encoder_checksum(const struct codec_encoder *e)
{
	return codec_picture_checksum(&e->shown);
}

void codec_encoder_stats(const struct codec_encoder *e, struct codec_stats *out)
{
	*out = e->stats;
}
