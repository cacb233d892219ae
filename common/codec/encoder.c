/*
 * The encoder: keeps the newest captured picture and what the client has, and makes frames of their
 * difference. Runs in the worker. Its input is a picture that other programs drew, its output what
 * the client will have.
 */
#include "common/codec/encoder_state.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdlib.h>

uint32_t codec_features(void)
{
	uint32_t video = codec_video_features();

	return CODEC_FEATURE_MOTION | CODEC_FEATURE_CACHE | CODEC_FEATURE_PARTS |
	       CODEC_FEATURE_CURSORS | CODEC_FEATURE_CLIPBOARD | CODEC_FEATURE_FILES |
	       CODEC_FEATURE_DPI | CODEC_FEATURE_SOUND | CODEC_FEATURE_LENDING |
	       CODEC_FEATURE_BOUND | video | (video ? CODEC_FEATURE_BANDS : 0);
}

uint32_t codec_features_agreed(uint32_t features)
{
	features &= codec_features();
	return (features & ~codec_video_features()) | codec_video_choose(features)->feature;
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
	size_t tile_count = codec_tiles_count(&e->tiles);
	r = codec_region_init(&e->region, e->simd, tile_count);
	if (r < 0)
		goto fail;
	codec_film_init(&e->film, params->features);
	r = codec_motion_create(&e->motion, e->simd, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_reuse_create(&e->reuse, e->simd, tile_count, params->seed,
		params->features & CODEC_FEATURE_PARTS);
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
	e->bounds = calloc(tile_count, sizeof(*e->bounds));
	e->patches = calloc(CODEC_PATCHES_MAX(tile_count), sizeof(*e->patches));
	e->settled = calloc(tile_count, sizeof(*e->settled));
	if (!e->output || !e->bounds || !e->patches || !e->settled)
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
	free(e->settled);
	free(e->patches);
	free(e->bounds);
	free(e->output);
	codec_ctx_destroy(e->ctx);
	codec_reuse_destroy(e->reuse);
	codec_motion_destroy(e->motion);
	codec_film_finish(&e->film);
	codec_region_finish(&e->region);
	codec_medz_encoder_destroy(e->medz);
	codec_tiles_finish(&e->tiles);
	codec_picture_finish(&e->shown);
	codec_picture_finish(&e->captured);
	free(e);
}

void codec_encoder_update(struct codec_encoder *e, const uint8_t *pixels, size_t stride_bytes,
	const struct codec_rect *rects, size_t count)
{
	struct codec_tiles updated = e->tiles;

	updated.changed = e->region.updated;
	for (size_t i = 0; i < count; i++)
		e->stats.pixels_compared += codec_tiles_update(
			&updated, e->simd, &e->captured, pixels, stride_bytes, rects[i]);
	for (size_t i = 0; i < codec_tiles_count(&e->tiles); i++)
		e->tiles.changed[i] |= updated.changed[i];
}

bool codec_encoder_pending(const struct codec_encoder *e)
{
	return codec_tiles_any_changed(&e->tiles);
}

bool codec_encoder_inexact(const struct codec_encoder *e)
{
	return e->region.lossy_count > 0;
}

int codec_encoder_encode(
	struct codec_encoder *e, const struct codec_budget *budget, codec_sink_fn sink, void *user)
{
	uint64_t begin_us = clock_now_us();

	if (!codec_encoder_pending(e) && !codec_region_refine_due(&e->region, clock_now_ms()))
		return 0;
	codec_output_begin(e->output, sink, user);
	int r = codec_frame_encode(e, budget);
	if (r < 0)
		return r;

	e->stats.encode_us += clock_now_us() - begin_us;
	e->stats.slices += e->output->frame_slices;
	e->stats.frames += e->output->frame_slices > 0;
	return e->output->frame_slices > 0;
}

bool codec_encoder_prepare(struct codec_encoder *e)
{
	return (e->features & CODEC_FEATURE_CACHE) &&
	       codec_reuse_prepare(e->reuse, &e->tiles, &e->shown);
}

bool codec_encoder_ending(const struct codec_encoder *e)
{
	return e->output->ending;
}

uint64_t codec_encoder_checksum(const struct codec_encoder *e)
{
	return codec_picture_checksum(&e->shown);
}

void codec_encoder_stats(const struct codec_encoder *e, struct codec_stats *out)
{
	*out = e->stats;
}
