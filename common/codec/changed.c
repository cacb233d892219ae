#include "common/codec/changed.h"

#include "common/codec/rect.h"

/* Pixels that joining rect to c's rectangle i would add. */
static uint32_t waste(const struct codec_changed *c, size_t i, struct codec_rect rect)
{
	uint32_t both = codec_rect_area(codec_rect_bounds(c->rects[i], rect));
	uint32_t sum = codec_rect_area(c->rects[i]) + codec_rect_area(rect);

	return both > sum ? both - sum : 0;
}

void codec_changed_add(struct codec_changed *c, struct codec_rect rect)
{
	size_t best = 0;
	uint32_t least = UINT32_MAX;

	/* The newest ones first: patches come row by row, so the neighbour is among them. */
	for (size_t i = c->count; i-- > 0 && least > 0;) {
		uint32_t px = waste(c, i, rect);
		if (px < least) {
			least = px;
			best = i;
		}
	}
	if (least > 0 && c->count < CODEC_RECTS_MAX)
		c->rects[c->count++] = rect;
	else
		c->rects[best] = codec_rect_bounds(c->rects[best], rect);
}
