#include "common/codec/region.h"

#include "common/codec/rect.h"
#include "common/codec/video.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Film changes a tile in so many of the last 8 frames, which follow each other this closely: 10 a
 * second. */
#define HISTORY_MIN 7
#define TICK_MAX_MS 100

/*
 * Or a large area changes twice within this time, the second time mostly where it did the first
 * time. What a moving window or page uncovers is another place each time, and somebody who turns
 * pages takes longer. Film of 10 pictures a second is known at its second one.
 */
#define AGAIN_MAX_MS  120
#define AGAIN_PERCENT 60

/* Changes smaller than this are carets and clocks. */
#define CHANGE_MIN_PX 64

/* Hard pixels (simd.h, count_hard) among those that changed, in percent; and below this what shows
 * in the region is no longer film but a page or a menu. */
#define PHOTO_PERCENT 40
#define PAGE_PERCENT  15

/* Smaller regions are not worth a video codec; neither are those that are mostly something else. */
#define REGION_WIDTH_MIN_PX  128
#define REGION_HEIGHT_MIN_PX 96
#define REGION_FILL_PERCENT  70

/*
 * Or at its first picture, where the link is slow: a photograph that the link would take long to
 * carry exactly is shown as an approximation first (ARCHITECTURE.md, D-EXACT). If it is film, that
 * is known by then; if not, it is made exact as film that stopped is. Photographs take about this
 * many bytes a pixel.
 */
#define SLOW_MS            100
#define PHOTO_BYTES_PER_PX 1

/*
 * After this long without a change film has stopped: a film of 10 pictures a second is still film.
 */
#define QUIET_MS 120

/* Film that goes on within this time needs no new proof. */
#define RESUME_MS 2000

/* A region is given up when less than this part of it changes for so many frames. */
#define STILL_PERCENT 30
#define STILL_TICKS   30

int codec_region_init(struct codec_region *g, const struct codec_simd *simd, size_t tile_count)
{
	g->simd = simd;
	g->tiles = calloc(tile_count, sizeof(*g->tiles));
	g->queue = calloc(tile_count, sizeof(*g->queue));
	g->updated = calloc(tile_count, 1);
	return g->tiles && g->queue && g->updated ? 0 : -ENOMEM;
}

void codec_region_finish(struct codec_region *g)
{
	free(g->tiles);
	free(g->queue);
	free(g->updated);
	*g = (struct codec_region){ 0 };
}

/* Tiles that a rectangle touches: columns x0 .. x1, rows y0 .. y1. */
struct span {
	uint32_t x0, y0, x1, y1;
};

static struct span span_of(struct codec_rect r)
{
	return (struct span){
		.x0 = r.x_px / TILE_SIDE_PX,
		.y0 = r.y_px / TILE_SIDE_PX,
		.x1 = (r.x_px + r.width_px - 1U) / TILE_SIDE_PX,
		.y1 = (r.y_px + r.height_px - 1U) / TILE_SIDE_PX,
	};
}

/* Counts the tiles that the region touches (all) and those of them that changed since the last
 * frame. A tile that only waits to be made exact is not among the latter. */
static size_t count_changed(
	const struct codec_region *g, const struct codec_tiles *tiles, size_t *all)
{
	struct span s = span_of(g->rect);
	size_t sum = 0;

	for (uint32_t row = s.y0; row <= s.y1; row++)
		for (uint32_t column = s.x0; column <= s.x1; column++)
			sum += g->updated[(size_t)row * tiles->columns + column];
	*all = (size_t)(s.x1 - s.x0 + 1) * (s.y1 - s.y0 + 1);
	return sum;
}

void codec_region_hold(struct codec_region *g, struct codec_tiles *tiles)
{
	struct span s = span_of(g->rect);

	for (uint32_t row = s.y0; row <= s.y1; row++)
		for (uint32_t column = s.x0; column <= s.x1; column++) {
			size_t i = (size_t)row * tiles->columns + column;
			g->tiles[i].is_held = tiles->changed[i];
			tiles->changed[i] = 0;
		}
}

void codec_region_end(struct codec_region *g, struct codec_tiles *tiles)
{
	g->is_on = false;
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		g->tiles[i].history = 0;
		if (g->tiles[i].is_lossy)
			tiles->changed[i] = 1;
	}
}

