/*
 * The encoder: keeps the newest captured picture and what the client has, and makes frames of their
 * difference. Runs in the worker; its input is a picture that other programs drew, its output what
 * the client will have.
 */
#include "common/codec/codec.h"

#include "common/base/clock.h"
#include "common/codec/ctx.h"
#include "common/codec/medz.h"
#include "common/codec/motion.h"
#include "common/codec/output.h"
#include "common/codec/plan.h"
#include "common/codec/rect.h"
#include "common/codec/reuse.h"
#include "common/codec/tiles.h"

#include <errno.h>
#include <stdlib.h>

/* A slice is sent when it has so many bytes: 4 ms of a 100 Mbit/s link, so that a large frame
 * flows. */
#define SLICE_BYTES (48U * 1024)

/* Room for a CTX section: one rectangle more when it is just short of being sent. */
#define CTX_SECTION_BYTES (SLICE_BYTES + CODEC_CTX_RECT_MAX_BYTES + CODEC_CTX_END_MAX_BYTES)

/* Rectangles in a MEDZ section: of the smallest patches that it gets, 256 fill it. */
#define MEDZ_RECTS 256

struct codec_encoder {
	const struct codec_simd *simd;
	struct codec_picture captured; /* newest known picture */
	struct codec_picture shown;    /* what the client has */
	struct codec_tiles tiles;      /* where the two may differ */
	uint32_t features;
	struct codec_motion *motion;
	struct codec_reuse *reuse;
	struct codec_copies copies;  /* of the frame at hand */
	struct codec_patch *patches; /* owned; of the frame at hand, room for every tile */
	struct codec_ctx *ctx;
	struct codec_medz_encoder *medz;
	struct codec_output *output;
	struct codec_stats stats;
};

uint32_t codec_features(void)
{
	return CODEC_FEATURE_MOTION | CODEC_FEATURE_CACHE;
}

