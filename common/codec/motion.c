#include "common/codec/motion.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>

#define BLOCK_PX        MATCH_BLOCK_PX
#define BLOCKS_PER_TILE (TILE_SIDE_PX / BLOCK_PX)

/* An area smaller than this many tiles is coded sooner than searched. */
#define LEAST_TILES 4

/*
 * Of the old picture every second row is searched, of the new one two neighbouring rows of every
 * eight: whichever way the content moved, one of the two came from a searched row.
 */
#define OLD_ROW_STEP 2
#define NEW_ROW_STEP 8
#define NEW_ROWS     2

/*
 * Of a large change only every fourth band of eight old rows is searched at first; that meets every
 * distance too. When nothing agrees there, something else is shown now, and the rest is not
 * searched; nor is it when so much agrees that more would tell nothing new.
 */
#define TASTE_STEP      (4 * NEW_ROW_STEP)
#define TASTE_TILES_MIN 64
#define TASTE_VOTES_MIN 2
#define TASTE_ENOUGH    64

/* With fewer changes of colour an anchor is a stripe or a border that many places share. */
#define ANCHOR_EDGES_MIN 3

/* Votes that make a vector worth trying. With a quarter of the rows searched, a moved line of text
 * has more. */
#define VOTES_MIN 4

/* Anchors of a row of pixels in a tile's width, at most; more are not needed. */
#define ROW_ANCHORS_MAX 256

/*
 * The vectors of the last frame are tried first, on one row of blocks in so many: somebody who
 * scrolls or drags does so for many frames, and often by the same distance. When they explain so
 * much of what changed there, nothing else is searched.
 */
#define AGAIN_ROW_STEP 8
#define AGAIN_PERCENT  80

#define PLACE_BITS 15
#define VOTE_BITS  12
#define VOTE_TRIES 8

/* Where an anchor stands in the new picture. */
struct place {
	uint32_t hash, epoch;
	uint16_t x_px, y_px;
	bool ambiguous;
};

struct vote {
	int32_t dx, dy;
	uint32_t epoch, count;
};

/* What is known of a block. */
enum {
	/* changed, and no vector explains it; values below are the vector's number */
	BLOCK_NEW = CODEC_VECTORS_MAX,
	BLOCK_SAME,    /* not changed */
	BLOCK_OUTSIDE, /* its tile has not changed */
};

struct codec_motion {
	const struct codec_simd *simd;
	uint32_t epoch; /* entries of other epochs are empty */
	uint32_t block_columns, block_rows;
	uint8_t *blocks; /* owned */
	uint8_t *same;   /* owned; of the row of blocks at hand */
	struct place places[1 << PLACE_BITS];
	struct vote votes[1 << VOTE_BITS];
	uint16_t used[1 << VOTE_BITS]; /* the votes of this epoch */
	size_t used_count;
	struct codec_vector last[CODEC_VECTORS_MAX]; /* of the last frame that had any */
	size_t last_count;
	bool is_judged; /* blocks are those of the newest frame */
};

int codec_motion_create(struct codec_motion **out, const struct codec_simd *simd, uint32_t width_px,
	uint32_t height_px)
{
	struct codec_motion *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->simd = simd;
	m->block_columns = (width_px + BLOCK_PX - 1) / BLOCK_PX;
	m->block_rows = (height_px + BLOCK_PX - 1) / BLOCK_PX;
	m->blocks = malloc((size_t)m->block_columns * m->block_rows);
	m->same = malloc(m->block_columns);
	if (!m->blocks || !m->same) {
		codec_motion_destroy(m);
		return -ENOMEM;
	}
	*out = m;
	return 0;
}

void codec_motion_destroy(struct codec_motion *m)
{
	if (!m)
		return;
	free(m->same);
	free(m->blocks);
	free(m);
}

static struct place *place_of(struct codec_motion *m, uint32_t hash)
{
	return &m->places[(hash * 0x9e3779b1U) >> (32 - PLACE_BITS)];
}

static void remember(struct codec_motion *m, uint32_t hash, uint32_t x_px, uint32_t y_px)
{
	struct place *p = place_of(m, hash);

	if (p->epoch != m->epoch)
		*p = (struct place){ hash, m->epoch, (uint16_t)x_px, (uint16_t)y_px, false };
	else if (p->hash == hash)
		p->ambiguous = true;
}

