/* A frame: in which order the parts of the codec look at what changed, and which one codes it. */
#include "common/codec/encoder_state.h"

#include "common/base/clock.h"
#include "common/codec/rect.h"

#include <string.h>

/* Film has chance matches, a tenth of it when it zooms slowly. Where a window or page moves, the
 * moved part is more than this percentage of what it uncovered. */
#define MOVED_PERCENT 50

/* What costs next to nothing: tiles from the cache and what has moved. */
static int encode_known(struct codec_encoder *e, uint64_t *moved)
{
	uint64_t moved_px = 0;

	e->copies.vector_count = 0;
	if (e->features & CODEC_FEATURE_MOTION)
		moved_px = codec_motion_find(
			e->motion, &e->tiles, &e->captured, &e->shown, &e->copies);
	*moved = moved_px;
	if (e->features & CODEC_FEATURE_CACHE)
		codec_reuse_plan(e->reuse, &e->tiles, &e->captured, &e->shown, &e->copies);

	int r = codec_sections_save(e);
	if (r == 0)
		r = codec_sections_copies(e, moved_px);
	if (e->features & CODEC_FEATURE_MOTION)
		codec_motion_settle(e->motion, &e->tiles);
	if (r == 0)
		r = codec_sections_load(e);
	return r;
}

/* The bounds of what is left, less what stood there before it was covered. */
static int encode_uncovered(struct codec_encoder *e)
{
	codec_plan_bounds(&e->tiles, e->simd, &e->captured, &e->shown, e->bounds);
	if (!e->reuse->parts)
		return 0;
	codec_uncover_find(
		&e->reuse->uncover, e->reuse->cache, &e->tiles, &e->captured, &e->shown, e->bounds);
	return codec_sections_parts(e);
}

static bool explained_by_moves(const struct codec_encoder *e, uint64_t moved_px)
{
	uint64_t left_px = 0;

	for (size_t i = 0; i < codec_tiles_count(&e->tiles); i++)
		if (e->tiles.changed[i])
			left_px += codec_rect_area(e->bounds[i]);
	return moved_px > 0 && moved_px * 100 >= left_px * MOVED_PERCENT;
}

/* Finds which coder takes each part, and whether there is film: then the region goes to video from
 * now on. */
static bool plan(struct codec_encoder *e, const struct codec_budget *budget, bool video_due,
	uint64_t moved_px, uint64_t now_ms)
{
	if (e->film.bands_max > 0 &&
		codec_region_observe(&e->region, &e->tiles, &e->captured, e->bounds,
			explained_by_moves(e, moved_px), budget->link_bytes_per_ms, now_ms)) {
		video_due = true;
		codec_region_hold(&e->region, &e->tiles);
		codec_region_release_border(&e->region, &e->tiles);
	}
	e->patch_count = codec_plan_patches(&e->tiles, e->simd, &e->captured, &e->shown, e->bounds,
		&e->region, budget->bytes_max, e->patches);
	codec_plan_choose(e->simd, &e->captured, budget, e->patches, e->patch_count);
	return video_due;
}

/* What was coded is no longer lacking; a tile of which a part was not coded still is. */
static void mark_coded(struct codec_encoder *e)
{
	for (size_t i = 0; i < e->patch_count; i++)
		if (e->patches[i].is_coded)
			codec_tiles_mark(&e->tiles, e->patches[i].rect, false);
	for (size_t i = 0; i < e->patch_count; i++)
		if (!e->patches[i].is_coded)
			codec_tiles_mark(&e->tiles, e->patches[i].rect, true);
}

static int encode_video(struct codec_encoder *e, const struct codec_budget *budget)
{
	int r = codec_sections_video(e, budget);

	if (r != 0)
		return MIN(r, 0);
	/* The codec fails: the region is coded as before, and video is not tried again. */
	codec_film_finish(&e->film);
	codec_tiles_mark(&e->tiles, e->region.rect, true);
	codec_region_end(&e->region, &e->tiles);
	return 0;
}

int codec_frame_encode(struct codec_encoder *e, const struct codec_budget *budget)
{
	uint64_t now_ms = clock_now_ms();
	bool video_due = e->film.bands_max > 0 &&
			 codec_region_begin(&e->region, &e->tiles, &e->captured, now_ms);
	uint64_t moved_px;

	int r = encode_known(e, &moved_px);
	if (r < 0)
		return r;
	if (e->region.is_on)
		codec_region_release_border(&e->region, &e->tiles);
	r = encode_uncovered(e);
	if (r < 0)
		return r;
	video_due = plan(e, budget, video_due, moved_px, now_ms);
	r = codec_sections_ctx(e, budget);
	if (r == 0 && video_due)
		r = encode_video(e, budget);
	if (r == 0)
		r = codec_sections_medz(e, budget);
	if (r < 0)
		return r;
	mark_coded(e);
	memset(e->region.updated, 0, codec_tiles_count(&e->tiles));
	r = codec_sections_settle(e);
	return r < 0 ? r : codec_output_end(e->output);
}