int codec_encoder_create(struct codec_encoder **out, const struct codec_params *params)
{
	struct codec_encoder *e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->simd = codec_simd_best();
	e->features = params->features;

	int r = codec_picture_init(&e->captured, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_picture_init(&e->shown, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_tiles_init(&e->tiles, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_motion_create(&e->motion, e->simd, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_reuse_create(&e->reuse, e->simd, codec_tiles_count(&e->tiles), params->seed);
	if (r < 0)
		goto fail;
	r = codec_ctx_create(&e->ctx, e->simd);
	if (r < 0)
		goto fail;
	r = codec_medz_encoder_create(&e->medz, e->simd);
	if (r < 0)
		goto fail;
	r = -ENOMEM;
	e->output = calloc(1, sizeof(*e->output));
	e->patches = calloc(codec_tiles_count(&e->tiles), sizeof(*e->patches));
	if (!e->output || !e->patches)
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
	free(e->patches);
	free(e->output);
	codec_ctx_destroy(e->ctx);
	codec_reuse_destroy(e->reuse);
	codec_motion_destroy(e->motion);
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

/* What of a frame's coded rectangles follows when they were sent: the client has them now. */
static void settle(struct codec_encoder *e, struct codec_rect rect)
{
	codec_tiles_clear(&e->tiles, rect);
}

/* more_bytes: in a section that is still open. */
static bool within_budget(
	const struct codec_encoder *e, const struct codec_budget *budget, size_t more_bytes)
{
	uint64_t bytes = e->output->frame_bytes + codec_output_waiting(e->output) + more_bytes;

	return budget->bytes_max == 0 || bytes < budget->bytes_max;
}

/* CTX: a section of as many rectangles as fit a slice. */

struct ctx_section {
	bool is_open;
	struct codec_writer writer;
};

static int open_ctx(struct codec_encoder *e, struct ctx_section *s)
{
	if (s->is_open)
		return 0;
	int r = codec_output_open(e->output, CTX_SECTION_BYTES, &s->writer);
	if (r < 0)
		return r;
	codec_ctx_encode_begin(e->ctx, s->writer.bytes, s->writer.capacity);
	s->is_open = true;
	return 0;
}

static int close_ctx(struct codec_encoder *e, struct ctx_section *s)
{
	if (!s->is_open)
		return 0;
	s->is_open = false;
	s->writer.len = codec_ctx_encode_end(e->ctx);
	e->stats.bytes_ctx += s->writer.len;
	codec_output_close(e->output, CODEC_SECTION_CTX, &s->writer);
	return s->writer.len >= SLICE_BYTES ? codec_output_flush(e->output) : 0;
}

/* A patch in parts that CTX takes at once. */
static int encode_ctx_patch(struct codec_encoder *e, struct ctx_section *s, struct codec_rect patch)
{
	uint32_t width_max_px = CODEC_CTX_RECT_MAX_PX / patch.height_px;

	for (uint32_t x = 0; x < patch.width_px; x += width_max_px) {
		struct codec_rect part = patch;
		part.x_px = (uint16_t)(patch.x_px + x);
		part.width_px = (uint16_t)MIN(patch.width_px - x, width_max_px);
		int r = open_ctx(e, s);
		if (r < 0)
			return r;
		codec_ctx_encode_rect(e->ctx, &e->captured, &e->shown, part);
		r = codec_ctx_encode_len(e->ctx) >= SLICE_BYTES ? close_ctx(e, s) : 0;
		if (r < 0)
			return r;
	}
	e->stats.pixels_ctx += codec_rect_area(patch);
	settle(e, patch);
	return 0;
}

static bool ctx_within_budget(const struct codec_encoder *e, const struct codec_budget *budget,
	const struct ctx_section *s)
{
	return within_budget(e, budget, s->is_open ? codec_ctx_encode_len(e->ctx) : 0);
}

static int encode_ctx(struct codec_encoder *e, const struct codec_budget *budget, size_t count)
{
	struct ctx_section section = { 0 };

	for (size_t i = 0; i < count && ctx_within_budget(e, budget, &section); i++) {
		if (e->patches[i].coder != CODEC_CODER_CTX)
			continue;
		int r = encode_ctx_patch(e, &section, e->patches[i].rect);
		if (r < 0)
			return r;
	}
	return close_ctx(e, &section);
}

/* Copies: what has moved, in one section. */
static int encode_copies(struct codec_encoder *e, uint64_t area_px)
{
	const struct codec_rect *rect = e->copies.rects;
	struct codec_writer w;

	if (area_px == 0)
		return 0;
	int r = codec_output_open(e->output, CODEC_SLICE_COPIES_MAX_BYTES, &w);
	if (r < 0)
		return r;
	codec_slice_write_copies(&w, &e->copies);
	codec_output_close(e->output, CODEC_SECTION_COPY, &w);
	e->stats.pixels_copied += area_px;
	e->stats.bytes_copy += w.len;

	/* Each was compared: the client will have there what was captured. */
	for (size_t i = 0; i < e->copies.vector_count; i++)
		for (size_t k = 0; k < e->copies.vectors[i].rect_count; k++)
			codec_picture_copy(&e->shown, &e->captured, *rect++);
	return 0;
}

static int encode_cached(struct codec_encoder *e, enum codec_section kind,
	const struct codec_cached *list, size_t count)
{
	struct codec_writer w;

	if (count == 0)
		return 0;
	int r = codec_output_open(e->output, CODEC_SLICE_CACHED_MAX_BYTES(count), &w);
	if (r < 0)
		return r;
	codec_slice_write_cached(&w, list, count);
	codec_output_close(e->output, kind, &w);
	e->stats.bytes_cache += w.len;
	return 0;
}

/* What costs next to nothing: tiles from the cache and what has moved. */
static int encode_known(struct codec_encoder *e)
{
	uint64_t moved_px = 0;

	e->copies.vector_count = 0;
	if (e->features & CODEC_FEATURE_MOTION)
		moved_px = codec_motion_find(
			e->motion, &e->tiles, &e->captured, &e->shown, &e->copies);
	if (e->features & CODEC_FEATURE_CACHE)
		codec_reuse_plan(e->reuse, &e->tiles, &e->captured, &e->shown, &e->copies);
	else
		e->reuse->save_count = e->reuse->load_count = 0;

	int r = encode_cached(e, CODEC_SECTION_SAVE, e->reuse->save, e->reuse->save_count);
	if (r == 0)
		r = encode_copies(e, moved_px);
	if (r == 0)
		r = encode_cached(e, CODEC_SECTION_LOAD, e->reuse->load, e->reuse->load_count);
	for (size_t i = 0; i < e->reuse->load_count; i++) {
		struct codec_rect tile = codec_tiles_nth(&e->tiles, e->reuse->load[i].tile);
		codec_picture_copy(&e->shown, &e->captured, tile);
		settle(e, tile);
		e->stats.pixels_cached += codec_rect_area(tile);
	}
	return r;
}

/* MEDZ: a section and a slice of as many patches as it takes. */

static int send_medz(struct codec_encoder *e, const struct codec_rect *rects, size_t count)
{
	struct codec_writer w;

	if (count == 0)
		return 0;
	int r = codec_output_open(
		e->output, CODEC_SLICE_RECTS_MAX_BYTES(count) + codec_medz_bound(), &w);
	if (r < 0)
		return r;
	codec_slice_write_rects(&w, rects, count);
	int len = codec_medz_encode(
		e->medz, &e->captured, rects, count, w.bytes + w.len, w.capacity - w.len);
	if (len < 0)
		return len;
	w.len += (size_t)len;
	codec_output_close(e->output, CODEC_SECTION_MEDZ, &w);

	for (size_t i = 0; i < count; i++) {
		codec_picture_copy(&e->shown, &e->captured, rects[i]);
		settle(e, rects[i]);
		e->stats.pixels_medz += codec_rect_area(rects[i]);
	}
	e->stats.bytes_medz += w.len;
	return codec_output_flush(e->output);
}

static int encode_medz(struct codec_encoder *e, const struct codec_budget *budget, size_t count)
{
	struct codec_rect rects[MEDZ_RECTS];
	size_t gathered = 0, area_px = 0;

	for (size_t i = 0; i < count && within_budget(e, budget, 0); i++) {
		uint32_t patch_px = codec_rect_area(e->patches[i].rect);
		if (e->patches[i].coder != CODEC_CODER_MEDZ)
			continue;
		if (area_px + patch_px > CODEC_MEDZ_MAX_PX || gathered == MEDZ_RECTS) {
			int r = send_medz(e, rects, gathered);
			if (r < 0)
				return r;
			gathered = area_px = 0;
		}
		rects[gathered++] = e->patches[i].rect;
		area_px += patch_px;
	}
	return send_medz(e, rects, gathered);
}

static int encode_frame(struct codec_encoder *e, const struct codec_budget *budget)
{
	int r = encode_known(e);
	if (r < 0)
		return r;
	size_t count = codec_plan_collect(&e->tiles, e->simd, &e->captured, &e->shown, e->patches);
	codec_plan_choose(e->simd, &e->captured, budget, e->patches, count);
	r = encode_ctx(e, budget, count);
	if (r == 0)
		r = encode_medz(e, budget, count);
	return r < 0 ? r : codec_output_flush(e->output);
}

int codec_encoder_encode(
	struct codec_encoder *e, const struct codec_budget *budget, codec_sink_fn sink, void *user)
{
	uint64_t begin_us = clock_now_us();

	if (!codec_encoder_pending(e))
		return 0;
	codec_output_begin(e->output, sink, user);
	int r = encode_frame(e, budget);
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
