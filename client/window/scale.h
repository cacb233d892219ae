/*
 * How large our own texts and controls are: 1 at 96 dpi, fractions too. The session's pixels are not
 * touched by it. farseat.
 */
#pragma once

#include "common/base/macros.h"

#include <SDL.h>

#define SCALE_MIN 0.5
#define SCALE_MAX 4.0

/*
 * For a window, where it stands now: FARSEAT_SCALE; on X11 Xft.dpi, which desktops set, else the
 * server's dpi; elsewhere how many pixels a unit of the window system has. At least 1 unless
 * FARSEAT_SCALE says less.
 */
double scale_of(SDL_Window *window);

/* The same as dots per inch, for the session; within what the protocol has. */
uint16_t scale_dpi(SDL_Window *window);

/* "1.5": from SCALE_MIN to SCALE_MAX; 0: it is no such number. */
double scale_parse(const char *text);

/* At least 1, at most SCALE_MAX; dpi 0: unknown, 1. */
double scale_by_dpi(double dpi);
