/*
 * The connection to a compositor of the wlroots family: what it offers, and its outputs.
 *
 * Listeners of all Wayland objects run in wlr_read and wlr_take alone.
 */
#pragma once

#include "server/agent/wlr/output.h"

struct wlr {
	struct wl_display *display; /* owned; NULL: not open */
	struct wl_registry *registry;
	struct wl_shm *shm;
	struct wl_seat *seat;
	uint32_t seat_can; /* enum wl_seat_capability, as at the start: of others than us */
	struct zwlr_screencopy_manager_v1 *screencopy;
	struct zwp_virtual_keyboard_manager_v1 *keyboards;
	struct zwlr_virtual_pointer_manager_v1 *pointers;
	struct wlr_outputs outputs;
};

/*
 * Connects to the socket of that name, or at that path, and asks what the compositor offers. Waits
 * for its answers. On failure a sentence for the administrator is in reason, and what was opened
 * is closed by wlr_close: -ENOTSUP, the compositor lacks what is needed here; -ENOENT, it has no
 * screen; -EIO and others, it cannot be reached.
 */
int wlr_open(struct wlr *w, const char *name, char *reason, size_t reason_size) MUST_CHECK;

/* A zeroed one is fine. */
void wlr_close(struct wlr *w);

/* The descriptor is ready: reads all that waits there and acts on it. -EIO: the connection broke. */
int wlr_read(struct wlr *w) MUST_CHECK;
/* Acts on what was read already. -EIO. */
int wlr_take(struct wlr *w) MUST_CHECK;
/* Sends what was asked for. 0; 1: the compositor takes no more now; -EIO. */
int wlr_flush(struct wlr *w) MUST_CHECK;
