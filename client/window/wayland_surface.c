#include "client/window/wayland_surface.h"

#include "client/window/area.h"

#include "common/ipc/memory.h"

#include <SDL_syswm.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

/* One is shown, one waits to be; compositors may keep one more. */
#define BUFFERS_MAX 4
#define PIXEL_BYTES 4

struct pixels {
	struct wl_buffer *buffer; /* owned; NULL: none yet */
	struct ipc_memory memory; /* owned */
	int width_px, height_px;
	struct area_list stale; /* what has been drawn since it was shown last */
	bool busy;              /* the compositor reads it */
};

struct wayland_surface {
	SDL_Window *window;         /* borrowed, as are the next two */
	struct wl_display *display; /* SDL's */
	struct wl_surface *surface;
	struct wl_event_queue *queue; /* owned, as all that follow */
	struct wl_display *wrapper;   /* of display: what is made by it belongs to our queue */
	struct wl_registry *registry;
	struct wl_shm *shm;
	SDL_Surface *drawn; /* the whole picture: each buffer gets what it has not yet */
	struct pixels pixels[BUFFERS_MAX];
};

/* --- what the compositor has --- */

static void on_global(void *user, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct wayland_surface *s = user;

	(void)version;
	if (!s->shm && strcmp(interface, wl_shm_interface.name) == 0)
		s->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
}

static void on_global_gone(void *user, struct wl_registry *registry, uint32_t name)
{
	(void)user, (void)registry, (void)name;
}

static const struct wl_registry_listener registry_listener = { .global = on_global,
	.global_remove = on_global_gone };

static int find_shm(struct wayland_surface *s)
{
	s->queue = wl_display_create_queue(s->display);
	s->wrapper = s->queue ? wl_proxy_create_wrapper(s->display) : NULL;
	if (!s->wrapper)
		return -ENOMEM;
	wl_proxy_set_queue((struct wl_proxy *)s->wrapper, s->queue);
	s->registry = wl_display_get_registry(s->wrapper);
	if (!s->registry)
		return -ENOMEM;
	wl_registry_add_listener(s->registry, &registry_listener, s);
	if (wl_display_roundtrip_queue(s->display, s->queue) < 0)
		return -EIO;
	return s->shm ? 0 : -ENOTSUP;
}

/* --- buffers --- */

static void on_release(void *user, struct wl_buffer *buffer)
{
	struct pixels *p = user;

	(void)buffer;
	p->busy = false;
}

static const struct wl_buffer_listener buffer_listener = { .release = on_release };

static void drop(struct pixels *p)
{
	if (p->buffer)
		wl_buffer_destroy(p->buffer);
	ipc_memory_finish(&p->memory);
	*p = (struct pixels){ .memory.fd = -1 };
}

static int make(struct wayland_surface *s, struct pixels *p)
{
	int width = s->drawn->w, height = s->drawn->h, stride = width * PIXEL_BYTES;
	int r = ipc_memory_create(&p->memory, "farseat-window", (size_t)stride * (size_t)height);

	if (r < 0)
		return r;
	struct wl_shm_pool *pool = wl_shm_create_pool(s->shm, p->memory.fd, stride * height);
	if (pool) {
		p->buffer = wl_shm_pool_create_buffer(
			pool, 0, width, height, stride, WL_SHM_FORMAT_XRGB8888);
		wl_shm_pool_destroy(pool);
	}
	if (!p->buffer) {
		drop(p);
		return -ENOMEM;
	}
	wl_buffer_add_listener(p->buffer, &buffer_listener, p);
	p->width_px = width;
	p->height_px = height;
	area_list_add(&p->stale, (struct area){ 0, 0, width, height });
	return 0;
}

/* One that the compositor does not read, of the picture's size; NULL: errno. */
static struct pixels *free_pixels(struct wayland_surface *s)
{
	for (size_t i = 0; i < BUFFERS_MAX; i++) {
		struct pixels *p = &s->pixels[i];
		if (p->busy)
			continue;
		if (p->buffer && p->width_px == s->drawn->w && p->height_px == s->drawn->h)
			return p;
		drop(p);
		int r = make(s, p);
		errno = -r;
		return r < 0 ? NULL : p;
	}
	errno = EAGAIN;
	return NULL;
}

