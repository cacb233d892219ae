/*
 * A set of rectangles of the screen: what has changed and was not shown yet. Bounded: rectangles
 * that lie close are joined, and when there is no room the two that waste least. Never loses a
 * pixel; may hold more than was added.
 */
#pragma once

#include "common/ipc/records.h"

#define REGION_RECTS_MAX RECORD_RECTS_MAX

/*
 * Two rectangles are joined when that adds no more than this many pixels: fetching them takes about
 * as long as one more request to the X server (4 us a request, 2 px a ns;
 * tests/unit/agent/bench_capture.c).
 */
#define REGION_SLACK_PX 8192

struct region {
	struct record_rect rects[REGION_RECTS_MAX];
	size_t count;
};

void region_clear(struct region *g);
bool region_empty(const struct region *g);

/* Adds a rectangle; an empty one changes nothing. */
void region_add(struct region *g, struct record_rect r);
void region_add_region(struct region *g, const struct region *other);

/* The smallest rectangle that holds both; neither is empty. */
struct record_rect region_join(const struct record_rect *a, const struct record_rect *b);

/* The part of a rectangle, given in any range, that lies on a screen of that size. */
struct record_rect region_clip(
	int x, int y, int width, int height, int screen_width, int screen_height);
