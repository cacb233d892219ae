/* Pictures for the end-to-end tests, the same on every kind of display: 0xRRGGBB pixels, rows packed. */
#pragma once

#include <stdint.h>

struct paint {
	uint32_t *pixels; /* borrowed */
	uint32_t width_px, height_px;
	uint64_t random;
};

struct paint_rect {
	uint32_t x_px, y_px, width_px, height_px, colour;
};

/* Gradients and noise, as a photograph has. */
void paint_photo(struct paint *p, unsigned seed);
/* Moves what is there up by so many lines and paints noise below. */
void paint_scroll(struct paint *p, unsigned lines);
/* The next of a row of rectangles that random began; may reach beyond the picture. */
struct paint_rect paint_next_rect(struct paint *p);
