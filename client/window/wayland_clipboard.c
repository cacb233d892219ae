#include "client/window/wayland_clipboard.h"

#include "client/window/wayland_protocols.h"
#include "common/base/fd.h"
#include "common/clipboard/wayland_base.h"
#include "common/crypto/random.h"

#include <SDL_syswm.h>
#include <errno.h>
#include <primary-selection-unstable-v1-client-protocol.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

/* The newest versions of the core's interfaces whose events are heard here. */
#define SEAT_VERSION    5
#define MANAGER_VERSION 3

struct wayland_clipboard {
	struct wayland_base base;
	struct wl_display *display;   /* SDL's; borrowed */
	struct wl_event_queue *queue; /* owned, as all that follow */
	struct wl_display *wrapper;   /* of display: what is made by it belongs to our queue */
	struct wl_registry *registry;
	struct wl_seat *seat;
	struct wl_keyboard *keyboard;
	uint32_t serial; /* of the newest event that the focus brought; 0: no focus */
	bool lost;       /* told */
};

static struct wayland_clipboard *clipboard_of(struct clipboard_local *l)
{
	return (struct wayland_clipboard *)l; /* its first field */
}

/* --- the keyboard: whether we have the focus, and a serial that proves it --- */

static void on_keymap(
	void *user, struct wl_keyboard *keyboard, uint32_t format, int32_t fd, uint32_t size)
{
	(void)user, (void)keyboard, (void)format, (void)size;
	fd_close(&fd);
}

static void on_enter(void *user, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys)
{
	struct wayland_clipboard *c = user;

	(void)keyboard, (void)surface, (void)keys;
	c->serial = serial;
	for (size_t i = 0; i < ARRAY_LEN(c->base.devices); i++)
		wayland_device_focus(&c->base.devices[i], serial);
}

static void on_leave(
	void *user, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface)
{
	struct wayland_clipboard *c = user;

	(void)keyboard, (void)serial, (void)surface;
	c->serial = 0;
}

static void on_key(void *user, struct wl_keyboard *keyboard, uint32_t serial, uint32_t ms,
	uint32_t key, uint32_t state)
{
	struct wayland_clipboard *c = user;

	(void)keyboard, (void)ms, (void)key, (void)state;
	c->serial = serial;
}

static void on_modifiers(void *user, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group)
{
	(void)user, (void)keyboard, (void)serial;
	(void)depressed, (void)latched, (void)locked, (void)group;
}

static void on_repeat(void *user, struct wl_keyboard *keyboard, int32_t rate, int32_t delay_ms)
{
	(void)user, (void)keyboard, (void)rate, (void)delay_ms;
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = on_keymap,
	.enter = on_enter,
	.leave = on_leave,
	.key = on_key,
	.modifiers = on_modifiers,
	.repeat_info = on_repeat,
};

static void drop_keyboard(struct wayland_clipboard *c)
{
	if (!c->keyboard)
		return;
	if (wl_keyboard_get_version(c->keyboard) >= WL_KEYBOARD_RELEASE_SINCE_VERSION)
		wl_keyboard_release(c->keyboard);
	else
		wl_keyboard_destroy(c->keyboard);
	c->keyboard = NULL;
	c->serial = 0;
}

static void on_capabilities(void *user, struct wl_seat *seat, uint32_t capabilities)
{
	struct wayland_clipboard *c = user;

	if (!(capabilities & WL_SEAT_CAPABILITY_KEYBOARD)) {
		drop_keyboard(c);
	} else if (!c->keyboard) {
		c->keyboard = wl_seat_get_keyboard(seat);
		if (c->keyboard)
			wl_keyboard_add_listener(c->keyboard, &keyboard_listener, c);
	}
}

static void on_seat_name(void *user, struct wl_seat *seat, const char *name)
{
	(void)user, (void)seat, (void)name;
}

static const struct wl_seat_listener seat_listener = { .capabilities = on_capabilities,
	.name = on_seat_name };

/* --- what the compositor has --- */

static void on_global(void *user, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct wayland_clipboard *c = user;
	void **data = &c->base.devices[CLIPBOARD_CLIPBOARD].manager;
	void **primary = &c->base.devices[CLIPBOARD_PRIMARY].manager;

	if (!c->seat && strcmp(interface, wl_seat_interface.name) == 0) {
		c->seat = wl_registry_bind(
			registry, name, &wl_seat_interface, MIN(version, (uint32_t)SEAT_VERSION));
		if (c->seat)
			wl_seat_add_listener(c->seat, &seat_listener, c);
	} else if (!*data && strcmp(interface, wl_data_device_manager_interface.name) == 0) {
		*data = wl_registry_bind(registry, name, &wl_data_device_manager_interface,
			MIN(version, (uint32_t)MANAGER_VERSION));
	} else if (!*primary &&
		   strcmp(interface, zwp_primary_selection_device_manager_v1_interface.name) == 0) {
		*primary = wl_registry_bind(
			registry, name, &zwp_primary_selection_device_manager_v1_interface, 1);
	}
}

static void on_global_gone(void *user, struct wl_registry *registry, uint32_t name)
{
	(void)user, (void)registry, (void)name;
}