/* --- drawing --- */

SDL_Surface *wayland_surface_begin(struct wayland_surface *s)
{
	int width, height;

	SDL_GetWindowSizeInPixels(s->window, &width, &height);
	if (s->drawn && s->drawn->w == width && s->drawn->h == height)
		return s->drawn;
	SDL_FreeSurface(s->drawn);
	s->drawn = SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_RGB888);
	return s->drawn;
}

static void add_stale(struct wayland_surface *s, const SDL_Rect *parts, int count)
{
	for (size_t i = 0; i < BUFFERS_MAX; i++)
		for (int j = 0; j < count; j++)
			area_list_add(&s->pixels[i].stale,
				(struct area){ parts[j].x, parts[j].y, parts[j].w, parts[j].h });
}

static void copy_stale(struct pixels *to, const SDL_Surface *from)
{
	size_t row = (size_t)from->w * PIXEL_BYTES;

	area_list_clip(&to->stale, (struct area){ 0, 0, from->w, from->h });
	for (size_t i = 0; i < to->stale.count; i++) {
		struct area a = to->stale.items[i];
		size_t left = (size_t)a.x * PIXEL_BYTES;
		for (int y = a.y; y < a.y + a.height; y++)
			memcpy(to->memory.bytes + (size_t)y * row + left,
				(const uint8_t *)from->pixels + (ptrdiff_t)y * from->pitch + left,
				(size_t)a.width * PIXEL_BYTES);
	}
	area_list_clear(&to->stale);
}

/* The parts are in pixels of the buffer, which an older surface does not know. */
static void damage(struct wl_surface *surface, const SDL_Rect *parts, int count)
{
	if (wl_proxy_get_version((struct wl_proxy *)surface) <
		WL_SURFACE_DAMAGE_BUFFER_SINCE_VERSION) {
		wl_surface_damage(surface, 0, 0, INT32_MAX, INT32_MAX);
		return;
	}
	for (int i = 0; i < count; i++)
		wl_surface_damage_buffer(surface, parts[i].x, parts[i].y, parts[i].w, parts[i].h);
}

int wayland_surface_end(struct wayland_surface *s, const SDL_Rect *parts, int count)
{
	int ended = wl_display_dispatch_queue_pending(s->display, s->queue);

	add_stale(s, parts, count);
	struct pixels *p = free_pixels(s);

	/* All are with the compositor: it has to answer, and says then what it is done with. */
	if (!p && errno == EAGAIN && wl_display_roundtrip_queue(s->display, s->queue) >= 0)
		p = free_pixels(s);
	if (ended < 0 || !p) {
		SDL_SetError("the compositor gives no memory back: %s", strerror(errno));
		return -EIO;
	}
	copy_stale(p, s->drawn);
	p->busy = true;
	wl_surface_attach(s->surface, p->buffer, 0, 0);
	damage(s->surface, parts, count);
	wl_surface_commit(s->surface);
	(void)wl_display_flush(s->display); /* what does not fit now goes with SDL's next one */
	return 0;
}

/* --- making it --- */

void wayland_surface_destroy(struct wayland_surface *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < BUFFERS_MAX; i++)
		drop(&s->pixels[i]);
	if (s->shm)
		wl_shm_destroy(s->shm);
	if (s->registry)
		wl_registry_destroy(s->registry);
	if (s->wrapper)
		wl_proxy_wrapper_destroy(s->wrapper);
	if (s->queue)
		wl_event_queue_destroy(s->queue);
	SDL_FreeSurface(s->drawn);
	free(s);
}

int wayland_surface_create(struct wayland_surface **out, SDL_Window *window)
{
	SDL_SysWMinfo info;

	SDL_VERSION(&info.version);
	if (!SDL_GetWindowWMInfo(window, &info) || info.subsystem != SDL_SYSWM_WAYLAND)
		return -ENOTSUP;
	struct wayland_surface *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	for (size_t i = 0; i < BUFFERS_MAX; i++)
		s->pixels[i].memory.fd = -1;
	s->window = window;
	s->display = info.info.wl.display;
	s->surface = info.info.wl.surface;
	int r = find_shm(s);
	if (r < 0) {
		wayland_surface_destroy(s);
		return r;
	}
	*out = s;
	return 0;
}
