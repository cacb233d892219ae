/*
 * A window's own surface, always drawn to as B G R X with 8 bits a channel: where the display has
 * another depth (30 or 16 bits), what is drawn is converted on its way to the window. farseat.
 */
#pragma once

#include "common/base/macros.h"

#include <SDL.h>

struct wayland_surface;

/* All zero but window: nothing was drawn yet. */
struct surface {
	SDL_Window *window;              /* borrowed */
	SDL_Surface *shadow;             /* owned; NULL: the window has our own format */
	struct wayland_surface *wayland; /* owned; NULL: SDL has a surface for the window */
};

void surface_finish(struct surface *s);

/*
 * What to draw to: the window's size, valid until the next call or surface_finish. After the size
 * has changed its content is undefined. NULL: there is none, or the display's pixels are of a kind
 * that we cannot make (SDL_GetError says which).
 */
SDL_Surface *surface_begin(struct surface *s);

/* Brings these parts, which lie within it, to the window. -EIO: SDL_GetError. */
int surface_end(struct surface *s, const SDL_Rect *parts, int count) MUST_CHECK;

/*
 * One row from B G R X to the pixels of another format, which has its colours in masks of 2 or 4
 * bytes; bits that no colour has are set, as an alpha channel wants it.
 */
void surface_convert_row(
	uint8_t *to, const SDL_PixelFormat *format, const uint8_t *bgrx, size_t count);