static void vote(struct codec_motion *m, int32_t dx, int32_t dy)
{
	uint32_t slot = (((uint32_t)dx * 73856093U) ^ ((uint32_t)dy * 19349663U)) * 0x9e3779b1U >>
			(32 - VOTE_BITS);

	for (uint32_t i = 0; i < VOTE_TRIES; i++) {
		struct vote *v = &m->votes[(slot + i) & ((1U << VOTE_BITS) - 1)];
		if (v->epoch != m->epoch) {
			*v = (struct vote){ dx, dy, m->epoch, 0 };
			m->used[m->used_count++] = (uint16_t)(v - m->votes);
		}
		if (v->dx != dx || v->dy != dy)
			continue;
		v->count++;
		return;
	}
}

static void recall(struct codec_motion *m, uint32_t hash, uint32_t x_px, uint32_t y_px)
{
	const struct place *p = place_of(m, hash);

	if (p->epoch != m->epoch || p->hash != hash || p->ambiguous)
		return;
	int32_t dx = p->x_px - (int32_t)x_px, dy = p->y_px - (int32_t)y_px;
	if (dx != 0 || dy != 0)
		vote(m, dx, dy);
}

static unsigned edges(const uint32_t *at)
{
	unsigned count = 0;

	for (size_t i = 1; i < ANCHOR_SPAN_PX; i++)
		count += at[i] != at[i - 1];
	return count;
}

typedef void (*anchor_fn)(struct codec_motion *m, uint32_t hash, uint32_t x_px, uint32_t y_px);

/* Calls use for each anchor between x0 and x1 of a row. */
static void search_span(struct codec_motion *m, const struct codec_picture *picture, uint32_t x0,
	uint32_t x1, uint32_t y, anchor_fn use)
{
	struct codec_anchor anchors[ROW_ANCHORS_MAX];
	const uint32_t *row = codec_picture_at(picture, x0, y);

	if (x1 + ANCHOR_SPAN_PX > picture->width_px)
		x1 = MAX(picture->width_px, (uint32_t)ANCHOR_SPAN_PX) - ANCHOR_SPAN_PX;
	if (x1 <= x0)
		return;
	size_t count = m->simd->find_anchors(row, x1 - x0, anchors, ARRAY_LEN(anchors));
	for (size_t i = 0; i < count; i++)
		if (edges(row + anchors[i].x_px) >= ANCHOR_EDGES_MIN)
			use(m, anchors[i].hash, x0 + anchors[i].x_px, y);
}

/* All spans of changed tiles in one row of pixels. */
static void search_row(struct codec_motion *m, const struct codec_tiles *tiles,
	const struct codec_picture *picture, uint32_t y, anchor_fn use)
{
	const uint8_t *changed = tiles->changed + (size_t)(y / TILE_SIDE_PX) * tiles->columns;

	for (uint32_t column = 0; column < tiles->columns; column++) {
		uint32_t first = column;
		while (column < tiles->columns && changed[column])
			column++;
		if (column > first)
			search_span(m, picture, first * TILE_SIDE_PX,
				MIN(column * TILE_SIDE_PX, tiles->width_px), y, use);
	}
}

static struct vote *best_vote(struct codec_motion *m, uint32_t least)
{
	struct vote *best = NULL;

	for (size_t i = 0; i < m->used_count; i++) {
		struct vote *v = &m->votes[m->used[i]];
		if (v->count >= least && (!best || v->count > best->count))
			best = v;
	}
	return best;
}

static uint32_t count_votes(const struct codec_motion *m)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < m->used_count; i++)
		sum += m->votes[m->used[i]].count;
	return sum;
}

static void take_best(struct codec_motion *m, struct codec_copies *copies)
{
	for (size_t n = 0; n < CODEC_VECTORS_MAX; n++) {
		struct vote *best = best_vote(m, VOTES_MIN);
		if (!best)
			return;
		copies->vectors[copies->vector_count++] =
			(struct codec_vector){ best->dx, best->dy, 0 };
		best->count = 0;
	}
}

