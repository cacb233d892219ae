/*
 * How the remote screen lies in the window: scale, place and panning, and the ways between window
 * and screen coordinates. farseat; pure arithmetic.
 */
#pragma once

#include "client/window/area.h"

enum scale_mode {
	/* Smaller to fit; else the largest whole factor that fits, so that every pixel stays sharp. */
	SCALE_AUTO,
	SCALE_FIT, /* always fills the window, aspect kept */
	SCALE_ONE, /* one to one; panned where the screen is larger than the window */
};

struct geometry {
	int window_width_px, window_height_px;
	int screen_width_px, screen_height_px;
	enum scale_mode mode;
	int pan_x_px,
		pan_y_px; /* SCALE_ONE: the screen's pixel at the window's left and top edge */
	/* Where the whole screen lies in window coordinates; larger than the window when panned. */
	struct area target;
};

/*
 * Computes target from the other fields, and cuts the panning to what makes sense. Sizes of 0 give
 * an empty target.
 */
void geometry_update(struct geometry *g);

/* Whole factor of the picture: 1 one to one, 2 twice as large ...; 0 when it is not whole. */
int geometry_factor(const struct geometry *g);

/* A point of the window as a screen pixel, clipped to the screen. */
void geometry_to_screen(
	const struct geometry *g, int window_x, int window_y, int *screen_x, int *screen_y);

/* The window's pixels that show any of this part of the screen (one more around it where filtering
 * spreads it), clipped to the window. */
struct area geometry_to_window(const struct geometry *g, struct area screen);

/* The part of the window that the picture covers; the rest is border. */
struct area geometry_visible(const struct geometry *g);

/* Moves the panning; whether anything moved. */
bool geometry_pan(struct geometry *g, int dx_px, int dy_px);

/* "auto", "fit", "1:1". parse: -1 for another word. */
const char *scale_mode_name(enum scale_mode mode);
int scale_mode_parse(const char *text);
