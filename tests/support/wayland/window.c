#include "window.h"

#include "xdg-shell-client-protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "the test's window: %s\n", what);
	exit(2);
}

static void turn(struct window *w)
{
	if (wl_display_dispatch(w->display) < 0)
		fail("the compositor is gone");
}

/* --- buffers --- */

static void on_release(void *user, struct wl_buffer *proxy)
{
	(void)proxy;
	((struct window_buffer *)user)->busy = false;
}

static const struct wl_buffer_listener buffer_listener = { on_release };

static void make_buffers(struct window *w)
{
	uint32_t width = w->paint.width_px, height = w->paint.height_px;
	size_t size = (size_t)width * height * 4;
	int fd = memfd_create("window", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)(size * WINDOW_BUFFERS)) < 0)
		fail("no memory");
	char *bytes = mmap(NULL, size * WINDOW_BUFFERS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	w->paint.pixels = calloc((size_t)width * height, 4);
	if (bytes == MAP_FAILED || !w->paint.pixels)
		fail("no memory");
	struct wl_shm_pool *pool = wl_shm_create_pool(w->shm, fd, (int32_t)(size * WINDOW_BUFFERS));
	for (size_t i = 0; i < WINDOW_BUFFERS; i++) {
		struct window_buffer *b = &w->buffers[i];
		b->pixels = (uint32_t *)(void *)(bytes + i * size);
		b->proxy = wl_shm_pool_create_buffer(pool, (int32_t)(i * size), (int32_t)width,
			(int32_t)height, (int32_t)width * 4, WL_SHM_FORMAT_XRGB8888);
		wl_buffer_add_listener(b->proxy, &buffer_listener, b);
	}
	wl_shm_pool_destroy(pool);
	close(fd);
}

static struct window_buffer *free_buffer(struct window *w)
{
	for (;;) {
		for (size_t i = 0; i < WINDOW_BUFFERS; i++)
			if (!w->buffers[i].busy)
				return &w->buffers[i];
		turn(w);
	}
}

static void add_lack(struct window_buffer *b, uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1)
{
	bool none = b->x1 <= b->x0;

	b->x0 = none || x0 < b->x0 ? x0 : b->x0;
	b->y0 = none || y0 < b->y0 ? y0 : b->y0;
	b->x1 = none || x1 > b->x1 ? x1 : b->x1;
	b->y1 = none || y1 > b->y1 ? y1 : b->y1;
}

void window_put(struct window *w, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	uint32_t x1 = x + width, y1 = y + height, stride = w->paint.width_px;

	x1 = x1 < stride ? x1 : stride;
	y1 = y1 < w->paint.height_px ? y1 : w->paint.height_px;
	for (size_t i = 0; i < WINDOW_BUFFERS; i++)
		add_lack(&w->buffers[i], x, y, x1, y1);
	struct window_buffer *b = free_buffer(w);
	for (uint32_t row = b->y0; row < b->y1; row++)
		memcpy(b->pixels + (size_t)row * stride + b->x0,
			w->paint.pixels + (size_t)row * stride + b->x0, (b->x1 - b->x0) * 4);
	b->x0 = b->x1 = b->y0 = b->y1 = 0;
	b->busy = true;
	wl_surface_attach(w->surface, b->proxy, 0, 0);
	wl_surface_damage_buffer(
		w->surface, (int32_t)x, (int32_t)y, (int32_t)(x1 - x), (int32_t)(y1 - y));
	wl_surface_commit(w->surface);
	wl_display_flush(w->display);
}

static void on_frame(void *user, struct wl_callback *callback, uint32_t time)
{
	(void)time;
	wl_callback_destroy(callback);
	((struct window *)user)->shown = true;
}

static const struct wl_callback_listener frame_listener = { on_frame };

void window_show(struct window *w, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	w->shown = false;
	wl_callback_add_listener(wl_surface_frame(w->surface), &frame_listener, w);
	window_put(w, x, y, width, height);
	while (!w->shown)
		turn(w);
}

/* --- the window --- */

static void on_configure(void *user, struct xdg_surface *surface, uint32_t serial)
{
	xdg_surface_ack_configure(surface, serial);
	((struct window *)user)->configured = true;
}

static const struct xdg_surface_listener surface_listener = { on_configure };

/* It is as large as the screen: the size that is told while it is not shown yet is none. */
static void on_size(void *user, struct xdg_toplevel *toplevel, int32_t width, int32_t height,
	struct wl_array *states)
{
	(void)user;
	(void)toplevel;
	(void)width;
	(void)height;
	(void)states;
}

