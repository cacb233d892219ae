/*
 * A Wayland window's pixels in memory that the compositor reads: SDL has no surface there but one that is
 * drawn by OpenGL, which a laptop without a usable GPU does not have, or has at ten times the time. farseat.
 */
#pragma once

#include "common/base/macros.h"

#include <SDL.h>

struct wayland_surface;

/* -ENOTSUP: the window is none of Wayland's, or its compositor takes no such memory; -ENOMEM, -EIO. */
int wayland_surface_create(struct wayland_surface **out, SDL_Window *window) MUST_CHECK;
/* NULL is fine. */
void wayland_surface_destroy(struct wayland_surface *s);

/* What to draw to, as surface_begin. */
SDL_Surface *wayland_surface_begin(struct wayland_surface *s);
/* Brings it to the window, in which these parts have changed. -EIO, -ENOMEM. */
int wayland_surface_end(struct wayland_surface *s, const SDL_Rect *parts, int count) MUST_CHECK;
