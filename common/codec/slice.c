#include "common/codec/slice.h"

#include "common/codec/simd.h"

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
	uint64_t *left_px, struct codec_rect *rects, size_t rect_max)
{
	const uint32_t fold_max = 2 * CODEC_SIDE_MAX_PX;
	size_t count = codec_read_number(r, (uint32_t)rect_max);
	int32_t right = 0, y = 0;

	for (size_t i = 0; i < count && !r->failed; i++) {
		y += codec_unfold(codec_read_number(r, fold_max));
		int32_t x = right + codec_unfold(codec_read_number(r, fold_max));
		uint32_t width_px = codec_read_number(r, CODEC_SIDE_MAX_PX - 1) + 1;
		uint32_t height_px = codec_read_number(r, CODEC_SIDE_MAX_PX - 1) + 1;
		uint64_t area_px = (uint64_t)width_px * height_px;

		rects[i] = (struct codec_rect){ (uint16_t)x, (uint16_t)y, (uint16_t)width_px,
			(uint16_t)height_px };
		if (x < 0 || y < 0 || x > UINT16_MAX || y > UINT16_MAX || area_px > *left_px ||
			!codec_picture_holds(picture, rects[i]))
			r->failed = true;
		else
			*left_px -= area_px;
		right = x + (int32_t)width_px;
	}
	return r->failed ? 0 : count;
}

void codec_slice_write_copies(struct codec_writer *w, const struct codec_copies *copies)
{
	const struct codec_rect *rects = copies->rects;

	codec_write_number(w, (uint32_t)copies->vector_count);
	for (size_t i = 0; i < copies->vector_count; i++) {
		const struct codec_vector *v = &copies->vectors[i];
		codec_write_number(w, codec_fold(v->dx));
		codec_write_number(w, codec_fold(v->dy));
		codec_slice_write_rects(w, rects, v->rect_count);
		rects += v->rect_count;
	}
}

/* Whether what comes to r was inside the picture, too. */
static bool source_inside(
	const struct codec_picture *picture, const struct codec_vector *v, struct codec_rect r)
{
	int32_t x = r.x_px - v->dx, y = r.y_px - v->dy;

	return x >= 0 && y >= 0 && x + r.width_px <= (int32_t)picture->width_px &&
	       y + r.height_px <= (int32_t)picture->height_px;
}

void codec_slice_read_copies(struct codec_reader *r, const struct codec_picture *picture,
	uint64_t *left_px, struct codec_copies *copies)
{
	const uint32_t fold_max = 2 * CODEC_SIDE_MAX_PX;
	size_t count = codec_read_number(r, CODEC_VECTORS_MAX), sum = 0;

	for (size_t i = 0; i < count && !r->failed; i++) {
		struct codec_vector *v = &copies->vectors[i];
		v->dx = codec_unfold(codec_read_number(r, fold_max));
		v->dy = codec_unfold(codec_read_number(r, fold_max));
		v->rect_count = codec_slice_read_rects(
			r, picture, left_px, copies->rects + sum, CODEC_SECTION_RECTS_MAX - sum);
		for (size_t k = 0; k < v->rect_count; k++)
			if (!source_inside(picture, v, copies->rects[sum + k]))
				r->failed = true;
		sum += v->rect_count;
	}
	copies->vector_count = r->failed ? 0 : count;
}

/* Items from i on that follow each other in tile and slot. */
static size_t run_at(const struct codec_cached *list, size_t count, size_t i)
{
	size_t len = 1;

	while (i + len < count && list[i + len].tile == list[i].tile + len &&
		list[i + len].slot == list[i].slot + len)
		len++;
	return len;
}

void codec_slice_write_cached(struct codec_writer *w, const struct codec_cached *list, size_t count)
{
	uint32_t runs = 0;
	int32_t tile = 0, slot = 0;

	for (size_t i = 0; i < count; i += run_at(list, count, i))
		runs++;
	codec_write_number(w, runs);
	for (size_t i = 0, len; i < count; i += len) {
		len = run_at(list, count, i);
		codec_write_number(w, codec_fold((int32_t)list[i].tile - tile));
		codec_write_number(w, codec_fold((int32_t)list[i].slot - slot));
		codec_write_number(w, (uint32_t)len - 1);
		tile = (int32_t)(list[i].tile + len);
		slot = (int32_t)(list[i].slot + len);
	}
}

size_t codec_slice_read_cached(
	struct codec_reader *r, size_t tile_count, size_t slot_count, struct codec_cached *list)
{
	const uint32_t max = (uint32_t)tile_count;
	uint32_t runs = codec_read_number(r, max);
	int64_t tile = 0, slot = 0;
	size_t count = 0;

	for (uint32_t i = 0; i < runs && !r->failed; i++) {
		tile += codec_unfold(codec_read_number(r, 2 * max));
		slot += codec_unfold(codec_read_number(r, 2 * (uint32_t)slot_count));
		int64_t len = (int64_t)codec_read_number(r, max) + 1;
		if (tile < 0 || slot < 0 || tile + len > (int64_t)tile_count ||
			slot + len > (int64_t)slot_count || count + (size_t)len > tile_count) {
			r->failed = true;
			break;
		}
		for (; len > 0; len--)
			list[count++] = (struct codec_cached){ (uint32_t)tile++, (uint32_t)slot++ };
	}
	return r->failed ? 0 : count;
}

void codec_slice_write_parts(struct codec_writer *w, const struct codec_part *parts, size_t count)
{
	struct codec_rect rects[CODEC_SECTION_PARTS_MAX] = { 0 };
	int32_t slot = 0;

	for (size_t i = 0; i < count; i++)
		rects[i] = parts[i].rect;
	codec_slice_write_rects(w, rects, count);
	for (size_t i = 0; i < count; i++) {
		codec_write_number(w, codec_fold((int32_t)parts[i].slot - slot));
		slot = (int32_t)parts[i].slot + 1;
	}
}

static bool in_one_tile(struct codec_rect r)
{
	return r.x_px / TILE_SIDE_PX == (r.x_px + r.width_px - 1U) / TILE_SIDE_PX &&
	       r.y_px / TILE_SIDE_PX == (r.y_px + r.height_px - 1U) / TILE_SIDE_PX;
}

size_t codec_slice_read_parts(struct codec_reader *r, const struct codec_picture *picture,
	uint64_t *left_px, size_t slot_count, struct codec_part *parts)
{
	struct codec_rect rects[CODEC_SECTION_PARTS_MAX];
	size_t count = codec_slice_read_rects(r, picture, left_px, rects, ARRAY_LEN(rects));
	int64_t slot = 0;

	for (size_t i = 0; i < count && !r->failed; i++) {
		slot += codec_unfold(codec_read_number(r, 2 * (uint32_t)slot_count));
		if (slot < 0 || slot >= (int64_t)slot_count || !in_one_tile(rects[i]))
			r->failed = true;
		parts[i] = (struct codec_part){ rects[i], (uint32_t)slot };
		slot++;
	}
	return r->failed ? 0 : count;
}