static void find_vectors(struct codec_motion *m, const struct codec_tiles *tiles, size_t tile_count,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_copies *copies)
{
	bool taste = tile_count >= TASTE_TILES_MIN;

	m->epoch++;
	m->used_count = 0;
	for (uint32_t y = 0; y < tiles->height_px; y++)
		if (y % NEW_ROW_STEP < NEW_ROWS)
			search_row(m, tiles, captured, y, remember);
	for (uint32_t y = 0; taste && y < tiles->height_px; y += OLD_ROW_STEP)
		if (y % TASTE_STEP < NEW_ROW_STEP)
			search_row(m, tiles, shown, y, recall);
	bool enough = taste && count_votes(m) >= TASTE_ENOUGH;
	for (uint32_t y = 0; !enough && y < tiles->height_px; y += OLD_ROW_STEP)
		if (!taste || y % TASTE_STEP >= NEW_ROW_STEP)
			search_row(m, tiles, shown, y, recall);
	take_best(m, copies);
}

/* Whether a rectangle of captured is what stood d away in shown. */
static bool explains(const struct codec_motion *m, const struct codec_picture *captured,
	const struct codec_picture *shown, const struct codec_vector *v, struct codec_rect r)
{
	int32_t x = r.x_px - v->dx, y = r.y_px - v->dy;

	if (x < 0 || y < 0 || x + r.width_px > (int32_t)shown->width_px ||
		y + r.height_px > (int32_t)shown->height_px)
		return false;
	return m->simd->equal(codec_picture_at(captured, r.x_px, r.y_px),
		codec_picture_at(shown, (uint32_t)x, (uint32_t)y), captured->width_px, r.width_px,
		r.height_px);
}

static struct codec_rect block_rect(const struct codec_picture *p, uint32_t column, uint32_t row)
{
	uint32_t x = column * BLOCK_PX, y = row * BLOCK_PX;

	return (struct codec_rect){
		.x_px = (uint16_t)x,
		.y_px = (uint16_t)y,
		.width_px = (uint16_t)MIN(p->width_px - x, (uint32_t)BLOCK_PX),
		.height_px = (uint16_t)MIN(p->height_px - y, (uint32_t)BLOCK_PX),
	};
}

/* Changed tiles' columns of blocks in one row of tiles; empty when first == end. */
struct columns {
	uint32_t first, end;
};

static struct columns changed_columns(
	const struct codec_motion *m, const struct codec_tiles *tiles, uint32_t tile_row)
{
	const uint8_t *changed = tiles->changed + (size_t)tile_row * tiles->columns;
	uint32_t first = tiles->columns, end = 0;

	for (uint32_t column = 0; column < tiles->columns; column++)
		if (changed[column]) {
			first = MIN(first, column);
			end = column + 1;
		}
	if (end == 0)
		return (struct columns){ 0, 0 };
	return (struct columns){ first * BLOCKS_PER_TILE,
		MIN(end * BLOCKS_PER_TILE, m->block_columns) };
}

/* Finds which blocks of a row equal what stood a vector away, by rows of pixels, as memory likes
 * it. Sets m->same for the columns. */
static void match_row(struct codec_motion *m, const struct codec_picture *captured,
	const struct codec_picture *shown, const struct codec_vector *v, uint32_t row,
	struct columns c)
{
	int32_t width_px = (int32_t)captured->width_px, height_px = (int32_t)captured->height_px;
	int32_t y = (int32_t)row * BLOCK_PX, y_end = MIN(y + BLOCK_PX, height_px);

	memset(m->same + c.first, 0, c.end - c.first);
	/* Only blocks whose source lies inside. */
	while (c.first < c.end && (int32_t)c.first * BLOCK_PX < v->dx)
		c.first++;
	while (c.end > c.first && MIN((int32_t)c.end * BLOCK_PX, width_px) - v->dx > width_px)
		c.end--;
	if (c.first == c.end || y < v->dy || y_end - v->dy > height_px)
		return;
	memset(m->same + c.first, 1, c.end - c.first);
	uint32_t x = c.first * BLOCK_PX, x_end = MIN(c.end * BLOCK_PX, captured->width_px);
	for (; y < y_end; y++)
		m->simd->match_blocks(codec_picture_at(captured, x, (uint32_t)y),
			codec_picture_at(
				shown, (uint32_t)((int32_t)x - v->dx), (uint32_t)(y - v->dy)),
			x_end - x, m->same + c.first);
}

