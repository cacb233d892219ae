#include "common/codec/copy.h"

/*
 * With one vector that moves up or down there is an order of rows in which each is read before it
 * is overwritten. Then no staging is needed; scrolling is the case that counts. With more
 * rectangles than this, staging is quicker than looking through them for each row.
 */
#define IN_PLACE_RECTS_MAX 256

static void copy_row(const struct codec_picture *p, const struct codec_vector *v,
	struct codec_rect r, uint32_t y)
{
	uint32_t from_x = (uint32_t)(r.x_px - v->dx), from_y = (uint32_t)((int32_t)y - v->dy);

	memmove(codec_picture_at(p, r.x_px, y), codec_picture_at(p, from_x, from_y),
		(size_t)r.width_px * sizeof(uint32_t));
}

static void copy_in_place(const struct codec_picture *p, const struct codec_copies *copies)
{
	const struct codec_vector *v = &copies->vectors[0];
	uint32_t top = p->height_px, bottom = 0;

	for (size_t i = 0; i < v->rect_count; i++) {
		top = MIN(top, copies->rects[i].y_px);
		bottom = MAX(bottom, (uint32_t)copies->rects[i].y_px + copies->rects[i].height_px);
	}
	for (uint32_t n = 0; n + top < bottom; n++) {
		uint32_t y = v->dy < 0 ? top + n : bottom - 1 - n;
		for (size_t i = 0; i < v->rect_count; i++) {
			struct codec_rect r = copies->rects[i];
			if (y >= r.y_px && y - r.y_px < r.height_px)
				copy_row(p, v, r, y);
		}
	}
}

static void copy_staged(const struct codec_picture *p, const struct codec_picture *staging,
	const struct codec_copies *copies)
{
	const struct codec_rect *rect = copies->rects;

	for (size_t i = 0; i < copies->vector_count; i++)
		for (size_t k = 0; k < copies->vectors[i].rect_count; k++, rect++) {
			const struct codec_vector *v = &copies->vectors[i];
			for (uint32_t y = rect->y_px; y < (uint32_t)rect->y_px + rect->height_px;
				y++)
				memcpy(codec_picture_at(staging, rect->x_px, y),
					codec_picture_at(p, (uint32_t)(rect->x_px - v->dx),
						(uint32_t)((int32_t)y - v->dy)),
					(size_t)rect->width_px * sizeof(uint32_t));
		}
	for (const struct codec_rect *done = copies->rects; done < rect; done++)
		codec_picture_copy(p, staging, *done);
}

void codec_copy_apply(const struct codec_picture *picture, const struct codec_picture *staging,
	const struct codec_copies *copies)
{
	const struct codec_vector *v = &copies->vectors[0];

	if (copies->vector_count == 1 && v->dy != 0 && v->rect_count <= IN_PLACE_RECTS_MAX)
		copy_in_place(picture, copies);
	else
		copy_staged(picture, staging, copies);
}
