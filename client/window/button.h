/* A button: how it looks. Where it stands and what it does its owner knows. farseat. */
#pragma once

#include "client/window/canvas.h"

enum button_look { BUTTON_PLAIN, BUTTON_PRIMARY, BUTTON_DANGER };

struct button {
	const char *label; /* borrowed */
	enum button_look look;
	bool disabled;
	bool hovered; /* the pointer is on it */
	bool focused; /* Enter presses it */
};

int button_height(const struct canvas *c);
int button_width(const struct canvas *c, const char *label);

/* place: of button_height and at least button_width. A focused one has a ring around it. */
void button_draw(
	const struct canvas *c, SDL_Surface *to, struct area place, const struct button *b);
