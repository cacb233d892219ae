/* The pointer's shape where the compositor does not tell it. */
#pragma once

#include "server/agent/display.h"

/* Draws an arrow, white with a black border, into the pointer's image. -ENOMEM. */
int wlr_arrow_draw(struct display_pointer *p) MUST_CHECK;