static void on_close(void *user, struct xdg_toplevel *toplevel)
{
	(void)user;
	(void)toplevel;
	exit(0);
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = on_size,
	.close = on_close,
};

static void on_ping(void *user, struct xdg_wm_base *shell, uint32_t serial)
{
	(void)user;
	xdg_wm_base_pong(shell, serial);
}

static const struct xdg_wm_base_listener shell_listener = { on_ping };

static void on_seat_can(void *user, struct wl_seat *seat, uint32_t capabilities)
{
	struct window *w = user;

	if ((capabilities & WL_SEAT_CAPABILITY_KEYBOARD) && w->input->keyboard && !w->keyboard) {
		w->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(w->keyboard, w->input->keyboard, w->input->user);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_POINTER) && w->input->pointer && !w->pointer) {
		w->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(w->pointer, w->input->pointer, w->input->user);
	}
}

static void on_seat_name(void *user, struct wl_seat *seat, const char *name)
{
	(void)user;
	(void)seat;
	(void)name;
}

static const struct wl_seat_listener seat_listener = { on_seat_can, on_seat_name };

static void on_geometry(void *user, struct wl_output *output, int32_t x, int32_t y,
	int32_t width_mm, int32_t height_mm, int32_t subpixel, const char *make, const char *model,
	int32_t transform)
{
	(void)output;
	(void)x;
	(void)y;
	(void)width_mm;
	(void)height_mm;
	(void)subpixel;
	(void)make;
	(void)model;
	((struct window *)user)->turned = transform % 2 != 0;
}

static void on_mode(void *user, struct wl_output *output, uint32_t flags, int32_t width,
	int32_t height, int32_t refresh)
{
	struct window *w = user;

	(void)output;
	(void)flags;
	(void)refresh;
	w->paint.width_px = (uint32_t)(w->turned ? height : width);
	w->paint.height_px = (uint32_t)(w->turned ? width : height);
}

static const struct wl_output_listener output_listener = {
	.geometry = on_geometry,
	.mode = on_mode,
};

static void on_global(
	void *user, struct wl_registry *r, uint32_t name, const char *interface, uint32_t version)
{
	struct window *w = user;

	(void)version;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		w->compositor = wl_registry_bind(r, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		w->shm = wl_registry_bind(r, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		w->shell = wl_registry_bind(r, name, &xdg_wm_base_interface, 1);
		xdg_wm_base_add_listener(w->shell, &shell_listener, w);
	} else if (strcmp(interface, wl_output_interface.name) == 0 && !w->output) {
		w->output = wl_registry_bind(r, name, &wl_output_interface, 1);
		wl_output_add_listener(w->output, &output_listener, w);
	} else if (strcmp(interface, wl_seat_interface.name) == 0 && w->input) {
		w->seat = wl_registry_bind(r, name, &wl_seat_interface, 5);
		wl_seat_add_listener(w->seat, &seat_listener, w);
	}
}

static void on_global_gone(void *user, struct wl_registry *registry, uint32_t name)
{
	(void)user;
	(void)registry;
	(void)name;
}

static const struct wl_registry_listener registry_listener = { on_global, on_global_gone };

void window_open(struct window *w, const char *path, const struct window_input *input)
{
	*w = (struct window){ .display = wl_display_connect(path), .input = input };
	if (!w->display)
		fail("the compositor cannot be reached");
	wl_registry_add_listener(wl_display_get_registry(w->display), &registry_listener, w);
	if (wl_display_roundtrip(w->display) < 0 || !w->compositor || !w->shm || !w->shell)
		fail("the compositor has no windows");
	w->surface = wl_compositor_create_surface(w->compositor);
	struct xdg_surface *surface = xdg_wm_base_get_xdg_surface(w->shell, w->surface);
	xdg_surface_add_listener(surface, &surface_listener, w);
	w->toplevel = xdg_surface_get_toplevel(surface);
	xdg_toplevel_add_listener(w->toplevel, &toplevel_listener, w);
	xdg_toplevel_set_title(w->toplevel, "farseat test");
	xdg_toplevel_set_fullscreen(w->toplevel, NULL);
	wl_surface_commit(w->surface);
	while (!w->configured || w->paint.width_px == 0)
		turn(w);
	make_buffers(w);
	window_show(w, 0, 0, w->paint.width_px, w->paint.height_px);
}
