/*
 * What clipboards on Wayland have in common, however they reach the compositor: a device for each selection,
 * the pipes, and the parts of the table (local.h) that need no more than those. Whoever makes one puts it
 * first in a struct of its own, and adds the connection.
 */
#pragma once

#include "common/clipboard/wayland_device.h"
#include "common/clipboard/wayland_pipes.h"

struct wayland_base {
	struct clipboard_local local;
	struct wayland_device devices[CLIPBOARD_SELECTION_COUNT];
	struct wayland_pipes pipes;
};

/*
 * Of zeroed memory. impl, the protocols (one for each selection) and events are borrowed. events' user is
 * the base. mark is a random number, by which the object knows what it owns itself.
 */
void wayland_base_init(struct wayland_base *b, const struct clipboard_local_impl *impl,
	const struct wayland_device_impl *const protocols[static CLIPBOARD_SELECTION_COUNT],
	const struct wayland_device_events *events, uint64_t mark);
/* Asks the devices' managers, where there are any, for those of that seat. */
void wayland_base_open(struct wayland_base *b, struct wl_seat *seat);
/* Closes pipes and devices. */
void wayland_base_finish(struct wayland_base *b);

/* --- for the table --- */
void wayland_base_clear(struct clipboard_local *l, enum clipboard_selection selection);
int wayland_base_read(struct clipboard_local *l, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t window, uint32_t *read) MUST_CHECK;
void wayland_base_read_more(struct clipboard_local *l, uint32_t read, size_t bytes);
void wayland_base_stop(struct clipboard_local *l, uint32_t read);
size_t wayland_base_give(
	struct clipboard_local *l, uint32_t request, const uint8_t *bytes, size_t len, bool end);
void wayland_base_refuse(struct clipboard_local *l, uint32_t request);
int wayland_base_tick(struct clipboard_local *l, uint64_t now_ms);

/* --- for the devices' events --- */
void wayland_base_changed(
	void *base, struct wayland_device *d, const struct clipboard_owner *owner);
void wayland_base_wanted(void *base, struct wayland_device *d, enum clipboard_kind kind, int fd);
