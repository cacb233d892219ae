#include "client/window/cursor.h"

#include "common/base/macros.h"

#include <errno.h>
#include <stdlib.h>

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

int cursor_create(SDL_Cursor **out, const struct record_cursor *cursor, const uint8_t *bgra)
{
	size_t count = (size_t)cursor->width_px * cursor->height_px;
	int width = MAX(cursor->width_px, 1), height = MAX(cursor->height_px, 1);
	uint8_t *straight = calloc(MAX(count, (size_t)1), 4);

	if (!straight)
		return -ENOMEM;
	if (bgra)
		cursor_unpremultiply(straight, bgra, count);
	SDL_Surface *s = SDL_CreateRGBSurfaceWithFormatFrom(
		straight, width, height, 32, width * 4, SDL_PIXELFORMAT_BGRA32);
	SDL_Cursor *made = s ? SDL_CreateColorCursor(s, MIN(cursor->hot_x_px, width - 1),
				       MIN(cursor->hot_y_px, height - 1))
			     : NULL;
	SDL_FreeSurface(s);
	free(straight);
	if (!made)
		return -EIO;
	*out = made;
	return 0;
}
