#include "client/window/cursor.h"

#include "common/base/macros.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIXEL_BYTES 4

int cursor_shape_set(
	struct cursor_shape *c, const struct record_cursor *record, const uint8_t *bgra)
{
	size_t len = (size_t)record->width_px * record->height_px * PIXEL_BYTES;
	uint8_t *copy = NULL;

	if (bgra && len > 0) {
		copy = malloc(len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, bgra, len);
	}
	free(c->bgra);
	c->record = *record;
	c->bgra = copy;
	return 0;
}

void cursor_shape_finish(struct cursor_shape *c)
{
	free(c->bgra);
	*c = (struct cursor_shape){ 0 };
}

void cursor_unpremultiply(uint8_t *out, const uint8_t *in, size_t count)
{
	for (size_t i = 0; i < count; i++, in += 4, out += 4) {
		unsigned alpha = in[3];
		for (size_t c = 0; c < 3; c++)
			out[c] = alpha == 0
					 ? 0
					 : (uint8_t)MIN((in[c] * 255U + alpha / 2) / alpha, 255U);
		out[3] = (uint8_t)alpha;
	}
}

/* How much of pixel `from` of `in` lies in pixel `at` of `out`; a pixel of out has `in` parts. */
static uint64_t covered(int at, int out, int from, int in)
{
	int begin = MAX(at * in, from * out);
	int end = MIN((at + 1) * in, (from + 1) * out);

	return end > begin ? (uint64_t)(end - begin) : 0;
}

struct side {
	int out, in; /* pixels */
};

static void scale_pixel(uint8_t out[static PIXEL_BYTES], const uint8_t *in, struct side width,
	struct side height, SDL_Point at)
{
	uint64_t sum[PIXEL_BYTES] = { 0 };
	uint64_t all = (uint64_t)width.in * (uint64_t)height.in;

	for (int y = at.y * height.in / height.out; y * height.out < (at.y + 1) * height.in; y++)
		for (int x = at.x * width.in / width.out; x * width.out < (at.x + 1) * width.in;
			x++) {
			const uint8_t *p =
				in + ((size_t)y * (size_t)width.in + (size_t)x) * PIXEL_BYTES;
			uint64_t weight = covered(at.x, width.out, x, width.in) *
					  covered(at.y, height.out, y, height.in);
			for (size_t c = 0; c < PIXEL_BYTES; c++)
				sum[c] += weight * p[c];
		}
	for (size_t c = 0; c < PIXEL_BYTES; c++)
		out[c] = (uint8_t)((sum[c] + all / 2) / all);
}

void cursor_scale(
	uint8_t *out, int out_width, int out_height, const uint8_t *in, int in_width, int in_height)
{
	struct side width = { out_width, in_width };
	struct side height = { out_height, in_height };

	for (int y = 0; y < out_height; y++)
		for (int x = 0; x < out_width; x++, out += PIXEL_BYTES)
			scale_pixel(out, in, width, height, (SDL_Point){ x, y });
}

static int scaled(int side, int shown, int screen)
{
	if (shown <= 0 || screen <= 0)
		return side;
	long v = ((long)side * shown + screen / 2) / screen;
	return (int)MAX(MIN(v, CURSOR_SHOWN_SIDE_MAX_PX), 1);
}

static SDL_Surface *surface_of(int width, int height)
{
	return SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_BGRA32);
}

int cursor_draw(
	SDL_Surface **out, SDL_Point *hot, const struct cursor_shape *c, int shown, int screen)
{
	int width = c->record.width_px, height = c->record.height_px;

	*hot = (SDL_Point){ 0, 0 };
	if (!c->bgra || width < 1 || height < 1) {
		*out = surface_of(1, 1); /* transparent: SDL fills it with zeros */
		return *out ? 0 : -ENOMEM;
	}
	int to_width = scaled(width, shown, screen), to_height = scaled(height, shown, screen);
	size_t count = (size_t)to_width * (size_t)to_height;
	uint8_t *pixels = malloc(count * PIXEL_BYTES);
	SDL_Surface *s = pixels ? surface_of(to_width, to_height) : NULL;
	if (!s) {
		free(pixels);
		return -ENOMEM;
	}
	cursor_scale(pixels, to_width, to_height, c->bgra, width, height);
	for (int y = 0; y < to_height; y++)
		cursor_unpremultiply((uint8_t *)s->pixels + (ptrdiff_t)y * s->pitch,
			pixels + (size_t)y * (size_t)to_width * PIXEL_BYTES, (size_t)to_width);
	free(pixels);
	hot->x = MIN(c->record.hot_x_px * to_width / width, to_width - 1);
	hot->y = MIN(c->record.hot_y_px * to_height / height, to_height - 1);
	*out = s;
	return 0;
}
