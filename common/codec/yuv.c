#include "common/codec/yuv.h"

/* Factors in 1/65536. */
#define SHIFT 16
#define HALF  (1 << (SHIFT - 1))
#define F(x)  ((int)((x) * (1 << SHIFT) + ((x) < 0 ? -0.5 : 0.5)))

static int red(uint32_t pixel)
{
	return (int)(pixel >> 16 & 255);
}

static int green(uint32_t pixel)
{
	return (int)(pixel >> 8 & 255);
}

static int blue(uint32_t pixel)
{
	return (int)(pixel & 255);
}

static int clamp(int value)
{
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

static void luma_row(const uint32_t *row, uint32_t width_px, uint8_t *to)
{
	for (uint32_t x = 0; x < width_px; x++)
		to[x] = (uint8_t)((F(0.299) * red(row[x]) + F(0.587) * green(row[x]) +
					  F(0.114) * blue(row[x]) + HALF) >>
				  SHIFT);
}

static void chroma_row(
	const uint32_t *upper, const uint32_t *lower, uint32_t width_px, uint8_t *u, uint8_t *v)
{
	for (uint32_t x = 0; x < width_px / 2; x++) {
		uint32_t a = upper[2 * x], b = upper[2 * x + 1], c = lower[2 * x],
			 d = lower[2 * x + 1];
		int r = red(a) + red(b) + red(c) + red(d),
		    g = green(a) + green(b) + green(c) + green(d);
		int bl = blue(a) + blue(b) + blue(c) + blue(d);
		int cb = F(-0.168736) * r + F(-0.331264) * g + F(0.5) * bl +
			 (HALF + (128 << SHIFT)) * 4;
		int cr = F(0.5) * r + F(-0.418688) * g + F(-0.081312) * bl +
			 (HALF + (128 << SHIFT)) * 4;
		u[x] = (uint8_t)clamp(cb >> (SHIFT + 2));
		v[x] = (uint8_t)clamp(cr >> (SHIFT + 2));
	}
}

void codec_yuv_from(
	const struct codec_picture *picture, struct codec_rect rect, const struct codec_yuv *to)
{
	for (uint32_t y = 0; y < rect.height_px; y += 2) {
		const uint32_t *upper = codec_picture_at(picture, rect.x_px, rect.y_px + y);
		const uint32_t *lower = upper + picture->width_px;
		luma_row(upper, rect.width_px, to->y + y * to->y_stride);
		luma_row(lower, rect.width_px, to->y + (y + 1) * to->y_stride);
		chroma_row(upper, lower, rect.width_px, to->u + y / 2 * to->uv_stride,
			to->v + y / 2 * to->uv_stride);
	}
}

static void pixel_row(
	const uint8_t *y, const uint8_t *u, const uint8_t *v, uint32_t width_px, uint32_t *to)
{
	for (uint32_t x = 0; x < width_px; x++) {
		int cb = u[x / 2] - 128, cr = v[x / 2] - 128, luma = (y[x] << SHIFT) + HALF;
		int r = clamp((luma + F(1.402) * cr) >> SHIFT);
		int g = clamp((luma + F(-0.344136) * cb + F(-0.714136) * cr) >> SHIFT);
		int b = clamp((luma + F(1.772) * cb) >> SHIFT);
		to[x] = (uint32_t)b | (uint32_t)g << 8 | (uint32_t)r << 16;
	}
}

void codec_yuv_to(
	const struct codec_yuv *from, const struct codec_picture *picture, struct codec_rect rect)
{
	for (uint32_t y = 0; y < rect.height_px; y++)
		pixel_row(from->y + y * from->y_stride, from->u + y / 2 * from->uv_stride,
			from->v + y / 2 * from->uv_stride, rect.width_px,
			codec_picture_at(picture, rect.x_px, rect.y_px + y));
}
