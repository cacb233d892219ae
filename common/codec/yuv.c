#include "common/codec/yuv.h"

void codec_yuv_from(const struct codec_simd *simd, const struct codec_picture *picture,
	struct codec_rect rect, const struct codec_yuv *to)
{
	for (uint32_t y = 0; y < rect.height_px; y += 2) {
		const uint32_t *upper = codec_picture_at(picture, rect.x_px, rect.y_px + y);
		const uint32_t *lower = upper + picture->width_px;
		simd->luma_row(upper, rect.width_px, to->y + y * to->y_stride);
		simd->luma_row(lower, rect.width_px, to->y + (y + 1) * to->y_stride);
		simd->chroma_row(upper, lower, rect.width_px, to->u + y / 2 * to->uv_stride,
			to->v + y / 2 * to->uv_stride);
	}
}

void codec_yuv_to(const struct codec_simd *simd, const struct codec_yuv *from,
	const struct codec_picture *picture, struct codec_rect rect)
{
	for (uint32_t y = 0; y < rect.height_px; y++)
		simd->pixel_row(from->y + y * from->y_stride, from->u + y / 2 * from->uv_stride,
			from->v + y / 2 * from->uv_stride, rect.width_px,
			codec_picture_at(picture, rect.x_px, rect.y_px + y));
}
