/* A shape of the session's cursor, as large as the picture is shown, for SDL. farseat. */
#pragma once

#include "common/ipc/records.h"

#include <SDL.h>

/* Scaled shapes are cut down to fit: X servers and GPUs refuse much larger cursors. */
#define CURSOR_SHOWN_SIDE_MAX_PX 512

/* All zero: an invisible cursor. */
struct cursor_shape {
	struct record_cursor record;
	uint8_t *bgra; /* owned; premultiplied, as many pixels as record says; NULL: invisible */
};

/* bgra NULL: invisible. -ENOMEM: the shape is as before. */
int cursor_shape_set(
	struct cursor_shape *c, const struct record_cursor *record, const uint8_t *bgra) MUST_CHECK;
void cursor_shape_finish(struct cursor_shape *c);

/*
 * The shape with straight alpha, shown / screen times as large (the sides of the picture as shown
 * and as it is; 0: as it is). An invisible one becomes one transparent pixel. hot: its hot spot.
 * The caller frees the surface. -ENOMEM.
 */
int cursor_draw(SDL_Surface **out, SDL_Point *hot, const struct cursor_shape *c, int shown,
	int screen) MUST_CHECK;

/*
 * Premultiplied BGRA of another size: each pixel is the average of what it covers, so whole factors
 * repeat pixels, and nothing of a thin line is lost when the cursor gets smaller.
 */
void cursor_scale(uint8_t *out, int out_width, int out_height, const uint8_t *in, int in_width,
	int in_height);

/*
 * Premultiplied BGRA to straight BGRA, rounded to nearest. Colours above their alpha (malformed)
 * are cut to white.
 */
void cursor_unpremultiply(uint8_t *out, const uint8_t *in, size_t count);
