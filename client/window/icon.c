#include "client/window/icon.h"

#include "client/window/canvas.h"

#define SIDE_PX 64

/* A screen on its foot, and in it a nearer one: the far seat seen from here. */
void icon_set(SDL_Window *window)
{
	SDL_Surface *s = canvas_surface(SIDE_PX, SIDE_PX);

	if (!s)
		return;
	canvas_round(s, (struct area){ 4, 8, 56, 40 }, 6, COLOUR_RAISED, 255);
	canvas_round(s, (struct area){ 8, 12, 48, 32 }, 3, COLOUR_BACKGROUND, 255);
	canvas_round(s, (struct area){ 28, 26, 24, 15 }, 3, COLOUR_ACCENT, 255);
	canvas_fill(s, (struct area){ 14, 18, 20, 3 }, COLOUR_QUIET);
	canvas_fill(s, (struct area){ 14, 24, 11, 3 }, COLOUR_QUIET);
	canvas_fill(s, (struct area){ 27, 48, 10, 6 }, COLOUR_RAISED);
	canvas_round(s, (struct area){ 18, 53, 28, 5 }, 2, COLOUR_RAISED, 255);
	SDL_SetWindowIcon(window, s);
	SDL_FreeSurface(s);
}
