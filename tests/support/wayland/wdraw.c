/*
 * As xdraw, on a Wayland compositor: the same commands draw the same pictures.
 *
 *   wdraw /PATH/OF/SOCKET
 */
#include "window.h"

#include <stdio.h>
#include <string.h>

#define SMALL_WIDTH_PX  400
#define SMALL_HEIGHT_PX 300

/* The small window of xdraw, as pixels that move: where it was, the picture beneath comes back. */
struct small {
	bool shown;
	uint32_t x, y;
	uint32_t beneath[SMALL_WIDTH_PX * SMALL_HEIGHT_PX];
};

static void show_all(struct window *w)
{
	window_show(w, 0, 0, w->paint.width_px, w->paint.height_px);
}

static void draw_rects(struct window *w, unsigned count, unsigned seed)
{
	struct paint *p = &w->paint;

	p->random = seed;
	for (unsigned i = 0; i < count; i++) {
		struct paint_rect r = paint_next_rect(p);
		for (uint32_t y = r.y_px; y < r.y_px + r.height_px && y < p->height_px; y++)
			for (uint32_t x = r.x_px; x < r.x_px + r.width_px && x < p->width_px; x++)
				p->pixels[(size_t)y * p->width_px + x] = r.colour;
		if (i + 1 == count)
			window_show(w, r.x_px, r.y_px, r.width_px, r.height_px);
		else
			window_put(w, r.x_px, r.y_px, r.width_px, r.height_px);
	}
}

/* Moves the pixels between the picture and what lies beneath the small window. */
static void swap_small(struct window *w, struct small *s, bool keep)
{
	for (uint32_t y = 0; y < SMALL_HEIGHT_PX && s->y + y < w->paint.height_px; y++)
		for (uint32_t x = 0; x < SMALL_WIDTH_PX && s->x + x < w->paint.width_px; x++) {
			uint32_t *at =
				&w->paint.pixels[(size_t)(s->y + y) * w->paint.width_px + s->x + x];
			uint32_t *kept = &s->beneath[y * SMALL_WIDTH_PX + x];
			if (keep)
				*kept = *at;
			*at = keep ? (y % 4 < 2 ? 0x2f6fdf + 0x010203 * (y / 4 + 1) : 0) : *kept;
		}
}

static void move_small(struct window *w, struct small *s, unsigned x, unsigned y)
{
	if (s->shown) {
		swap_small(w, s, false);
		window_put(w, s->x, s->y, SMALL_WIDTH_PX, SMALL_HEIGHT_PX);
	}
	s->shown = true;
	s->x = x;
	s->y = y;
	swap_small(w, s, true);
	window_show(w, x, y, SMALL_WIDTH_PX, SMALL_HEIGHT_PX);
}

int main(int argc, char **argv)
{
	static struct small small;
	struct window w;
	char line[256];
	unsigned a, b;

	if (argc != 2) {
		fprintf(stderr, "usage: wdraw /PATH/OF/SOCKET\n");
		return 2;
	}
	window_open(&w, argv[1], NULL);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "photo %u", &a) == 1) {
			paint_photo(&w.paint, a);
			show_all(&w);
		} else if (sscanf(line, "rects %u %u", &a, &b) == 2) {
			draw_rects(&w, a, b);
		} else if (sscanf(line, "scroll %u", &a) == 1) {
			paint_scroll(&w.paint, a);
			show_all(&w);
		} else if (sscanf(line, "window %u %u", &a, &b) == 2) {
			move_small(&w, &small, a, b);
		} else {
			break;
		}
		puts("done");
		fflush(stdout);
	}
	wl_display_disconnect(w.display);
	return 0;
}
