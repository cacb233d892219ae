/*
 * The window onto a session. Its one loop sleeps on the descriptors of the window system and of the
 * link, and handles input before pictures. farseat.
 */
#pragma once

#include "client/session/connection.h"
#include "client/window/geometry.h"
#include "client/window/present.h"

struct window_options {
	bool fullscreen, view_only, physical_keys, stats;
	int width_px, height_px; /* of the window; 0: the session's, as far as it fits */
	enum scale_mode scale;
	enum present_choice present;
	enum clipboard_mode clipboard;
	bool sound; /* the session is heard */
};

/* What is kept with the workstation: scale, keys, clipboard and sound as it says, full screen if it says so. */
void window_options_from(struct window_options *options, const struct workstation *workstation);

/* Opens the window and stays until it is closed. Returns an exit status (enum exit_status). */
int window_run(const struct workstation *workstation, const struct window_options *options);
