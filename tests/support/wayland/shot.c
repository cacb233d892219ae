/* Screencopy, once: the whole of one output, as pixels that are there now. */
#include "shot.h"

#include "screencopy-client-protocol.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

struct shooting {
	struct wl_shm *shm;
	struct wl_output *output;
	struct zwlr_screencopy_manager_v1 *manager;
	uint32_t format, width, height, stride;
	bool known, ready, failed;
};

static void on_buffer(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
	uint32_t width, uint32_t height, uint32_t stride)
{
	struct shooting *s = user;

	(void)frame;
	s->format = format;
	s->width = width;
	s->height = height;
	s->stride = stride;
}

static void on_flags(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t flags)
{
	(void)frame;
	((struct shooting *)user)->failed |= flags != 0; /* upside down: not by these tests */
}

static void on_ready(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t s_high,
	uint32_t s_low, uint32_t ns)
{
	(void)frame;
	(void)s_high;
	(void)s_low;
	(void)ns;
	((struct shooting *)user)->ready = true;
}

static void on_failed(void *user, struct zwlr_screencopy_frame_v1 *frame)
{
	(void)frame;
	((struct shooting *)user)->failed = true;
}

static void on_damage(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t x, uint32_t y,
	uint32_t width, uint32_t height)
{
	(void)user;
	(void)frame;
	(void)x;
	(void)y;
	(void)width;
	(void)height;
}

static void on_dmabuf(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
	uint32_t width, uint32_t height)
{
	(void)user;
	(void)frame;
	(void)format;
	(void)width;
	(void)height;
}

static void on_buffer_done(void *user, struct zwlr_screencopy_frame_v1 *frame)
{
	(void)frame;
	((struct shooting *)user)->known = true;
}

static const struct zwlr_screencopy_frame_v1_listener frame_listener = { on_buffer, on_flags,
	on_ready, on_failed, on_damage, on_dmabuf, on_buffer_done };

static void on_global(void *user, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct shooting *s = user;

	(void)version;
	if (strcmp(interface, wl_shm_interface.name) == 0)
		s->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	else if (strcmp(interface, wl_output_interface.name) == 0 && !s->output)
		s->output = wl_registry_bind(registry, name, &wl_output_interface, 1);
	else if (strcmp(interface, zwlr_screencopy_manager_v1_interface.name) == 0)
		s->manager =
			wl_registry_bind(registry, name, &zwlr_screencopy_manager_v1_interface, 3);
}

static void on_global_gone(void *user, struct wl_registry *registry, uint32_t name)
{
	(void)user;
	(void)registry;
	(void)name;
}

static const struct wl_registry_listener registry_listener = { on_global, on_global_gone };

static bool wait_for(struct wl_display *display, const struct shooting *s, const bool *what)
{
	while (!*what && !s->failed)
		if (wl_display_dispatch(display) < 0)
			return false;
	return !s->failed;
}

static uint32_t *copy_pixels(const struct shooting *s, const uint8_t *bytes)
{
	uint32_t *pixels = malloc((size_t)s->width * s->height * sizeof(*pixels));

	for (uint32_t y = 0; pixels && y < s->height; y++)
		for (uint32_t x = 0; x < s->width; x++) {
			uint32_t v;
			memcpy(&v, bytes + (size_t)y * s->stride + (size_t)x * 4, sizeof(v));
			pixels[(size_t)y * s->width + x] = v & 0xffffff;
		}
	return pixels;
}

static struct shot shoot(struct wl_display *display, struct shooting *s)
{
	struct shot shot = { .depth = 24 };
	struct zwlr_screencopy_frame_v1 *frame =
		zwlr_screencopy_manager_v1_capture_output(s->manager, 0, s->output);

	zwlr_screencopy_frame_v1_add_listener(frame, &frame_listener, s);
	if (!wait_for(display, s, &s->known) || s->format != WL_SHM_FORMAT_XRGB8888)
		return shot;
	size_t size = (size_t)s->stride * s->height;
	int fd = memfd_create("shot", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return shot;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	struct wl_shm_pool *pool = wl_shm_create_pool(s->shm, fd, (int32_t)size);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, (int32_t)s->width, (int32_t)s->height, (int32_t)s->stride, s->format);
	close(fd);
	zwlr_screencopy_frame_v1_copy(frame, buffer);
	if (bytes != MAP_FAILED && wait_for(display, s, &s->ready)) {
		shot.width = (int)s->width;
		shot.height = (int)s->height;
		shot.pixels = copy_pixels(s, bytes);
	}
	if (bytes != MAP_FAILED)
		munmap(bytes, size);
	return shot;
}

struct shot shot_wayland(const char *path)
{
	struct shooting s = { 0 };
	struct shot shot = { 0 };
	struct wl_display *display = wl_display_connect(path);

	if (!display)
		return shot;
	struct wl_registry *registry = wl_display_get_registry(display);
	wl_registry_add_listener(registry, &registry_listener, &s);
	if (wl_display_roundtrip(display) >= 0 && s.shm && s.output && s.manager)
		shot = shoot(display, &s);
	wl_display_disconnect(display);
	return shot;
}
