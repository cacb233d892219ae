#include "server/agent/region.h"

void region_clear(struct region *g)
{
	g->count = 0;
}

bool region_empty(const struct region *g)
{
	return g->count == 0;
}

static uint32_t area(const struct record_rect *r)
{
	return (uint32_t)r->width_px * r->height_px;
}

struct record_rect region_join(const struct record_rect *a, const struct record_rect *b)
{
	int left = MIN(a->x_px, b->x_px);
	int top = MIN(a->y_px, b->y_px);
	int right = MAX(a->x_px + a->width_px, b->x_px + b->width_px);
	int bottom = MAX(a->y_px + a->height_px, b->y_px + b->height_px);

	return (struct record_rect){ (uint16_t)left, (uint16_t)top, (uint16_t)(right - left),
		(uint16_t)(bottom - top) };
}

/* Pixels that joining adds; negative when the two overlap. */
static int64_t waste(const struct record_rect *a, const struct record_rect *b)
{
	struct record_rect u = region_join(a, b);

	return (int64_t)area(&u) - area(a) - area(b);
}

void region_add(struct region *g, struct record_rect r)
{
	if (r.width_px == 0 || r.height_px == 0)
		return;

	/* A joined rectangle may now lie close to another: look again, with one fewer each time. */
	for (;;) {
		size_t best = 0;
		int64_t least = INT64_MAX;

		for (size_t i = 0; i < g->count; i++) {
			int64_t w = waste(&g->rects[i], &r);
			if (w < least) {
				least = w;
				best = i;
			}
		}
		if (least > REGION_SLACK_PX && g->count < REGION_RECTS_MAX)
			break;
		r = region_join(&g->rects[best], &r);
		g->rects[best] = g->rects[--g->count];
	}
	g->rects[g->count++] = r;
}

void region_add_region(struct region *g, const struct region *other)
{
	for (size_t i = 0; i < other->count; i++)
		region_add(g, other->rects[i]);
}

struct record_rect region_clip(
	int x, int y, int width, int height, int screen_width, int screen_height)
{
	int left = MAX(x, 0);
	int top = MAX(y, 0);
	int64_t right = MIN((int64_t)x + width, screen_width);
	int64_t bottom = MIN((int64_t)y + height, screen_height);

	if (right <= left || bottom <= top)
		return (struct record_rect){ 0 };
	return (struct record_rect){ (uint16_t)left, (uint16_t)top, (uint16_t)(right - left),
		(uint16_t)(bottom - top) };
}
