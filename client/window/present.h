/*
 * Brings the picture and what lies over it to the window. Two ways behind one interface: the
 * window's own surface (a few rectangles cost 0.07 ms, no GPU needed), and a GPU's renderer where
 * there is a real one. farseat.
 */
#pragma once

#include "client/window/geometry.h"
#include "client/window/scaler.h"

#include <SDL.h>

#define PRESENT_PANELS_MAX 7

/* Something of ours above the picture: ARGB, not premultiplied. */
struct present_panel {
	SDL_Surface *surface; /* NULL: not shown. Borrowed */
	struct area place;    /* in the window */
	uint32_t version;     /* changes with the surface's content */
};

struct present_scene {
	struct scaler_picture picture; /* pixels NULL: nothing to show yet */
	struct geometry geometry;
	bool dimmed; /* the picture is old: grey and darker */
	struct present_panel panels[PRESENT_PANELS_MAX];
};

struct present;

struct present_impl {
	const char *name;
	/* -ENOTSUP where it cannot be used. */
	int (*create)(struct present **out, SDL_Window *window);
	void (*destroy)(struct present *p);
	/*
	 * Draws what changed: parts of the screen, and parts of the window (borders, panels that
	 * came, moved or went). Returns when the window system has it.
	 */
	int (*draw)(struct present *p, const struct present_scene *scene,
		const struct area_list *screen, const struct area_list *window);
};

extern const struct present_impl present_surface;
extern const struct present_impl present_renderer;

/* Every implementation's struct begins with this. */
struct present {
	const struct present_impl *impl;
};

enum present_choice { PRESENT_AUTO, PRESENT_SOFTWARE, PRESENT_GPU };

/* Opens the best one for this window; falls back to the surface. -errno when that fails too. */
int present_create(struct present **out, SDL_Window *window, enum present_choice choice) MUST_CHECK;
void present_destroy(struct present *p);
int present_draw(struct present *p, const struct present_scene *scene,
	const struct area_list *screen, const struct area_list *window) MUST_CHECK;
