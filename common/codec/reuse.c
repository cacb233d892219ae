#include "common/codec/reuse.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>

/* A tile counts as replaced when what differs spans this part of it. Less is coded for less than a
 * place in the cache is worth. */
#define REPLACED_PART 4

/* A tile is film when it was replaced so many times, with at most this many frames between: keeping
 * its frames would only push out what comes again. */
#define CHURN_MAX    4
#define CHURN_FRAMES 2

/* A tile that did not change in so many frames is at rest: what it shows is kept before anything
 * covers it. This is done only when as much changes at once as a window or a menu does. */
#define REST_FRAMES       8
#define COVERED_TILES_MIN 4

/* Tiles of one codec_reuse_prepare: a tenth of a millisecond, which nothing that waits notices. */
#define PREPARE_TILES 12

int codec_reuse_create(struct codec_reuse **out, const struct codec_simd *simd, size_t tile_count,
	uint64_t seed, bool parts)
{
	struct codec_reuse *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->simd = simd;
	u->parts = parts;
	u->history = calloc(tile_count, sizeof(*u->history));
	u->save = calloc(tile_count, sizeof(*u->save));
	u->load = calloc(tile_count, sizeof(*u->load));
	u->moved_px = calloc(tile_count, sizeof(*u->moved_px));
	if (codec_uncover_init(&u->uncover, simd, tile_count) < 0 || !u->history || !u->save ||
		!u->load || !u->moved_px || codec_cache_create(&u->cache, tile_count, seed) < 0) {
		codec_reuse_destroy(u);
		return -ENOMEM;
	}
	*out = u;
	return 0;
}

void codec_reuse_destroy(struct codec_reuse *u)
{
	if (!u)
		return;
	codec_cache_destroy(u->cache);
	codec_uncover_finish(&u->uncover);
	free(u->history);
	free(u->save);
	free(u->load);
	free(u->moved_px);
	free(u);
}

static void count_moved_in(
	struct codec_reuse *u, const struct codec_tiles *tiles, struct codec_rect r)
{
	uint32_t right = (uint32_t)r.x_px + r.width_px, bottom = (uint32_t)r.y_px + r.height_px;

	for (uint32_t y = r.y_px, y_end; y < bottom; y = y_end) {
		y_end = MIN(bottom, (y / TILE_SIDE_PX + 1) * TILE_SIDE_PX);
		for (uint32_t x = r.x_px, x_end; x < right; x = x_end) {
			x_end = MIN(right, (x / TILE_SIDE_PX + 1) * TILE_SIDE_PX);
			u->moved_px[(size_t)(y / TILE_SIDE_PX) * tiles->columns +
				    x / TILE_SIDE_PX] += (x_end - x) * (y_end - y);
		}
	}
}

static void count_moved(
	struct codec_reuse *u, const struct codec_tiles *tiles, const struct codec_copies *copies)
{
	const struct codec_rect *rect = copies->rects;

	memset(u->moved_px, 0, codec_tiles_count(tiles) * sizeof(*u->moved_px));
	for (size_t i = 0; i < copies->vector_count; i++)
		for (size_t k = 0; k < copies->vectors[i].rect_count; k++)
			count_moved_in(u, tiles, *rect++);
}

/* Whether most of a tile shows something else now, which copies do not explain. */
static bool is_replaced(const struct codec_reuse *u, size_t i, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_rect tile)
{
	struct codec_rect changed = tile;

	if (u->moved_px[i] * 2 >= codec_rect_area(tile))
		return false;
	if (!codec_tiles_shrink(u->simd, captured, shown, &changed))
		return false;
	return codec_rect_area(changed) * REPLACED_PART >= codec_rect_area(tile);
}

