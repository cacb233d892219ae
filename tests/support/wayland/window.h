/*
 * A window that covers the screen of a Wayland compositor, for the end-to-end tests: what is painted
 * into its pixels is shown by window_show, and what is typed and pointed there is told.
 */
#pragma once

#include "../paint.h"

#include <stdbool.h>
#include <wayland-client.h>

/* What the seat tells; any may be NULL. */
struct window_input {
	const struct wl_keyboard_listener *keyboard;
	const struct wl_pointer_listener *pointer;
	void *user;
};

#define WINDOW_BUFFERS 3

struct window_buffer {
	struct wl_buffer *proxy;
	uint32_t *pixels;
	bool busy;
	uint32_t x0, y0, x1, y1; /* what it lacks */
};

struct window {
	bool turned; /* the output is, by a quarter */
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_seat *seat;
	struct wl_keyboard *keyboard;
	struct wl_pointer *pointer;
	struct xdg_wm_base *shell;
	struct wl_surface *surface;
	struct xdg_toplevel *toplevel;
	const struct window_input *input; /* borrowed */
	struct paint paint;
	struct window_buffer buffers[WINDOW_BUFFERS];
	struct wl_output *output;
	bool configured, shown;
};

/* Opens it on the compositor behind that socket and waits until it covers the screen. Exits with 2
 * where it cannot. */
void window_open(struct window *w, const char *path, const struct window_input *input);

/* Shows what was painted within this part; the rest is as it was. Waits until it is on the screen. */
void window_show(struct window *w, uint32_t x, uint32_t y, uint32_t width, uint32_t height);
/* The same without waiting. */
void window_put(struct window *w, uint32_t x, uint32_t y, uint32_t width, uint32_t height);