static const struct wl_registry_listener registry_listener = { .global = on_global,
	.global_remove = on_global_gone };

/* --- what the devices tell --- */

static void on_settled(void *user, struct wl_callback *callback, uint32_t data)
{
	(void)data;
	wl_callback_destroy(callback);
	wayland_device_settled(user);
}

static const struct wl_callback_listener settled_listener = { .done = on_settled };

static void on_claimed(void *user, struct wayland_device *d)
{
	struct wayland_clipboard *c = user;
	struct wl_callback *callback = wl_display_sync(c->wrapper);

	if (callback)
		wl_callback_add_listener(callback, &settled_listener, d);
	else
		wayland_device_settled(d);
}

static const struct wayland_device_events device_events = {
	.changed = wayland_base_changed, .wanted = wayland_base_wanted, .claimed = on_claimed
};

/* --- the table --- */

static void destroy(struct clipboard_local *l)
{
	struct wayland_clipboard *c = clipboard_of(l);

	if (!c)
		return;
	wayland_base_finish(&c->base);
	drop_keyboard(c);
	if (c->seat && wl_seat_get_version(c->seat) >= WL_SEAT_RELEASE_SINCE_VERSION)
		wl_seat_release(c->seat);
	else if (c->seat)
		wl_seat_destroy(c->seat);
	if (c->registry)
		wl_registry_destroy(c->registry);
	if (c->wrapper)
		wl_proxy_wrapper_destroy(c->wrapper);
	if (c->queue) {
		wl_display_flush(c->display);
		wl_event_queue_destroy(c->queue);
	}
	free(c);
}

static void own(struct clipboard_local *l, enum clipboard_selection selection,
	const struct clipboard_content *content)
{
	struct wayland_clipboard *c = clipboard_of(l);

	wayland_device_own(&c->base.devices[selection], content, c->serial);
}

static size_t fds(const struct clipboard_local *l, int out[static CLIPBOARD_LOCAL_FDS_MAX],
	bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX])
{
	const struct wayland_clipboard *c = (const struct wayland_clipboard *)l;

	return wayland_pipes_fds(&c->base.pipes, out, wants_write);
}

static void dispatch(struct clipboard_local *l)
{
	struct wayland_clipboard *c = clipboard_of(l);

	if (wl_display_dispatch_queue_pending(c->display, c->queue) < 0 && !c->lost) {
		c->lost = true;
		l->listener->lost(l->user);
		return;
	}
	wayland_pipes_step(&c->base.pipes, l);
}

static void flush(struct clipboard_local *l)
{
	/* What does not fit now goes with SDL's next one; a broken connection is told by dispatch. */
	(void)wl_display_flush(clipboard_of(l)->display);
}

static const struct clipboard_local_impl impl = {
	.name = "Wayland",
	.destroy = destroy,
	.own = own,
	.clear = wayland_base_clear,
	.read = wayland_base_read,
	.read_more = wayland_base_read_more,
	.stop = wayland_base_stop,
	.give = wayland_base_give,
	.refuse = wayland_base_refuse,
	.fds = fds,
	.dispatch = dispatch,
	.flush = flush,
	.tick = wayland_base_tick,
};

/* --- making it --- */

static int hear_globals(struct wayland_clipboard *c)
{
	c->wrapper = wl_proxy_create_wrapper(c->display);
	if (!c->wrapper)
		return -ENOMEM;
	wl_proxy_set_queue((struct wl_proxy *)c->wrapper, c->queue);
	c->registry = wl_display_get_registry(c->wrapper);
	if (!c->registry)
		return -ENOMEM;
	wl_registry_add_listener(c->registry, &registry_listener, c);
	if (wl_display_roundtrip_queue(c->display, c->queue) < 0)
		return -EIO;
	return c->seat && c->base.devices[CLIPBOARD_CLIPBOARD].manager ? 0 : -ENOTSUP;
}

int wayland_clipboard_create(struct clipboard_local **out, SDL_Window *window)
{
	static const struct wayland_device_impl *const protocols[CLIPBOARD_SELECTION_COUNT] = {
		[CLIPBOARD_CLIPBOARD] = &wayland_data_impl,
		[CLIPBOARD_PRIMARY] = &wayland_primary_impl,
	};
	SDL_SysWMinfo info;
	uint64_t mark = 0;

	SDL_VERSION(&info.version);
	if (!SDL_GetWindowWMInfo(window, &info) || info.subsystem != SDL_SYSWM_WAYLAND)
		return -ENOTSUP;
	struct wayland_clipboard *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->display = info.info.wl.display;
	c->queue = wl_display_create_queue(c->display);
	int r = c->queue ? 0 : -ENOMEM;
	if (r == 0)
		r = crypto_random(&mark, sizeof(mark));
	wayland_base_init(&c->base, &impl, protocols, &device_events, mark);
	if (r == 0)
		r = hear_globals(c);
	if (r < 0) {
		destroy(&c->base.local);
		return r;
	}
	wayland_base_open(&c->base, c->seat);
	*out = &c->base.local;
	return 0;
}