bool codec_region_refine_due(const struct codec_region *g, uint64_t now_ms)
{
	return g->is_on && now_ms - g->seen_ms >= QUIET_MS;
}

/* Hard pixels in a rectangle, in percent. */
static size_t hard_percent(
	const struct codec_region *g, const struct codec_picture *captured, struct codec_rect r)
{
	size_t hard = 0, seen = 0;

	for (uint32_t y = r.y_px + 1U; y < (uint32_t)r.y_px + r.height_px; y += 2) {
		hard += g->simd->count_hard(codec_picture_at(captured, r.x_px, y),
			codec_picture_at(captured, r.x_px, y - 1), r.width_px);
		seen += r.width_px;
	}
	return seen > 0 ? hard * 100 / seen : 0;
}

bool codec_region_begin(struct codec_region *g, struct codec_tiles *tiles,
	const struct codec_picture *captured, uint64_t now_ms)
{
	size_t all = 1, changed = 0;

	if (g->rect.width_px > 0)
		changed = count_changed(g, tiles, &all);
	bool much = changed * 100 >= all * STILL_PERCENT;
	size_t hard = changed > 0 ? hard_percent(g, captured, g->rect) : PHOTO_PERCENT;
	if (!g->is_on) {
		/* The same film goes on. What moves over a photograph is no film. */
		if (!g->is_film || !much || hard < PHOTO_PERCENT || g->seen_ms == 0 ||
			now_ms - g->seen_ms > RESUME_MS)
			return false;
		g->is_on = true;
		g->still_ticks = 0;
	}
	if (changed > 0)
		g->seen_ms = now_ms;
	g->still_ticks = much || changed == 0 ? 0 : g->still_ticks + 1;
	if (codec_region_refine_due(g, now_ms) || g->still_ticks >= STILL_TICKS ||
		hard < PAGE_PERCENT) {
		/* Not the same again at once. */
		if (g->still_ticks >= STILL_TICKS)
			g->rect.width_px = 0;
		codec_region_end(g, tiles);
		return false;
	}
	codec_region_hold(g, tiles);
	return changed > 0;
}

static bool is_inside(struct codec_rect inner, struct codec_rect outer)
{
	return inner.x_px >= outer.x_px && inner.y_px >= outer.y_px &&
	       inner.x_px + inner.width_px <= outer.x_px + outer.width_px &&
	       inner.y_px + inner.height_px <= outer.y_px + outer.height_px;
}

void codec_region_release_border(struct codec_region *g, struct codec_tiles *tiles)
{
	struct span s = span_of(g->rect);

	for (uint32_t row = s.y0; row <= s.y1; row++)
		for (uint32_t column = s.x0; column <= s.x1; column++) {
			size_t i = (size_t)row * tiles->columns + column;
			if (g->tiles[i].is_held && !is_inside(codec_tiles_nth(tiles, i), g->rect))
				tiles->changed[i] = 1;
			g->tiles[i].is_held = false;
		}
}

bool codec_region_touches(const struct codec_region *g, struct codec_rect tile)
{
	return g->is_on && codec_rect_overlaps(tile, g->rect);
}

/* Whether the tile changed a short while ago too, mostly in the same place. */
static bool changed_again(const struct codec_region *g, size_t i, struct codec_rect now)
{
	struct codec_rect before = g->tiles[i].before;

	if (before.width_px == 0 || g->tick_ms - g->tiles[i].before_ms > AGAIN_MAX_MS ||
		!codec_rect_overlaps(before, now))
		return false;
	uint32_t both_px = codec_rect_area(codec_rect_common(before, now));
	return both_px * 100ULL >= (uint64_t)codec_rect_area(now) * AGAIN_PERCENT;
}

static void forget_newest(struct codec_region *g, const struct codec_tiles *tiles)
{
	for (size_t i = 0; i < codec_tiles_count(tiles); i++)
		g->tiles[i].is_again = g->tiles[i].is_new = false;
}

/* What only waits to be sent (not updated) has not changed again; a frame of nothing else says
 * nothing. */
