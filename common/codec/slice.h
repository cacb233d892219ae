/*
 * The form of a slice, written by the encoder and read by the decoder (PROTOCOL.md, section 12):
 *
 *	slice   = section ...; the last one's kind carries CODEC_SECTION_LAST
 *	section = kind u8, then unless it is the last: length number; then the payload:
 *	          length bytes, or all that is left
 *	rects   = count number, then for each rectangle:
 *	          y - y of the one before (folded), x - right edge of the one before (folded),
 *	          width - 1, height - 1
 *	MEDZ    = rects, one zstd frame of their residual planes: all green, all blue, all red
 *	COPY    = count number of vectors, then for each: dx (folded), dy (folded), rects
 *	tiles   = count number of runs, then for each run: tile - end of the run before (folded),
 *	          slot - end of the run before (folded), length - 1
 *	PART    = rects, then for each: slot - the slot behind the one before (folded)
 *
 * Numbers are those of bytes.h. Sections act in their order.
 */
#pragma once

#include "common/codec/bytes.h"
#include "common/codec/picture.h"

enum codec_section {
	CODEC_SECTION_CTX = 1,
	CODEC_SECTION_MEDZ = 2,
	CODEC_SECTION_COPY = 3,
	CODEC_SECTION_SAVE = 4,
	CODEC_SECTION_LOAD = 5,
	CODEC_SECTION_VIDEO = 6,
	CODEC_SECTION_SETTLE = 7,
	CODEC_SECTION_PART = 8,
};
#define CODEC_SECTION_LAST 0x80

/* Rectangles in one section: a full 5120x2880 screen in tiles. */
#define CODEC_SECTION_RECTS_MAX 3600

/* Pixels in one MEDZ section: their residuals fit a slice even where zstd gains nothing; they take
 * 2 ms. */
#define CODEC_MEDZ_MAX_PX (256U * 1024)

/* Parts of the picture that move within it. */
#define CODEC_VECTORS_MAX 4
struct codec_copies {
	size_t vector_count;
	struct codec_vector {
		int32_t dx, dy;    /* to = from + d */
		size_t rect_count; /* of rects, which stand in the vectors' order */
	} vectors[CODEC_VECTORS_MAX];
	struct codec_rect rects[CODEC_SECTION_RECTS_MAX]; /* where to */
};

/* Bytes that so many rectangles take at most: 3 a number, with the count. */
#define CODEC_SLICE_RECTS_MAX_BYTES(count) ((size_t)(count)*4 * 3 + CODEC_NUMBER_MAX_BYTES)

void codec_slice_write_rects(struct codec_writer *w, const struct codec_rect *rects, size_t count);

/* Reads at most rect_max rectangles. Each lies inside the picture, and all together have at most
 * *left_px of area, which is counted down. Anything else fails the reader. Returns how many. */
size_t codec_slice_read_rects(struct codec_reader *r, const struct codec_picture *picture,
	uint64_t *left_px, struct codec_rect *rects, size_t rect_max);

/* Bytes that a COPY section takes at most. */
#define CODEC_SLICE_COPIES_MAX_BYTES                                                               \
	(CODEC_SLICE_RECTS_MAX_BYTES(CODEC_SECTION_RECTS_MAX) +                                    \
		(3 * CODEC_VECTORS_MAX + 1) * CODEC_NUMBER_MAX_BYTES)

void codec_slice_write_copies(struct codec_writer *w, const struct codec_copies *copies);

/*
 * Reads what codec_slice_write_copies wrote. Targets and sources lie inside the picture; there are
 * at most CODEC_SECTION_RECTS_MAX rectangles and *left_px of area in all, which is counted down.
 * Anything else fails the reader.
 */
void codec_slice_read_copies(struct codec_reader *r, const struct codec_picture *picture,
	uint64_t *left_px, struct codec_copies *copies);

/* A tile and its place in the cache. */
struct codec_cached {
	uint32_t tile, slot;
};

/* Bytes that so many take at most. */
#define CODEC_SLICE_CACHED_MAX_BYTES(count) ((size_t)(count)*3 * 3 + CODEC_NUMBER_MAX_BYTES)

void codec_slice_write_cached(
	struct codec_writer *w, const struct codec_cached *list, size_t count);

/* Reads at most tile_count of them, tiles below tile_count and slots below slot_count. Anything
 * else fails the reader. Returns how many. */
size_t codec_slice_read_cached(
	struct codec_reader *r, size_t tile_count, size_t slot_count, struct codec_cached *list);

/* A part of a tile, and the slot in which the tile is kept. */
struct codec_part {
	struct codec_rect rect;
	uint32_t slot;
};

/* Parts in one section, and bytes that so many take at most. */
#define CODEC_SECTION_PARTS_MAX            1024
#define CODEC_SLICE_PARTS_MAX_BYTES(count) (CODEC_SLICE_RECTS_MAX_BYTES(count) + (size_t)(count)*3)

void codec_slice_write_parts(struct codec_writer *w, const struct codec_part *parts, size_t count);

/*
 * Reads at most CODEC_SECTION_PARTS_MAX. Each lies within one tile of the picture, all together
 * have at most *left_px of area, which is counted down, and slots are below slot_count. Anything
 * else fails the reader. Returns how many.
 */
size_t codec_slice_read_parts(struct codec_reader *r, const struct codec_picture *picture,
	uint64_t *left_px, size_t slot_count, struct codec_part *parts);
