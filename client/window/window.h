/* The window onto a session. farseat; its one loop sleeps on the window system's and the link's
 * descriptors and handles input before pictures. */
#pragma once

#include "client/session/connection.h"
#include "client/window/geometry.h"
#include "client/window/present.h"

struct window_options {
	bool fullscreen, view_only, physical_keys, stats;
	int width_px, height_px; /* of the window; 0: the session's, as far as it fits */
	enum scale_mode scale;
	enum present_choice present;
};

/* Opens the window and stays until it is closed. Returns the exit status (design.md, section 9). */
int window_run(const struct workstation *workstation, const struct window_options *options);

/* Starts SDL's video with our hints; says on stderr why it cannot. The launcher needs the same. */
int window_start_sdl(void) MUST_CHECK;