static void remember(
	struct codec_region *g, const struct codec_tiles *tiles, const struct codec_rect *bounds)
{
	if (!memchr(g->updated, 1, codec_tiles_count(tiles))) {
		forget_newest(g, tiles);
		return;
	}
	uint32_t slot = g->tick++ % REGION_BOUNDS_TICKS;
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		bool anew = g->updated[i] && tiles->changed[i] && bounds[i].width_px > 0 &&
			    codec_rect_area(bounds[i]) >= CHANGE_MIN_PX &&
			    !codec_region_touches(g, codec_tiles_nth(tiles, i));
		g->tiles[i].history = (uint8_t)(g->tiles[i].history << 1 | anew);
		g->tiles[i].changed[slot] = anew ? bounds[i] : (struct codec_rect){ 0 };
		g->tiles[i].is_again = anew && changed_again(g, i, bounds[i]);
		g->tiles[i].is_new = anew;
		if (!anew)
			continue;
		g->tiles[i].bounds = g->tiles[i].before = bounds[i];
		g->tiles[i].before_ms = g->tick_ms;
	}
}

/* The bounds of what changed lately; the tile has changed in most of the last frames. */
static struct codec_rect lately(const struct codec_region *g, size_t i)
{
	struct codec_rect sum = { 0 };

	for (size_t k = 0; k < REGION_BOUNDS_TICKS; k++) {
		struct codec_rect r = g->tiles[i].changed[k];
		if (r.width_px > 0)
			sum = sum.width_px > 0 ? codec_rect_bounds(sum, r) : r;
	}
	return sum;
}

/* By which of the signs film is looked for. */
enum sign {
	SIGN_AGAIN,
	SIGN_SLOW,
	SIGN_HISTORY,
};

/* A tile that was looked at is not looked at again by the same sign. */
static void set_visited(struct codec_region *g, size_t i, enum sign sign)
{
	if (sign == SIGN_AGAIN)
		g->tiles[i].is_again = false;
	else if (sign == SIGN_SLOW)
		g->tiles[i].is_new = false;
	else
		g->tiles[i].history = 0;
}

static bool is_candidate(
	struct codec_region *g, const struct codec_picture *captured, size_t i, enum sign sign)
{
	if (sign == SIGN_AGAIN && !g->tiles[i].is_again)
		return false;
	if (sign == SIGN_SLOW && !g->tiles[i].is_new)
		return false;
	if (sign == SIGN_HISTORY) {
		if (__builtin_popcount(g->tiles[i].history) < HISTORY_MIN)
			return false;
		g->tiles[i].bounds = lately(g, i);
	}
	return hard_percent(g, captured, g->tiles[i].bounds) >= PHOTO_PERCENT;
}

/* The film around a tile: the bounds of it and of all that are joined to it. Returns the area that
 * changes. */
static uint32_t grow(struct codec_region *g, const struct codec_tiles *tiles,
	const struct codec_picture *captured, size_t first, enum sign sign, struct codec_rect *rect)
{
	size_t count = 1;
	uint32_t area_px = 0;

	const uint32_t columns = (uint32_t)tiles->columns;
	assert(columns > 0);
	*rect = g->tiles[first].bounds;
	g->queue[0] = (uint16_t)first;
	set_visited(g, first, sign);
	for (size_t n = 0; n < count; n++) {
		size_t i = g->queue[n];
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): asserted above */
		uint32_t row = (uint32_t)(i / columns);
		uint32_t column = (uint32_t)i - row * columns;
		size_t next[4], next_count = 0;
		if (column > 0)
			next[next_count++] = i - 1;
		if (column + 1 < tiles->columns)
			next[next_count++] = i + 1;
		if (row > 0)
			next[next_count++] = i - tiles->columns;
		if (row + 1 < tiles->rows)
			next[next_count++] = i + tiles->columns;
		*rect = codec_rect_bounds(*rect, g->tiles[i].bounds);
		area_px += codec_rect_area(g->tiles[i].bounds);
		for (size_t k = 0; k < next_count; k++)
			if (is_candidate(g, captured, next[k], sign)) {
				set_visited(g, next[k], sign);
				g->queue[count++] = (uint16_t)next[k];
			}
	}
	return area_px;
}

