/* How the panels of overlay.h look; nobody else includes it. */
#pragma once

#include "client/window/overlay.h"

/*
 * Draws words as the panel which, no larger than the window where that can be, and notes its
 * targets in o. NULL: no memory.
 */
SDL_Surface *overlay_draw(
	struct overlay *o, enum overlay_panel which, const struct overlay_words *words);
