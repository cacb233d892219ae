/* Rectangles in window and screen coordinates, and a short list of them that merges. farseat; pure
 * arithmetic. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

struct area {
	int x, y, width, height; /* empty when width or height is <= 0 */
};

/* As many as an UPDATE brings (RECORD_RECTS_MAX). */
#define AREA_LIST_MAX 64

struct area_list {
	struct area items[AREA_LIST_MAX];
	size_t count;
};

bool area_empty(struct area a);
struct area area_intersect(struct area a, struct area b); /* all 0 when they do not meet */
struct area area_union(struct area a, struct area b);     /* an empty one does not count */
bool area_contains(struct area outer, struct area inner);
bool area_has_point(struct area a, int x, int y);

void area_list_clear(struct area_list *l);

/*
 * Adds an area. One that lies within another is dropped, two that cost no more together than apart
 * become one, and a full list merges the pair that wastes least: what was added is always covered.
 */
void area_list_add(struct area_list *l, struct area a);

/* Cuts every area to bounds; empty ones go. */
void area_list_clip(struct area_list *l, struct area bounds);