/* Blocks of changed tiles in a row become BLOCK_NEW, all others BLOCK_OUTSIDE. */
static void begin_row(
	struct codec_motion *m, const struct codec_tiles *tiles, uint32_t row, struct columns c)
{
	const uint8_t *changed = tiles->changed + (size_t)(row / BLOCKS_PER_TILE) * tiles->columns;
	uint8_t *blocks = m->blocks + (size_t)row * m->block_columns;

	memset(blocks, BLOCK_OUTSIDE, m->block_columns);
	for (uint32_t column = c.first; column < c.end; column++)
		if (changed[column / BLOCKS_PER_TILE])
			blocks[column] = BLOCK_NEW;
}

static bool any_new(const uint8_t *blocks, struct columns c)
{
	return c.first < c.end && memchr(blocks + c.first, BLOCK_NEW, c.end - c.first);
}

/* The next tiles in a row that have a block which no vector explains; empty when there are none. */
static struct columns next_unknown(const uint8_t *blocks, struct columns c)
{
	struct columns found = { c.end, c.end };

	for (uint32_t column = c.first; column < c.end; column += BLOCKS_PER_TILE) {
		struct columns tile = { column, MIN(column + BLOCKS_PER_TILE, c.end) };
		bool is_unknown = any_new(blocks, tile);
		if (is_unknown && found.first == c.end)
			found.first = column;
		else if (!is_unknown && found.first < c.end)
			return (struct columns){ found.first, column };
	}
	return found;
}

/*
 * Finds which vector explains each block of a row. Only where no vector explains all of a tile the
 * blocks that did not change are looked for: where all has moved by one vector, nothing more has to
 * be compared.
 */
static void judge_row(struct codec_motion *m, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_picture *shown,
	const struct codec_copies *copies, uint32_t row)
{
	static const struct codec_vector still = { 0 };
	uint8_t *blocks = m->blocks + (size_t)row * m->block_columns;
	struct columns c = changed_columns(m, tiles, row / BLOCKS_PER_TILE), part;

	begin_row(m, tiles, row, c);
	for (size_t k = 0; k < copies->vector_count && any_new(blocks, c); k++) {
		match_row(m, captured, shown, &copies->vectors[k], row, c);
		for (uint32_t column = c.first; column < c.end; column++)
			if (blocks[column] == BLOCK_NEW && m->same[column])
				blocks[column] = (uint8_t)k;
	}
	while (part = next_unknown(blocks, c), part.first < part.end) {
		match_row(m, captured, shown, &still, row, part);
		for (uint32_t column = part.first; column < part.end; column++)
			if (m->same[column] && blocks[column] != BLOCK_OUTSIDE)
				blocks[column] = BLOCK_SAME;
		c.first = part.end;
	}
}

static size_t count_new(struct codec_motion *m, uint32_t row)
{
	const uint8_t *blocks = m->blocks + (size_t)row * m->block_columns;
	size_t count = 0;

	for (uint32_t column = 0; column < m->block_columns; column++)
		count += blocks[column] == BLOCK_NEW;
	return count;
}

/* Whether the vectors of the last frame explain this one; then they are taken. */
static bool same_again(struct codec_motion *m, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_copies *copies)
{
	size_t without = 0, with = 0;

	if (m->last_count == 0)
		return false;
	memcpy(copies->vectors, m->last, sizeof(m->last));
	for (uint32_t row = AGAIN_ROW_STEP / 2; row < m->block_rows; row += AGAIN_ROW_STEP) {
		copies->vector_count = 0;
		judge_row(m, tiles, captured, shown, copies, row);
		size_t changed = count_new(m, row);
		without += changed;
		if (changed == 0)
			continue;
		copies->vector_count = m->last_count;
		judge_row(m, tiles, captured, shown, copies, row);
		with += count_new(m, row);
	}
	copies->vector_count = 0;
	if (without == 0 || (without - MIN(with, without)) * 100 < without * AGAIN_PERCENT)
		return false;
	copies->vector_count = m->last_count;
	return true;
}

