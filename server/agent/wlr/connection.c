#include "server/agent/wlr/connection.h"

#include "common/base/log.h"

#include <errno.h>
#include <screencopy-client-protocol.h>
#include <stdio.h>
#include <string.h>
#include <virtual-keyboard-client-protocol.h>
#include <virtual-pointer-client-protocol.h>

/* buffer_done, without which it is not known when to copy, came with 3. */
#define SCREENCOPY_VERSION 3
#define POINTER_VERSION                                                                            \
	ZWLR_VIRTUAL_POINTER_MANAGER_V1_CREATE_VIRTUAL_POINTER_WITH_OUTPUT_SINCE_VERSION
/* wl_output.done and scale came with 2. */
#define OUTPUT_VERSION 2

/* --- outputs --- */

/* NULL: it has gone. */
static struct wlr_output *find_output(struct wlr *w, const struct wl_output *proxy)
{
	for (size_t i = 0; i < w->output_count; i++)
		if (w->outputs[i].proxy == proxy)
			return &w->outputs[i];
	return NULL;
}

static void on_geometry(void *user, struct wl_output *proxy, int32_t x, int32_t y, int32_t width_mm,
	int32_t height_mm, int32_t subpixel, const char *make, const char *model, int32_t transform)
{
	struct wlr_output *o = find_output(user, proxy);

	(void)width_mm;
	(void)height_mm;
	(void)subpixel;
	(void)make;
	(void)model;
	(void)transform;
	if (!o)
		return;
	o->x = x;
	o->y = y;
}

static void on_mode(void *user, struct wl_output *proxy, uint32_t flags, int32_t width_px,
	int32_t height_px, int32_t refresh)
{
	struct wlr_output *o = find_output(user, proxy);

	(void)refresh;
	if (!o || !(flags & WL_OUTPUT_MODE_CURRENT))
		return;
	o->width_px = (uint32_t)MAX(width_px, 0);
	o->height_px = (uint32_t)MAX(height_px, 0);
}

static void on_output_done(void *user, struct wl_output *proxy)
{
	struct wlr *w = user;

	(void)proxy;
	w->outputs_changed = true;
}

static void on_scale(void *user, struct wl_output *proxy, int32_t scale)
{
	struct wlr_output *o = find_output(user, proxy);

	if (o)
		o->scale = scale;
}

static const struct wl_output_listener output_listener = {
	.geometry = on_geometry,
	.mode = on_mode,
	.done = on_output_done,
	.scale = on_scale,
};

static void add_output(struct wlr *w, uint32_t global, uint32_t version)
{
	if (version < OUTPUT_VERSION || w->output_count == WLR_OUTPUTS_MAX) {
		log_warn("a screen of the compositor is left out: %s",
			version < OUTPUT_VERSION ? "it is described by an old protocol"
						 : "there are too many");
		return;
	}
	struct wlr_output *o = &w->outputs[w->output_count++];
	*o = (struct wlr_output){ .global = global, .scale = 1 };
	o->proxy = wl_registry_bind(w->registry, global, &wl_output_interface, OUTPUT_VERSION);
	wl_output_add_listener(o->proxy, &output_listener, w);
}

/* --- what the compositor offers --- */

static void on_seat_can(void *user, struct wl_seat *seat, uint32_t capabilities)
{
	(void)seat;
	((struct wlr *)user)->seat_can = capabilities;
}

static const struct wl_seat_listener seat_listener = { .capabilities = on_seat_can };

static void on_global(void *user, struct wl_registry *registry, uint32_t global,
	const char *interface, uint32_t version)
{
	struct wlr *w = user;

	(void)registry;
	if (strcmp(interface, wl_output_interface.name) == 0) {
		add_output(w, global, version);
	} else if (strcmp(interface, wl_shm_interface.name) == 0 && !w->shm) {
		w->shm = wl_registry_bind(w->registry, global, &wl_shm_interface, 1);
	} else if (strcmp(interface, wl_seat_interface.name) == 0 && !w->seat) {
		w->seat = wl_registry_bind(w->registry, global, &wl_seat_interface, 1);
		wl_seat_add_listener(w->seat, &seat_listener, w);
	} else if (strcmp(interface, zwlr_screencopy_manager_v1_interface.name) == 0 &&
		   version >= SCREENCOPY_VERSION && !w->screencopy) {
		w->screencopy = wl_registry_bind(w->registry, global,
			&zwlr_screencopy_manager_v1_interface, SCREENCOPY_VERSION);
	} else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0 &&
		   !w->keyboards) {
		w->keyboards = wl_registry_bind(
			w->registry, global, &zwp_virtual_keyboard_manager_v1_interface, 1);
	} else if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0 &&
		   version >= POINTER_VERSION && !w->pointers) {
		w->pointers = wl_registry_bind(w->registry, global,
			&zwlr_virtual_pointer_manager_v1_interface, POINTER_VERSION);
	}
}

