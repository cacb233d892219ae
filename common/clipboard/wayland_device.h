/*
 * One selection of a Wayland seat: what others offer there, and what we own. Wayland has protocols of the
 * same shape for that: for a window with the focus the core's for CLIPBOARD and one beside it for PRIMARY,
 * for a program without a window one for both. Each is a table (struct wayland_device_impl), and everything
 * above them is common.
 */
#pragma once

#include "common/clipboard/local.h"
#include "common/clipboard/wayland_names.h"

struct wl_seat;

/* Offers that are kept beside the selection's own: of drags over the window, which are not ours to end,
 * since SDL takes part in them by objects of its own. */
#define WAYLAND_OFFERS_MAX 16

struct wayland_device;

/* Objects of the protocol pass as void pointers, as wl_data_*. */
struct wayland_device_impl {
	void *(*open)(struct wayland_device *d, struct wl_seat *seat);
	void (*close)(void *device);
	void *(*source_new)(struct wayland_device *d);
	void (*source_name)(void *source, const char *name);
	void (*source_destroy)(void *source);
	void (*select)(void *device, void *source, uint32_t serial);
	void (*offer_listen)(struct wayland_device *d, void *offer);
	void (*offer_receive)(void *offer, const char *name, int fd);
	void (*offer_destroy)(void *offer);
	void (*manager_destroy)(void *manager);
};

struct wayland_offer {
	void *proxy; /* owned; NULL: none */
	struct wayland_names names;
};

/* Called while the display's events are dispatched. */
struct wayland_device_events {
	void (*changed)(void *user, struct wayland_device *d, const struct clipboard_owner *owner);
	/* fd is handed over. */
	void (*wanted)(void *user, struct wayland_device *d, enum clipboard_kind kind, int fd);
	/* It claimed the selection: call wayland_device_settled when the compositor has seen that. */
	void (*claimed)(void *user, struct wayland_device *d);
};

struct wayland_device {
	const struct wayland_device_impl *impl;
	const struct wayland_device_events *events;
	void *user;
	enum clipboard_selection selection;
	void *manager, *proxy; /* owned; NULL: the compositor has no such thing */

	struct wayland_offer others[WAYLAND_OFFERS_MAX]; /* the newest at next - 1 */
	size_t next;
	struct wayland_offer current;

	void *source;                     /* owned; NULL: we own nothing */
	uint64_t mark;                    /* of this object, in the names of what it owns */
	bool cleared;                     /* what the source had is no more */
	bool due;                         /* content waits for the focus */
	unsigned claims;                  /* that the compositor has not seen yet */
	bool passed_over;                 /* another owner was told meanwhile */
	struct clipboard_content content; /* of the source, or what is due */
};

void wayland_device_open(struct wayland_device *d, struct wl_seat *seat);
void wayland_device_close(struct wayland_device *d);

/* Owns content from now on; without a serial (0), as soon as wayland_device_focus gives one: a
 * compositor takes it from nobody who has not the focus. */
void wayland_device_own(
	struct wayland_device *d, const struct clipboard_content *content, uint32_t serial);
void wayland_device_focus(struct wayland_device *d, uint32_t serial);
void wayland_device_clear(struct wayland_device *d);
void wayland_device_settled(struct wayland_device *d);

/* Asks for a kind of what others offer, to be written into fd, which stays the caller's. -ENOENT. */
int wayland_device_receive(struct wayland_device *d, enum clipboard_kind kind, int fd) MUST_CHECK;

/* --- what the protocols tell --- */
void wayland_device_offered(struct wayland_device *d, void *offer);
void wayland_device_named(struct wayland_device *d, void *offer, const char *name);
void wayland_device_selected(struct wayland_device *d, void *offer);
/* What was offered is of the other selection. */
void wayland_device_passed(struct wayland_device *d, void *offer);
void wayland_device_asked(struct wayland_device *d, void *source, const char *name, int fd);
void wayland_device_cancelled(struct wayland_device *d, void *source);
