#include "common/codec/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

/* Whether both ends accept a screen of this size. */
static bool size_ok(uint32_t width_px, uint32_t height_px)
{
	if (width_px == 0 || height_px == 0)
		return false;
	if (width_px > CODEC_SIDE_MAX_PX || height_px > CODEC_SIDE_MAX_PX)
		return false;
	return (uint64_t)width_px * height_px <= CODEC_AREA_MAX_PX;
}

int codec_picture_init(struct codec_picture *p, uint32_t width_px, uint32_t height_px)
{
	if (!size_ok(width_px, height_px))
		return -EINVAL;

	size_t before_px = (size_t)PICTURE_PAD_ROWS * width_px + PICTURE_PAD_PX;
	size_t area_px = (size_t)width_px * height_px;

	/* calloc leaves fresh pages untouched: a picture costs memory only where it was drawn. */
	p->memory = calloc(before_px + area_px + PICTURE_PAD_PX, sizeof(*p->memory));
	if (!p->memory)
		return -ENOMEM;
	p->pixels = p->memory + before_px;
	p->width_px = width_px;
	p->height_px = height_px;
	return 0;
}

void codec_picture_finish(struct codec_picture *p)
{
	free(p->memory);
	*p = (struct codec_picture){ 0 };
}

void codec_picture_copy(
	const struct codec_picture *to, const struct codec_picture *from, struct codec_rect r)
{
	for (uint32_t y = r.y_px; y < (uint32_t)r.y_px + r.height_px; y++)
		memcpy(codec_picture_at(to, r.x_px, y), codec_picture_at(from, r.x_px, y),
			(size_t)r.width_px * sizeof(uint32_t));
}

uint64_t codec_picture_checksum(const struct codec_picture *p)
{
	return XXH3_64bits(p->pixels, (size_t)p->width_px * p->height_px * sizeof(uint32_t));
}

bool codec_picture_holds(const struct codec_picture *p, struct codec_rect r)
{
	if (r.width_px == 0 || r.height_px == 0)
		return false;
	if (r.x_px >= p->width_px || r.y_px >= p->height_px)
		return false;
	return r.width_px <= p->width_px - r.x_px && r.height_px <= p->height_px - r.y_px;
}