static void on_global_gone(void *user, struct wl_registry *registry, uint32_t global)
{
	struct wlr *w = user;

	(void)registry;
	for (size_t i = 0; i < w->output_count; i++)
		if (w->outputs[i].global == global) {
			wl_output_destroy(w->outputs[i].proxy);
			memmove(&w->outputs[i], &w->outputs[i + 1],
				(--w->output_count - i) * sizeof(w->outputs[0]));
			w->outputs_changed = true;
			return;
		}
}

static const struct wl_registry_listener registry_listener = {
	.global = on_global,
	.global_remove = on_global_gone,
};

/* --- opening and closing --- */

static int check_offer(const struct wlr *w, const char *name, char *reason, size_t reason_size)
{
	const char *missing = !w->screencopy  ? "pictures of its screen (wlr-screencopy)"
			      : !w->keyboards ? "a keyboard of ours (virtual-keyboard)"
			      : !w->pointers  ? "a pointer of ours (wlr-virtual-pointer)"
			      : !w->shm       ? "shared memory (wl_shm)"
			      : !w->seat      ? "a seat (wl_seat)"
					      : NULL;
	if (!missing && w->output_count > 0)
		return 0;
	if (!missing) {
		snprintf(reason, reason_size, "the compositor at %.60s has no screen", name);
		return -ENOENT;
	}
	snprintf(reason, reason_size,
		"this Wayland desktop cannot be shown, as it does not offer %s: log in to an X11 session, or start a virtual one ([server] virtual = 1920x1080)",
		missing);
	return -ENOTSUP;
}

int wlr_open(struct wlr *w, const char *name, char *reason, size_t reason_size)
{
	*w = (struct wlr){ .display = wl_display_connect(name) };
	if (!w->display) {
		int r = -errno;
		snprintf(reason, reason_size, "the Wayland display %.100s cannot be opened: %s",
			name, strerror(-r));
		return r < 0 ? r : -EIO;
	}
	w->registry = wl_display_get_registry(w->display);
	wl_registry_add_listener(w->registry, &registry_listener, w);
	/* First what there is; then what that says of itself. */
	for (int i = 0; i < 2; i++)
		if (wl_display_roundtrip(w->display) < 0) {
			snprintf(reason, reason_size, "the compositor at %.60s does not answer",
				name);
			return -EIO;
		}
	return check_offer(w, name, reason, reason_size);
}

void wlr_close(struct wlr *w)
{
	if (!w->display)
		return;
	for (size_t i = 0; i < w->output_count; i++)
		wl_output_destroy(w->outputs[i].proxy);
	if (w->screencopy)
		zwlr_screencopy_manager_v1_destroy(w->screencopy);
	if (w->pointers)
		zwlr_virtual_pointer_manager_v1_destroy(w->pointers);
	if (w->keyboards)
		zwp_virtual_keyboard_manager_v1_destroy(w->keyboards);
	if (w->seat)
		wl_seat_destroy(w->seat);
	if (w->shm)
		wl_shm_destroy(w->shm);
	wl_registry_destroy(w->registry);
	wl_display_flush(w->display); /* what was let go at last */
	wl_display_disconnect(w->display);
	*w = (struct wlr){ 0 };
}

/* --- the loop's part --- */

int wlr_read(struct wlr *w)
{
	while (wl_display_prepare_read(w->display) != 0)
		if (wl_display_dispatch_pending(w->display) < 0)
			return -EIO;
	if (wl_display_read_events(w->display) < 0 && errno != EAGAIN)
		return -EIO;
	return wlr_take(w);
}

int wlr_take(struct wlr *w)
{
	return wl_display_dispatch_pending(w->display) < 0 ? -EIO : 0;
}

bool wlr_has_output(const struct wlr *w, uint32_t global)
{
	for (size_t i = 0; i < w->output_count; i++)
		if (w->outputs[i].global == global)
			return true;
	return false;
}

int wlr_flush(struct wlr *w)
{
	if (wl_display_flush(w->display) >= 0)
		return 0;
	return errno == EAGAIN ? 1 : -EIO;
}
