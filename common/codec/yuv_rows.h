/*
 * Rows of pixels to 4:2:0 and back, written so that compilers make vectors of them: compiled with
 * each set of inner loops (simd_plain.c, simd_avx2.c). All arithmetic is exact integers, so that
 * all sets agree.
 */
#pragma once

#include "common/codec/picture.h"

/* Pixels that are converted at a time: what lies between the two steps stays in the L1 cache. */
#define YUV_STEP_PX 256

static inline int yuv_clamp(int value)
{
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

static void yuv_luma_row(const uint32_t *row, uint32_t width_px, uint8_t *to)
{
	for (uint32_t x = 0; x < width_px; x++) {
		uint32_t red = row[x] >> 16 & 255, green = row[x] >> 8 & 255, blue = row[x] & 255;
		to[x] = (uint8_t)((77 * red + 150 * green + 29 * blue + 128) >> 8);
	}
}

/* The means of four pixels; factors in 1/256. */
static void yuv_chroma_row(
	const uint32_t *upper, const uint32_t *lower, uint32_t width_px, uint8_t *u, uint8_t *v)
{
	for (uint32_t x = 0; x < width_px / 2; x++) {
		uint32_t a = upper[2 * x], b = upper[2 * x + 1], c = lower[2 * x],
			 d = lower[2 * x + 1];
		/* Red and blue at once: their sums have 16 bits of room each. */
		uint32_t red_blue =
			(a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff);
		uint32_t greens = (a >> 8 & 255) + (b >> 8 & 255) + (c >> 8 & 255) + (d >> 8 & 255);
		int red = (int)(red_blue >> 16), green = (int)greens,
		    blue = (int)(red_blue & 0xffff);
		int cb = -43 * red - 85 * green + 128 * blue + 512 + (128 << 10);
		int cr = 128 * red - 107 * green - 21 * blue + 512 + (128 << 10);
		u[x] = (uint8_t)MIN(cb >> 10, 255);
		v[x] = (uint8_t)MIN(cr >> 10, 255);
	}
}

/* What chroma adds to luma, for each pair of pixels; factors in 1/128, so that products fit 16
 * bits. */
struct yuv_added {
	int16_t red[YUV_STEP_PX / 2], green[YUV_STEP_PX / 2], blue[YUV_STEP_PX / 2];
};

static inline void yuv_add(const uint8_t *u, const uint8_t *v, uint32_t pairs, struct yuv_added *to)
{
	for (uint32_t x = 0; x < pairs; x++) {
		int16_t cb = (int16_t)(u[x] - 128), cr = (int16_t)(v[x] - 128);
		to->red[x] = (int16_t)((int16_t)(cr * 179 + 64) >> 7);
		to->green[x] = (int16_t)((int16_t)(cb * -44 + cr * -91 + 64) >> 7);
		to->blue[x] = (int16_t)((int16_t)(cb * 227 + 64) >> 7);
	}
}

static inline uint32_t yuv_pixel(int luma, int red, int green, int blue)
{
	return (uint32_t)yuv_clamp(luma + blue) | (uint32_t)yuv_clamp(luma + green) << 8 |
	       (uint32_t)yuv_clamp(luma + red) << 16;
}

static void yuv_pixel_row(
	const uint8_t *y, const uint8_t *u, const uint8_t *v, uint32_t width_px, uint32_t *to)
{
	struct yuv_added added;

	for (uint32_t from = 0; from < width_px; from += YUV_STEP_PX) {
		uint32_t pairs = MIN(width_px - from, (uint32_t)YUV_STEP_PX) / 2;
		const uint8_t *restrict luma = y + from;
		uint32_t *restrict pixels = to + from;
		yuv_add(u + from / 2, v + from / 2, pairs, &added);
		for (uint32_t x = 0; x < pairs; x++) {
			pixels[2 * x] =
				yuv_pixel(luma[2 * x], added.red[x], added.green[x], added.blue[x]);
			pixels[2 * x + 1] = yuv_pixel(
				luma[2 * x + 1], added.red[x], added.green[x], added.blue[x]);
		}
	}
}
