#include "server/agent/wlr/connection.h"

#include <errno.h>
#include <screencopy-client-protocol.h>
#include <stdio.h>
#include <string.h>
#include <virtual-keyboard-client-protocol.h>
#include <virtual-pointer-client-protocol.h>
#include <xdg-output-client-protocol.h>

/* buffer_done, without which it is not known when to copy, came with 3. */
#define SCREENCOPY_VERSION 3
#define POINTER_VERSION                                                                            \
	ZWLR_VIRTUAL_POINTER_MANAGER_V1_CREATE_VIRTUAL_POINTER_WITH_OUTPUT_SINCE_VERSION

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

	if (strcmp(interface, wl_output_interface.name) == 0) {
		wlr_outputs_add(&w->outputs, registry, global, version);
	} else if (strcmp(interface, zxdg_output_manager_v1_interface.name) == 0) {
		wlr_outputs_add_places(&w->outputs, registry, global, version);
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
	(void)registry;
	wlr_outputs_remove(&((struct wlr *)user)->outputs, global);
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
	if (!missing && w->outputs.count > 0)
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
	wlr_outputs_finish(&w->outputs);
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

int wlr_flush(struct wlr *w)
{
	if (wl_display_flush(w->display) >= 0)
		return 0;
	return errno == EAGAIN ? 1 : -EIO;
}
