/*
 * A picture in memory: rows of 4-byte pixels without gaps, and room around them, so that the
 * neighbours of every pixel can be read without asking whether they exist. Beyond a row's end
 * stands the next row; both ends of a session see the same there, which is all that prediction
 * needs.
 */
#pragma once

#include "common/codec/codec.h"

#include <string.h>

/* Padding before and after: the rows above and the pixels beside that prediction looks at, and what
 * SIMD reads too far. */
#define PICTURE_PAD_ROWS 2
#define PICTURE_PAD_PX   32

/* X of a pixel is no information; it is 0 wherever pixels are kept. */
#define PICTURE_COLOR_MASK 0x00ffffffU

struct codec_picture {
	uint32_t width_px, height_px;
	uint32_t *pixels; /* row 0; stride is width_px */
	uint32_t *memory; /* owned */
};

/* Black. -EINVAL for a size of 0 or over the limits; -ENOMEM. */
int codec_picture_init(struct codec_picture *p, uint32_t width_px, uint32_t height_px) MUST_CHECK;
void codec_picture_finish(struct codec_picture *p);

/* Where a pixel stands. */
static inline uint32_t *codec_picture_at(
	const struct codec_picture *p, uint32_t x_px, uint32_t y_px)
{
	return p->pixels + (size_t)y_px * p->width_px + x_px;
}

/* Copies a rectangle that lies inside both, which are of one size, from one picture to the same
 * place in the other. */
void codec_picture_copy(
	const struct codec_picture *to, const struct codec_picture *from, struct codec_rect r);

/* Checksum of the API: XXH3 over the pixels. */
uint64_t codec_picture_checksum(const struct codec_picture *p);

/* Whether r has an area and lies inside the picture, as every rectangle of a slice must. */
bool codec_picture_holds(const struct codec_picture *p, struct codec_rect r);