/* Even sides and corner, within the picture. */
static struct codec_rect even(struct codec_rect r, const struct codec_tiles *tiles)
{
	uint32_t x0 = r.x_px & ~1U, y0 = r.y_px & ~1U;
	uint32_t x1 = MIN((r.x_px + r.width_px + 1U) & ~1U, tiles->width_px & ~1U);
	uint32_t y1 = MIN((r.y_px + r.height_px + 1U) & ~1U, tiles->height_px & ~1U);

	return codec_rect_between(x0, y0, MAX(x0, x1), MAX(y0, y1));
}

static bool is_region(struct codec_rect r, uint32_t changed_px)
{
	return r.width_px >= REGION_WIDTH_MIN_PX && r.height_px >= REGION_HEIGHT_MIN_PX &&
	       codec_video_size_ok(r) &&
	       (uint64_t)changed_px * 100 >= (uint64_t)codec_rect_area(r) * REGION_FILL_PERCENT;
}

static bool is_beside(struct codec_rect a, struct codec_rect b)
{
	return a.x_px < b.x_px + b.width_px + TILE_SIDE_PX &&
	       b.x_px < a.x_px + a.width_px + TILE_SIDE_PX &&
	       a.y_px < b.y_px + b.height_px + TILE_SIDE_PX &&
	       b.y_px < a.y_px + a.height_px + TILE_SIDE_PX;
}

static bool search(struct codec_region *g, const struct codec_tiles *tiles,
	const struct codec_picture *captured, enum sign sign, uint64_t least_px)
{
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		struct codec_rect rect;
		if (!is_candidate(g, captured, i, sign))
			continue;
		uint32_t changed_px = grow(g, tiles, captured, i, sign, &rect);
		/* More of the film that is known: what lies beside it. */
		if (g->is_on && !is_beside(rect, g->rect))
			continue;
		if (g->is_on) {
			changed_px += codec_rect_area(g->rect);
			rect = codec_rect_bounds(rect, g->rect);
		}
		rect = even(rect, tiles);
		if (changed_px < least_px || !is_region(rect, changed_px))
			continue;
		g->is_film = sign != SIGN_SLOW;
		g->is_on = true;
		g->rect = rect;
		g->seen_ms = g->tick_ms;
		g->still_ticks = 0;
		return true;
	}
	return false;
}

bool codec_region_observe(struct codec_region *g, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_rect *bounds, bool has_moved,
	uint32_t link_bytes_per_ms, uint64_t now_ms)
{
	bool soon = now_ms - g->tick_ms <= TICK_MAX_MS;

	g->tick_ms = now_ms;
	for (size_t i = 0; !soon && i < codec_tiles_count(tiles); i++)
		g->tiles[i].history = 0;
	remember(g, tiles, bounds);
	if (!has_moved && !g->is_on && search(g, tiles, captured, SIGN_AGAIN, 0))
		return true;
	uint64_t slow_px = (uint64_t)link_bytes_per_ms * SLOW_MS / PHOTO_BYTES_PER_PX;
	if (slow_px > 0 && !g->is_on && search(g, tiles, captured, SIGN_SLOW, slow_px))
		return true;
	return search(g, tiles, captured, SIGN_HISTORY, 0);
}

void codec_region_sent(struct codec_region *g, const struct codec_tiles *tiles)
{
	struct span s = span_of(g->rect);

	for (uint32_t row = s.y0; row <= s.y1; row++)
		for (uint32_t column = s.x0; column <= s.x1; column++) {
			size_t i = (size_t)row * tiles->columns + column;
			g->lossy_count += !g->tiles[i].is_lossy;
			g->tiles[i].is_lossy = true;
		}
}

size_t codec_region_settle(
	struct codec_region *g, const struct codec_tiles *tiles, struct codec_cached *list)
{
	size_t count = 0;

	if (g->lossy_count == 0)
		return 0;
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		if (!g->tiles[i].is_lossy || tiles->changed[i] ||
			codec_region_touches(g, codec_tiles_nth(tiles, i)))
			continue;
		g->tiles[i].is_lossy = false;
		g->lossy_count--;
		list[count++] = (struct codec_cached){ (uint32_t)i, (uint32_t)i };
	}
	return count;
}
