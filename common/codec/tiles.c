#include "common/codec/tiles.h"

#include <errno.h>
#include <stdlib.h>

int codec_tiles_init(struct codec_tiles *t, uint32_t width_px, uint32_t height_px)
{
	t->width_px = width_px;
	t->height_px = height_px;
	t->columns = (width_px + TILE_SIDE_PX - 1) / TILE_SIDE_PX;
	t->rows = (height_px + TILE_SIDE_PX - 1) / TILE_SIDE_PX;
	t->changed = calloc(codec_tiles_count(t), 1);
	return t->changed ? 0 : -ENOMEM;
}

void codec_tiles_finish(struct codec_tiles *t)
{
	free(t->changed);
	*t = (struct codec_tiles){ 0 };
}

bool codec_tiles_any_changed(const struct codec_tiles *t)
{
	return memchr(t->changed, 1, codec_tiles_count(t)) != NULL;
}

void codec_tiles_mark(struct codec_tiles *t, struct codec_rect rect, bool is_changed)
{
	uint32_t first = rect.x_px / TILE_SIDE_PX,
		 last = (rect.x_px + rect.width_px - 1U) / TILE_SIDE_PX;
	uint32_t bottom = (rect.y_px + rect.height_px - 1U) / TILE_SIDE_PX;

	for (uint32_t row = rect.y_px / TILE_SIDE_PX; row <= bottom; row++)
		memset(t->changed + (size_t)row * t->columns + first, is_changed, last - first + 1);
}

uint64_t codec_tiles_update(struct codec_tiles *t, const struct codec_simd *simd,
	const struct codec_picture *kept, const uint8_t *pixels, size_t stride_bytes,
	struct codec_rect rect)
{
	uint32_t x0 = MIN(rect.x_px, t->width_px), y0 = MIN(rect.y_px, t->height_px);
	uint32_t x1 = x0 + MIN(rect.width_px, t->width_px - x0);
	uint32_t y1 = y0 + MIN(rect.height_px, t->height_px - y0);

	if (x0 == x1)
		return 0;
	for (uint32_t y = y0; y < y1; y++)
		simd->update_row(codec_picture_at(kept, 0, y), pixels + y * stride_bytes, x0, x1,
			t->changed + (size_t)(y / TILE_SIDE_PX) * t->columns);
	return (uint64_t)(x1 - x0) * (y1 - y0);
}

bool codec_tiles_shrink(const struct codec_simd *simd, const struct codec_picture *a,
	const struct codec_picture *b, struct codec_rect *r)
{
	uint32_t top = r->height_px, bottom = 0;
	size_t left = r->width_px, right = 0;

	for (uint32_t y = 0; y < r->height_px; y++) {
		const uint32_t *of_a = codec_picture_at(a, r->x_px, r->y_px + y);
		const uint32_t *of_b = codec_picture_at(b, r->x_px, r->y_px + y);
		size_t first = simd->first_difference(of_a, of_b, r->width_px);
		if (first == r->width_px)
			continue;
		top = MIN(top, y);
		bottom = y + 1;
		left = MIN(left, first);
		/* Only what lies right of the border found so far can move it. */
		right += simd->last_difference(of_a + right, of_b + right, r->width_px - right);
	}
	if (bottom == 0)
		return false;
	r->x_px = (uint16_t)(r->x_px + left);
	r->y_px = (uint16_t)(r->y_px + top);
	r->width_px = (uint16_t)(right - left);
	r->height_px = (uint16_t)(bottom - top);
	return true;
}
