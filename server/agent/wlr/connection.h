/*
 * The connection to a compositor of the wlroots family: what it offers, and its outputs.
 *
 * Listeners of all Wayland objects run in wlr_read and wlr_take alone.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

#define WLR_OUTPUTS_MAX 8 /* more monitors than one graphics card has */

/* A monitor, or a headless output. */
struct wlr_output {
	uint32_t global;         /* its name in the registry, which no later one gets */
	struct wl_output *proxy; /* owned */
	int32_t x, y;            /* where it is in the compositor's layout, in its logical pixels */
	int32_t scale;
	uint32_t width_px, height_px;
};

struct wlr {
	struct wl_display *display; /* owned; NULL: not open */
	struct wl_registry *registry;
	struct wl_shm *shm;
	struct wl_seat *seat;
	uint32_t seat_can; /* enum wl_seat_capability, as at the start: of others than us */
	struct zwlr_screencopy_manager_v1 *screencopy;
	struct zwp_virtual_keyboard_manager_v1 *keyboards;
	struct zwlr_virtual_pointer_manager_v1 *pointers;
	struct wlr_output outputs[WLR_OUTPUTS_MAX];
	size_t output_count;
	bool outputs_changed; /* set here, cleared by whoever acts on it */
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
/* Whether the output of that name is still there: whoever keeps a copy of it asks before its proxy is
 * used. */
bool wlr_has_output(const struct wlr *w, uint32_t global);
/* Sends what was asked for. 0; 1: the compositor takes no more now; -EIO. */
int wlr_flush(struct wlr *w) MUST_CHECK;
