#include "paint.h"

#include <stddef.h>
#include <string.h>

#define RECT_SIDE_PX 300

static uint32_t next_random(struct paint *p)
{
	/* Knuth's MMIX constants, TAOCP 3.3.4: the same pictures everywhere. */
	p->random = p->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(p->random >> 33);
}

void paint_photo(struct paint *p, unsigned seed)
{
	uint32_t width = p->width_px, height = p->height_px;

	p->random = seed;
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			uint32_t noise = next_random(p) & 15;
			uint32_t r = (x * 255 / width + seed * 40 + noise) & 255;
			uint32_t g = (y * 255 / height + noise) & 255;
			uint32_t b =
				((x + y) * 127 / (width + height) + (x * y >> 12) + noise) & 255;
			p->pixels[y * width + x] = r << 16 | g << 8 | b;
		}
	}
}

void paint_scroll(struct paint *p, unsigned lines)
{
	uint32_t width = p->width_px, height = p->height_px;

	lines = lines < height ? lines : height;
	memmove(p->pixels, p->pixels + (size_t)lines * width, (size_t)(height - lines) * width * 4);
	for (size_t i = (size_t)(height - lines) * width; i < (size_t)height * width; i++)
		p->pixels[i] = next_random(p) & 0x3f3f3f;
}

struct paint_rect paint_next_rect(struct paint *p)
{
	struct paint_rect r;

	r.colour = next_random(p) & 0xffffff;
	r.x_px = next_random(p) % p->width_px;
	r.y_px = next_random(p) % p->height_px;
	r.width_px = 1 + next_random(p) % RECT_SIDE_PX;
	r.height_px = 1 + next_random(p) % RECT_SIDE_PX;
	return r;
}