/*
 * The end of a run of blocks that vector k explains. Blocks that did not change count where the
 * vector explains them, too, so that white space does not cut runs, but not at the end.
 */
static uint32_t run_end(const struct codec_motion *m, const struct codec_picture *captured,
	const struct codec_picture *shown, const struct codec_vector *v, uint8_t k, uint32_t column,
	uint32_t row)
{
	const uint8_t *blocks = m->blocks + (size_t)row * m->block_columns;
	uint32_t end = column;

	for (; column < m->block_columns; column++) {
		if (blocks[column] == k)
			end = column + 1;
		else if (blocks[column] != BLOCK_SAME ||
			 !explains(m, captured, shown, v, block_rect(captured, column, row)))
			break;
	}
	return end;
}

/* Adds a run to the rectangle that ends right above it, if one does. */
static bool grow_down(struct codec_rect *rects, size_t count, struct codec_rect run)
{
	for (size_t i = count; i-- > 0;)
		if (rects[i].x_px == run.x_px && rects[i].width_px == run.width_px &&
			rects[i].y_px + rects[i].height_px == run.y_px) {
			rects[i].height_px = (uint16_t)(rects[i].height_px + run.height_px);
			return true;
		}
	return false;
}

/* Blocks that stand in one rectangle are not taken into another. */
static void mark_taken(struct codec_motion *m, uint32_t row, uint32_t column, uint32_t end)
{
	memset(m->blocks + (size_t)row * m->block_columns + column, BLOCK_OUTSIDE, end - column);
}

/* The rectangles of vector k, from rects on; returns how many. */
static size_t gather(struct codec_motion *m, const struct codec_picture *captured,
	const struct codec_picture *shown, const struct codec_vector *v, uint8_t k,
	struct codec_rect *rects, size_t max)
{
	size_t count = 0;

	for (uint32_t row = 0; row < m->block_rows; row++)
		for (uint32_t column = 0; column < m->block_columns; column++) {
			if (m->blocks[(size_t)row * m->block_columns + column] != k)
				continue;
			uint32_t end = run_end(m, captured, shown, v, k, column, row);
			struct codec_rect run = codec_rect_bounds(block_rect(captured, column, row),
				block_rect(captured, end - 1, row));
			if (!grow_down(rects, count, run)) {
				if (count == max)
					return count;
				rects[count++] = run;
			}
			mark_taken(m, row, column, end);
			column = end - 1;
		}
	return count;
}

/* Whether a block that nothing explains lies in a rectangle, which is not empty. */
static bool lacks(const struct codec_motion *m, struct codec_rect r)
{
	uint32_t right = (uint32_t)r.x_px + r.width_px, bottom = (uint32_t)r.y_px + r.height_px;
	struct columns c = { r.x_px / BLOCK_PX, (right + BLOCK_PX - 1) / BLOCK_PX };
	uint32_t row_end = (bottom + BLOCK_PX - 1) / BLOCK_PX;

	for (uint32_t row = r.y_px / BLOCK_PX; row < row_end; row++)
		if (any_new(m->blocks + (size_t)row * m->block_columns, c))
			return true;
	return false;
}

enum side {
	SIDE_LEFT,
	SIDE_RIGHT,
	SIDE_ABOVE,
	SIDE_BELOW,
	SIDES,
};

/* The line of pixels beside a rectangle; false where the picture ends. */
static bool line_beside(
	const struct codec_picture *p, struct codec_rect r, enum side side, struct codec_rect *out)
{
	int32_t x = r.x_px, y = r.y_px;

	if (side == SIDE_LEFT)
		x--;
	else if (side == SIDE_RIGHT)
		x += r.width_px;
	else if (side == SIDE_ABOVE)
		y--;
	else
		y += r.height_px;
	if (x < 0 || y < 0 || x >= (int32_t)p->width_px || y >= (int32_t)p->height_px)
		return false;
	bool upright = side == SIDE_LEFT || side == SIDE_RIGHT;
	*out = (struct codec_rect){ (uint16_t)x, (uint16_t)y, upright ? 1 : r.width_px,
		upright ? r.height_px : 1 };
	return true;
}

/* What moves seldom ends where a block does: takes up to a block's width more on each side where
 * something is lacking and it fits. */
