#include "common/codec/slice.h"

void codec_slice_write_rects(struct codec_writer *w, const struct codec_rect *rects, size_t count)
{
	int32_t right = 0, y = 0;

	codec_write_number(w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		codec_write_number(w, codec_fold(rects[i].y_px - y));
		codec_write_number(w, codec_fold(rects[i].x_px - right));
		codec_write_number(w, rects[i].width_px - 1U);
		codec_write_number(w, rects[i].height_px - 1U);
		y = rects[i].y_px;
		right = rects[i].x_px + rects[i].width_px;
	}
}

size_t codec_slice_read_rects(struct codec_reader *r, const struct codec_picture *picture,
	uint64_t max_px, struct codec_rect *rects)
{
	const uint32_t fold_max = 2 * CODEC_SIDE_MAX_PX;
	size_t count = codec_read_number(r, CODEC_SECTION_RECTS_MAX);
	int32_t right = 0, y = 0;
	uint64_t area_px = 0;

	for (size_t i = 0; i < count && !r->failed; i++) {
		y += codec_unfold(codec_read_number(r, fold_max));
		int32_t x = right + codec_unfold(codec_read_number(r, fold_max));
		uint32_t width_px = codec_read_number(r, CODEC_SIDE_MAX_PX - 1) + 1;
		uint32_t height_px = codec_read_number(r, CODEC_SIDE_MAX_PX - 1) + 1;

		rects[i] = (struct codec_rect){ (uint16_t)x, (uint16_t)y, (uint16_t)width_px,
			(uint16_t)height_px };
		area_px += (uint64_t)width_px * height_px;
		if (x < 0 || y < 0 || x > UINT16_MAX || y > UINT16_MAX || area_px > max_px ||
			!codec_picture_holds(picture, rects[i]))
			r->failed = true;
		right = x + (int32_t)width_px;
	}
	return r->failed ? 0 : count;
}