/* Whether a tile that is replaced now is film. */
static bool is_churning(struct codec_reuse *u, size_t i)
{
	bool soon = u->frame - u->history[i].frame <= CHURN_FRAMES;

	u->history[i].frame = u->frame;
	if (!soon)
		u->history[i].churn = 0;
	else if (u->history[i].churn < CHURN_MAX)
		u->history[i].churn++;
	return u->history[i].churn >= CHURN_MAX;
}

static size_t count_changed(const struct codec_tiles *tiles)
{
	size_t sum = 0;

	for (size_t i = 0; i < codec_tiles_count(tiles); i++)
		sum += tiles->changed[i];
	return sum;
}

/* Keeps what a tile shows before the frame at hand; returns its slot or a negative error. */
static int keep(
	struct codec_reuse *u, size_t i, const struct codec_picture *shown, struct codec_rect tile)
{
	bool is_new = false;
	/* Compared, like all that comes from the cache: a film's border is coded without being
	 * among what changed, so what was kept ahead of it may be out of date. */
	int slot = codec_cache_keep_referred(u->cache, u->history[i].ahead, shown, tile, &is_new);

	if (slot < 0)
		slot = codec_cache_keep(u->cache, shown, tile, &is_new);
	if (slot >= 0 && is_new)
		u->save[u->save_count++] = (struct codec_cached){ (uint32_t)i, (uint32_t)slot };
	return slot;
}

/* Keeps what was at rest, for when it is uncovered in parts. */
static bool keep_resting(
	struct codec_reuse *u, size_t i, const struct codec_picture *shown, struct codec_rect tile)
{
	bool rested = u->frame - u->history[i].changed > REST_FRAMES;

	u->history[i].changed = u->frame;
	if (!rested)
		return false;
	int slot = keep(u, i, shown, tile);
	if (slot >= 0)
		codec_uncover_remember(&u->uncover, i, codec_cache_refer(u->cache, slot));
	return true;
}

/* What was kept ahead of a tile that changes, if it was not made use of. */
static void forget_ahead(struct codec_reuse *u, size_t i)
{
	codec_cache_drop(u->cache, u->history[i].ahead);
	u->history[i].ahead = (struct codec_cache_ref){ 0 };
}

static void plan_tile(struct codec_reuse *u, size_t i, struct codec_rect tile,
	const struct codec_picture *captured, const struct codec_picture *shown, bool much)
{
	bool is_kept = much && keep_resting(u, i, shown, tile);

	if (!is_replaced(u, i, captured, shown, tile))
		return;
	int found = codec_cache_find(u->cache, captured, tile);
	if (found >= 0) {
		u->history[i].churn = 0;
		u->load[u->load_count++] = (struct codec_cached){ (uint32_t)i, (uint32_t)found };
	} else if (is_churning(u, i)) {
		return;
	}
	if (!is_kept)
		(void)keep(u, i, shown, tile);
}

void codec_reuse_plan(struct codec_reuse *u, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_picture *shown,
	const struct codec_copies *copies)
{
	u->frame++;
	u->save_count = u->load_count = 0;
	u->ahead_next = 0;
	codec_cache_begin(u->cache);
	count_moved(u, tiles, copies);
	bool much = u->parts && count_changed(tiles) >= COVERED_TILES_MIN;
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		if (!tiles->changed[i])
			continue;
		plan_tile(u, i, codec_tiles_nth(tiles, i), captured, shown, much);
		forget_ahead(u, i);
	}
}

bool codec_reuse_prepare(
	struct codec_reuse *u, const struct codec_tiles *tiles, const struct codec_picture *shown)
{
	size_t *i = &u->ahead_next;

	for (size_t done = 0; *i < codec_tiles_count(tiles) && done < PREPARE_TILES; (*i)++) {
		if (tiles->changed[*i] || u->history[*i].ahead.serial > 0)
			continue;
		u->history[*i].ahead =
			codec_cache_keep_ahead(u->cache, shown, codec_tiles_nth(tiles, *i));
		done++;
	}
	return *i < codec_tiles_count(tiles);
}