static void stretch(const struct codec_motion *m, const struct codec_picture *captured,
	const struct codec_picture *shown, const struct codec_vector *v, struct codec_rect *r)
{
	const struct codec_rect first = *r;
	struct codec_rect line;

	for (enum side side = 0; side < SIDES; side++) {
		if (!line_beside(captured, first, side, &line) || !lacks(m, line))
			continue;
		for (unsigned i = 1; i < BLOCK_PX && line_beside(captured, *r, side, &line) &&
				     explains(m, captured, shown, v, line);
			i++)
			*r = codec_rect_bounds(*r, line);
	}
}

static size_t count_changed(const struct codec_tiles *tiles)
{
	size_t sum = 0;

	for (size_t i = 0; i < codec_tiles_count(tiles); i++)
		sum += tiles->changed[i];
	return sum;
}

static uint64_t area_of(const struct codec_rect *rects, size_t count)
{
	uint64_t area_px = 0;

	for (size_t i = 0; i < count; i++)
		area_px += codec_rect_area(rects[i]);
	return area_px;
}

/*
 * Stretched rectangles may overlap each other; all together never have more area than the picture.
 */
static uint64_t stretch_all(const struct codec_motion *m, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_copies *copies, size_t count)
{
	uint64_t area_px = area_of(copies->rects, count);
	uint64_t area_max_px = (uint64_t)captured->width_px * captured->height_px;
	struct codec_rect *rect = copies->rects;

	for (size_t i = 0; i < copies->vector_count; i++)
		for (size_t k = 0; k < copies->vectors[i].rect_count; k++, rect++) {
			struct codec_rect wider = *rect;
			stretch(m, captured, shown, &copies->vectors[i], &wider);
			uint64_t more_px = codec_rect_area(wider) - codec_rect_area(*rect);
			if (more_px > area_max_px - area_px)
				return area_px;
			area_px += more_px;
			*rect = wider;
		}
	return area_px;
}

uint64_t codec_motion_find(struct codec_motion *m, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_copies *copies)
{
	size_t sum = 0, used = 0;

	copies->vector_count = 0;
	m->is_judged = false;
	size_t tile_count = count_changed(tiles);
	if (tile_count < LEAST_TILES)
		return 0;
	if (!same_again(m, tiles, captured, shown, copies))
		find_vectors(m, tiles, tile_count, captured, shown, copies);
	if (copies->vector_count == 0)
		return 0;
	for (uint32_t row = 0; row < m->block_rows; row++)
		judge_row(m, tiles, captured, shown, copies, row);
	m->is_judged = true;

	for (size_t k = 0; k < copies->vector_count; k++) {
		struct codec_vector v = copies->vectors[k];
		v.rect_count = gather(m, captured, shown, &v, (uint8_t)k, copies->rects + sum,
			CODEC_SECTION_RECTS_MAX - sum);
		sum += v.rect_count;
		if (v.rect_count > 0)
			copies->vectors[used++] = v;
	}
	copies->vector_count = used;
	if (used > 0) {
		memcpy(m->last, copies->vectors, sizeof(m->last));
		m->last_count = used;
	}
	return stretch_all(m, captured, shown, copies, sum);
}

/* Whether all of a tile has not changed or is in a copy. */
static bool is_settled(const struct codec_motion *m, uint32_t tile_column, uint32_t tile_row)
{
	uint32_t column = tile_column * BLOCKS_PER_TILE, row = tile_row * BLOCKS_PER_TILE;
	uint32_t column_end = MIN(column + BLOCKS_PER_TILE, m->block_columns);
	uint32_t row_end = MIN(row + BLOCKS_PER_TILE, m->block_rows);

	for (; row < row_end; row++)
		for (uint32_t i = column; i < column_end; i++)
			if (m->blocks[(size_t)row * m->block_columns + i] <= BLOCK_NEW)
				return false;
	return true;
}

void codec_motion_settle(const struct codec_motion *m, struct codec_tiles *tiles)
{
	if (!m->is_judged)
		return;
	for (uint32_t row = 0; row < tiles->rows; row++)
		for (uint32_t column = 0; column < tiles->columns; column++) {
			uint8_t *changed = &tiles->changed[(size_t)row * tiles->columns + column];
			*changed = *changed && !is_settled(m, column, row);
		}
}
