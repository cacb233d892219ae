/* The window's icon, drawn by code: the same shapes as assets/farseat.svg. farseat. */
#pragma once

#include <SDL.h>

void icon_set(SDL_Window *window);
