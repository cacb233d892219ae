#include "client/window/video.h"

#include "client/window/termination.h"
#include "client/window/window_x11.h"

#include <SDL.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Drivers that show nothing to anybody: SDL takes one where there is no display, unasked. */
static bool is_invisible(const char *driver)
{
	return !getenv("SDL_VIDEODRIVER") && driver &&
	       (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0);
}

static void complain(const char *error)
{
	const char *const variables[] = { "WAYLAND_DISPLAY", "DISPLAY" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *display = getenv(variables[i]);
		if (!display || !*display)
			continue;
		fprintf(stderr,
			"farseat: cannot open display %s (from %s): is it running, and may this user use it?\n",
			display, variables[i]);
		return;
	}
	fprintf(stderr,
		"farseat: no display%s%s. Set DISPLAY or WAYLAND_DISPLAY, or use a command without a window "
		"('farseat --help').\n",
		*error ? ": " : "", error);
}

int video_start(void)
{
	termination_install();
	/* Without it the surface would go through software GL: 12 to 16 ms a picture instead of 1.7
	 * at 1920x1080. On Wayland there is none then, but ours (wayland_surface.h). */
	SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
	SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
	SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
	SDL_SetHint(SDL_HINT_MOUSE_AUTO_CAPTURE, "1");
	SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
	SDL_SetHint(SDL_HINT_APP_NAME, "Farseat");
	bool failed = SDL_Init(SDL_INIT_VIDEO) < 0;
	if (failed || is_invisible(SDL_GetCurrentVideoDriver())) {
		complain(failed ? SDL_GetError() : "");
		return -EIO;
	}
	if (window_x11_choose_visual() < 0) {
		fprintf(stderr,
			"farseat: this display's colours are of a kind that cannot be drawn. Use a display "
			"of depth 24 or 16, or one with the Composite extension.\n");
		return -EIO;
	}
	return 0;
}
