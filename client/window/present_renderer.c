/*
 * A GPU's renderer: the picture is a texture that changed rectangles are uploaded to. Scaling,
 * dimming and panels cost nothing.
 */
#include "client/window/canvas.h"
#include "client/window/present.h"

#include "common/base/log.h"

#include <SDL_opengl.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

struct renderer_present {
	struct present base;
	SDL_Renderer *renderer; /* owned */
	SDL_Texture *picture;   /* owned */
	int width_px, height_px;
	bool filtered;
	SDL_Texture *panels[PRESENT_PANELS_MAX]; /* owned */
	uint32_t versions[PRESENT_PANELS_MAX];
};

static struct renderer_present *own(struct present *p)
{
	return (struct renderer_present *)(void *)p;
}

static void renderer_destroy(struct present *p)
{
	struct renderer_present *r = own(p);

	for (size_t i = 0; i < PRESENT_PANELS_MAX; i++)
		if (r->panels[i])
			SDL_DestroyTexture(r->panels[i]);
	if (r->picture)
		SDL_DestroyTexture(r->picture);
	if (r->renderer)
		SDL_DestroyRenderer(r->renderer);
	free(r);
}

/* Whether the kernel has a GPU at all. Where it has none, asking GL slowly loads a software one. */
static bool gpu_there(void)
{
	glob_t found;
	bool there = glob("/dev/dri/renderD*", 0, NULL, &found) == 0 && found.gl_pathc > 0;

	globfree(&found);
	return there;
}

/* Mesa's software drivers: slower than the window's surface (11 to 15 ms a picture against 1.7). */
static bool software_gl(void)
{
	static const char *const names[] = { "llvmpipe", "softpipe", "swrast", "Software" };
	typedef const GLubyte *(APIENTRY * get_string_fn)(GLenum);
	union {
		void *address;
		get_string_fn call;
	} get_string = { .address = SDL_GL_GetProcAddress("glGetString") };
	const char *name = get_string.address ? (const char *)get_string.call(GL_RENDERER) : NULL;

	if (!name)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strstr(name, names[i]))
			return true;
	return false;
}

static int renderer_create(struct present **out, SDL_Window *window)
{
	SDL_RendererInfo info;

	if (!gpu_there())
		return -ENOTSUP;
	struct renderer_present *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->base.impl = &present_renderer;
	/* Without waiting for the display's refresh: a picture is shown as soon as it is there. */
	r->renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED);
	if (!r->renderer || SDL_GetRendererInfo(r->renderer, &info) < 0 ||
		(info.flags & SDL_RENDERER_SOFTWARE) || software_gl()) {
		renderer_destroy(&r->base);
		return -ENOTSUP;
	}
	*out = &r->base;
	return 0;
}

static int prepare_picture(
	struct renderer_present *r, const struct present_scene *scene, bool *fresh)
{
	bool filtered = geometry_factor(&scene->geometry) == 0;

	*fresh = false;
	if (r->picture && r->width_px == scene->picture.width_px &&
		r->height_px == scene->picture.height_px && r->filtered == filtered)
		return 0;
	if (r->picture)
		SDL_DestroyTexture(r->picture);
	SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, filtered ? "linear" : "nearest");
	r->picture = SDL_CreateTexture(r->renderer, SDL_PIXELFORMAT_RGB888,
		SDL_TEXTUREACCESS_STREAMING, scene->picture.width_px, scene->picture.height_px);
	r->width_px = scene->picture.width_px;
	r->height_px = scene->picture.height_px;
	r->filtered = filtered;
	*fresh = true;
	return r->picture ? 0 : -ENOMEM;
}

static void upload(struct renderer_present *r, const struct scaler_picture *picture, struct area a)
{
	SDL_Rect rect = { a.x, a.y, a.width, a.height };

	SDL_UpdateTexture(r->picture, &rect,
		picture->pixels + (size_t)a.y * picture->stride_bytes + (size_t)a.x * 4,
		(int)picture->stride_bytes);
}

static int draw_picture(struct renderer_present *r, const struct present_scene *scene,
	const struct area_list *screen)
{
	struct area whole = { 0, 0, scene->picture.width_px, scene->picture.height_px };
	const struct area *t = &scene->geometry.target;
	SDL_Rect to = { t->x, t->y, t->width, t->height };
	bool fresh;

	if (!scene->picture.pixels)
		return 0;
	int error = prepare_picture(r, scene, &fresh);
	if (error < 0)
		return error;
	if (fresh)
		upload(r, &scene->picture, whole);
	for (size_t i = 0; !fresh && i < screen->count; i++)
		upload(r, &scene->picture, area_intersect(screen->items[i], whole));
	uint8_t light = scene->dimmed ? 110 : 255;
	SDL_SetTextureColorMod(r->picture, light, light, light);
	SDL_RenderCopy(r->renderer, r->picture, NULL, &to);
	return 0;
}

static void draw_panel(struct renderer_present *r, const struct present_panel *panel, size_t i)
{
	SDL_Rect to = { panel->place.x, panel->place.y, panel->place.width, panel->place.height };

	if (!panel->surface)
		return;
	if (!r->panels[i] || r->versions[i] != panel->version) {
		if (r->panels[i])
			SDL_DestroyTexture(r->panels[i]);
		r->panels[i] = SDL_CreateTextureFromSurface(r->renderer, panel->surface);
		r->versions[i] = panel->version;
	}
	if (r->panels[i])
		SDL_RenderCopy(r->renderer, r->panels[i], NULL, &to);
}

static int renderer_draw(struct present *p, const struct present_scene *scene,
	const struct area_list *screen, const struct area_list *window)
{
	struct renderer_present *r = own(p);

	(void)window; /* everything is drawn each time */
	SDL_SetRenderDrawColor(r->renderer, (uint8_t)(COLOUR_BACKGROUND >> 16),
		(uint8_t)(COLOUR_BACKGROUND >> 8 & 0xff), (uint8_t)(COLOUR_BACKGROUND & 0xff), 255);
	SDL_RenderClear(r->renderer);
	int error = draw_picture(r, scene, screen);
	if (error < 0)
		return error;
	for (size_t i = 0; i < PRESENT_PANELS_MAX; i++)
		draw_panel(r, &scene->panels[i], i);
	SDL_RenderPresent(r->renderer);
	return 0;
}

const struct present_impl present_renderer = {
	.name = "the GPU",
	.create = renderer_create,
	.destroy = renderer_destroy,
	.draw = renderer_draw,
};
