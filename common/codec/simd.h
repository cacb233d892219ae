/*
 * The inner loops, in plain C and for what the processor has. All give the same results; the tests
 * compare each with its plain twin. Lengths count pixels, not bytes; pointers need no alignment
 * beyond their type.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/* Side of a tile: 64 * 64 px * 4 bytes = 16 KiB, half of a common 32 KiB L1d. */
#define TILE_SIDE_PX 64

/* Three planes of bytes, one for each channel of a rectangle, rows without gaps. */
struct codec_planes {
	uint8_t *green;
	uint8_t *blue; /* blue - green */
	uint8_t *red;  /* red - green */
};

/* Widest rectangle that split and join take. */
#define SPLIT_WIDTH_MAX_PX 1024

/* A place in a row that is chosen by what stands there, so that it is chosen again after it has
 * moved. */
struct codec_anchor {
	uint32_t x_px;
	uint32_t hash; /* of ANCHOR_SPAN_PX pixels from x on */
};
#define ANCHOR_SPAN_PX 16

/* Pixels in a row of a block that match_blocks compares. */
#define MATCH_BLOCK_PX 16

struct codec_simd {
	const char *name;

	/*
	 * Copies pixels x0 .. x1 of a captured row, X cleared, over the kept row, and sets
	 * changed[x / TILE_SIDE_PX] to 1 where they differed. Reads each source byte once, since
	 * another process may be writing there.
	 */
	void (*update_row)(
		uint32_t *kept, const uint8_t *source, uint32_t x0, uint32_t x1, uint8_t *changed);

	/* first_difference: index of the first pixel that differs, count when none does.
	 * last_difference: index behind the last pixel that differs, 0 when none does. */
	size_t (*first_difference)(const uint32_t *a, const uint32_t *b, size_t count);
	size_t (*last_difference)(const uint32_t *a, const uint32_t *b, size_t count);

	/* Whether two rectangles of one size, whose rows are stride_px apart, are equal. */
	bool (*equal)(const uint32_t *a, const uint32_t *b, size_t stride_px, uint32_t width_px,
		uint32_t height_px);

	/* Compares rows in blocks of MATCH_BLOCK_PX, of which the last may be shorter: equal[i]
	 * becomes 0 where block i differs. */
	void (*match_blocks)(const uint32_t *a, const uint32_t *b, size_t count, uint8_t *equal);

	/* Finds anchors that begin at 0 <= x < count; reads ANCHOR_SPAN_PX - 1 pixels more than
	 * count. About one pixel in 128 is one. Writes at most max and returns how many. */
	size_t (*find_anchors)(
		const uint32_t *row, size_t count, struct codec_anchor *anchors, size_t max);

	/* How many pixels from the start on have this value. */
	size_t (*run_length)(const uint32_t *pixels, size_t count, uint32_t value);

	/* Counts hard pixels: those of row that differ from both the pixel before and the one
	 * above. The first pixel is not looked at. */
	size_t (*count_hard)(const uint32_t *row, const uint32_t *above, size_t count);

	/*
	 * split makes a rectangle's residuals: green, blue - green and red - green, each less its
	 * median edge prediction (LOCO-I) from the left, upper and upper left neighbours within the
	 * rectangle, which are 0 outside of it. join is the way back.
	 */
	void (*split)(const uint32_t *from, size_t stride_px, uint32_t width_px, uint32_t height_px,
		const struct codec_planes *to);
	void (*join)(uint32_t *to, size_t stride_px, uint32_t width_px, uint32_t height_px,
		const struct codec_planes *from);

	/*
	 * Rows for video (yuv.h); width_px is even. luma_row: the brightness of a row. chroma_row:
	 * the colour of two rows, of each 2 x 2 pixels together. pixel_row is the way back: a row
	 * of pixels from its brightness and the colour of each two.
	 */
	void (*luma_row)(const uint32_t *row, uint32_t width_px, uint8_t *to);
	void (*chroma_row)(const uint32_t *upper, const uint32_t *lower, uint32_t width_px,
		uint8_t *u, uint8_t *v);
	void (*pixel_row)(const uint8_t *y, const uint8_t *u, const uint8_t *v, uint32_t width_px,
		uint32_t *to);
};

/* What a hash of pixels at x .. x + 15 mixes; the same in every implementation. */
#define ANCHOR_OFFSETS                                                                             \
	{                                                                                          \
		0, 1, 3, 6, 10, 15                                                                 \
	}
#define ANCHOR_FACTORS                                                                             \
	{                                                                                          \
		0x9e3779b1U, 0x85ebca77U, 0xc2b2ae3dU, 0x27d4eb2fU, 0x165667b1U, 0xd3a2646dU       \
	}
#define ANCHOR_FINISH 0x9e3779b1U
#define ANCHOR_MASK   0xfe000000U /* these bits of an anchor's hash are 0 */

/* The best that this processor runs. */
const struct codec_simd *codec_simd_best(void);

/* The plain loops; and for tests and benchmarks all that run here, NULL behind the last. */
extern const struct codec_simd codec_simd_plain;
const struct codec_simd *codec_simd_nth(size_t index);
