/* The window's own surface: on X11 shared memory that the server copies from. Only changed
 * rectangles are drawn and sent. */
#include "client/window/canvas.h"
#include "client/window/present.h"
#include "client/window/surface.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdlib.h>

struct surface_present {
	struct present base;
	struct surface surface;
	struct scaler *scaler;
};

static void surface_destroy(struct present *p)
{
	struct surface_present *s = (struct surface_present *)(void *)p;

	surface_finish(&s->surface);
	scaler_destroy(s->scaler);
	free(s);
}

static int surface_create(struct present **out, SDL_Window *window)
{
	struct surface_present *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->base.impl = &present_surface;
	s->surface.window = window;
	int r = scaler_create(&s->scaler);
	if (r < 0) {
		surface_destroy(&s->base);
		return r;
	}
	*out = &s->base;
	return 0;
}

/* Grey at half the brightness: what is there is old. Rec. 601 weights in 1/256. */
static void dim(SDL_Surface *to, struct area a)
{
	for (int y = a.y; y < a.y + a.height; y++) {
		uint8_t *p = (uint8_t *)to->pixels + (ptrdiff_t)y * to->pitch + (ptrdiff_t)a.x * 4;
		for (int x = 0; x < a.width; x++, p += 4) {
			unsigned grey = (29U * p[0] + 150U * p[1] + 77U * p[2]) >> 9;
			p[0] = p[1] = p[2] = (uint8_t)(grey + 16);
		}
	}
}

static void draw_panels(SDL_Surface *to, const struct present_scene *scene, struct area part)
{
	for (size_t i = 0; i < PRESENT_PANELS_MAX; i++) {
		const struct present_panel *panel = &scene->panels[i];
		struct area both = area_intersect(panel->place, part);
		if (!panel->surface || area_empty(both))
			continue;
		SDL_Rect from = { both.x - panel->place.x, both.y - panel->place.y, both.width,
			both.height };
		SDL_Rect at = { both.x, both.y, 0, 0 };
		SDL_BlitSurface(panel->surface, &from, to, &at);
	}
}

static int draw_part(struct surface_present *s, SDL_Surface *to, const struct present_scene *scene,
	struct area part)
{
	struct area shown = { 0, 0, 0, 0 };

	if (scene->picture.pixels)
		shown = area_intersect(geometry_visible(&scene->geometry), part);
	if (!area_contains(shown, part))
		canvas_fill(to, part, COLOUR_BACKGROUND);
	if (!area_empty(shown)) {
		int r = scaler_draw(s->scaler, &scene->picture, to->pixels, (size_t)to->pitch,
			scene->geometry.target, shown);
		if (r < 0)
			return r;
		if (scene->dimmed)
			dim(to, shown);
	}
	draw_panels(to, scene, part);
	return 0;
}

static int surface_draw(struct present *p, const struct present_scene *scene,
	const struct area_list *screen, const struct area_list *window)
{
	struct surface_present *s = (struct surface_present *)(void *)p;
	SDL_Surface *to = surface_begin(&s->surface);
	SDL_Rect rects[AREA_LIST_MAX];
	struct area_list dirty = *window;
	int r = 0;

	if (!to) {
		log_error("the window has no surface to draw to: %s", SDL_GetError());
		return -EIO;
	}
	for (size_t i = 0; i < screen->count; i++)
		area_list_add(&dirty, geometry_to_window(&scene->geometry, screen->items[i]));
	area_list_clip(&dirty, (struct area){ 0, 0, to->w, to->h });
	for (size_t i = 0; i < dirty.count && r == 0; i++) {
		struct area a = dirty.items[i];
		r = draw_part(s, to, scene, a);
		rects[i] = (SDL_Rect){ a.x, a.y, a.width, a.height };
	}
	if (r == 0 && dirty.count > 0 && surface_end(&s->surface, rects, (int)dirty.count) < 0) {
		log_error("the window cannot be drawn: %s", SDL_GetError());
		r = -EIO;
	}
	return r;
}

const struct present_impl present_surface = {
	.name = "the window's surface",
	.create = surface_create,
	.destroy = surface_destroy,
	.draw = surface_draw,
};
