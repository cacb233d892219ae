#include "client/window/area.h"

#include <limits.h>

bool area_empty(struct area a)
{
	return a.width <= 0 || a.height <= 0;
}

struct area area_intersect(struct area a, struct area b)
{
	int left = MAX(a.x, b.x);
	int top = MAX(a.y, b.y);
	int right = MIN(a.x + a.width, b.x + b.width);
	int bottom = MIN(a.y + a.height, b.y + b.height);

	if (area_empty(a) || area_empty(b) || right <= left || bottom <= top)
		return (struct area){ 0, 0, 0, 0 };
	return (struct area){ left, top, right - left, bottom - top };
}

struct area area_union(struct area a, struct area b)
{
	if (area_empty(a))
		return b;
	if (area_empty(b))
		return a;
	int left = MIN(a.x, b.x);
	int top = MIN(a.y, b.y);
	int right = MAX(a.x + a.width, b.x + b.width);
	int bottom = MAX(a.y + a.height, b.y + b.height);
	return (struct area){ left, top, right - left, bottom - top };
}

bool area_contains(struct area outer, struct area inner)
{
	return inner.x >= outer.x && inner.y >= outer.y &&
	       inner.x + inner.width <= outer.x + outer.width &&
	       inner.y + inner.height <= outer.y + outer.height;
}

bool area_has_point(struct area a, int x, int y)
{
	return x >= a.x && y >= a.y && x < a.x + a.width && y < a.y + a.height;
}

void area_list_clear(struct area_list *l)
{
	l->count = 0;
}

static long size_of(struct area a)
{
	return (long)a.width * a.height;
}

/* Pixels that a and b as one rectangle cover beyond what they cover apart. */
static long waste(struct area a, struct area b)
{
	return size_of(area_union(a, b)) - size_of(a) - size_of(b);
}

static void drop(struct area_list *l, size_t i)
{
	l->items[i] = l->items[--l->count];
}

static void merge_cheapest(struct area_list *l)
{
	size_t best_a = 0, best_b = 1;
	long best = LONG_MAX;

	for (size_t a = 0; a < l->count; a++)
		for (size_t b = a + 1; b < l->count; b++) {
			long w = waste(l->items[a], l->items[b]);
			if (w < best) {
				best = w;
				best_a = a;
				best_b = b;
			}
		}
	l->items[best_a] = area_union(l->items[best_a], l->items[best_b]);
	drop(l, best_b);
}

void area_list_add(struct area_list *l, struct area a)
{
	if (area_empty(a))
		return;
	for (size_t i = 0; i < l->count;) {
		if (area_contains(l->items[i], a))
			return;
		if (waste(l->items[i], a) <= 0) {
			/* Together they cost no more: take the other out and go on with the union,
			 * which may meet further ones. */
			a = area_union(a, l->items[i]);
			drop(l, i);
			i = 0;
		} else {
			i++;
		}
	}
	if (l->count == AREA_LIST_MAX)
		merge_cheapest(l);
	l->items[l->count++] = a;
}

void area_list_clip(struct area_list *l, struct area bounds)
{
	for (size_t i = 0; i < l->count;) {
		l->items[i] = area_intersect(l->items[i], bounds);
		if (area_empty(l->items[i]))
			drop(l, i);
		else
			i++;
	}
}
