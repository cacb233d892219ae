/* Pixels to 4:2:0 and back: BT.601 in full range, so that no level is lost; chroma is the mean of
 * four pixels. Both ends are ours, so no player's conventions matter. */
#pragma once

#include "common/codec/picture.h"
#include "common/codec/simd.h"

struct codec_yuv {
	uint8_t *y, *u, *v;
	size_t y_stride, uv_stride; /* bytes */
};

/* Even sides. */
void codec_yuv_from(const struct codec_simd *simd, const struct codec_picture *picture,
	struct codec_rect rect, const struct codec_yuv *to);
void codec_yuv_to(const struct codec_simd *simd, const struct codec_yuv *from,
	const struct codec_picture *picture, struct codec_rect rect);
