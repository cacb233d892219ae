#include "server/agent/wlr/clipboard.h"

#include "common/base/fd.h"
#include "common/clipboard/wayland_base.h"
#include "server/agent/wlr/data_control.h"

#include <data-control-client-protocol.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <wayland-client.h>

/* What is waited for: the connection, and pipes. */
struct waited {
	int fd;
	uint32_t events;
	uint32_t
		pipe; /* its number: a descriptor's may be another pipe's by now. 0: the connection */
};

struct wlr_clipboard {
	struct wayland_base base;
	struct wl_display *display; /* owned, as all that follow */
	struct wl_registry *registry;
	struct wl_seat *seat;
	uint32_t version; /* of data control; 0: there is none */
	bool lost;        /* told */
	bool unsent;      /* the compositor takes no more now */
	int epoll_fd;     /* has all of `waited` */
	int former_fd;    /* what was polled in its place, to be closed; -1 none */
	bool former_told; /* that is not polled any more */
	struct waited waited[CLIPBOARD_LOCAL_FDS_MAX + 1];
	size_t waited_count;
};

static struct wlr_clipboard *clipboard_of(struct clipboard_local *l)
{
	return (struct wlr_clipboard *)l; /* its first field's first */
}

/* --- what the compositor has --- */

static void on_global(void *user, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct wlr_clipboard *c = user;

	if (!c->seat && strcmp(interface, wl_seat_interface.name) == 0) {
		c->seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
	} else if (!c->version &&
		   strcmp(interface, zwlr_data_control_manager_v1_interface.name) == 0) {
		c->version = MIN(version, (uint32_t)WLR_DATA_CONTROL_VERSION);
		/* Each device lets go of its own. */
		for (size_t i = 0; i < ARRAY_LEN(c->base.devices); i++)
			if (i != CLIPBOARD_PRIMARY ||
				c->version >=
					ZWLR_DATA_CONTROL_DEVICE_V1_SET_PRIMARY_SELECTION_SINCE_VERSION)
				c->base.devices[i].manager = wl_registry_bind(registry, name,
					&zwlr_data_control_manager_v1_interface, c->version);
	}
}

static void on_global_gone(void *user, struct wl_registry *registry, uint32_t name)
{
	(void)user;
	(void)registry;
	(void)name;
}

static const struct wl_registry_listener registry_listener = { .global = on_global,
	.global_remove = on_global_gone };

/* --- claims --- */

static void on_settled(void *user, struct wl_callback *callback, uint32_t data)
{
	(void)data;
	wl_callback_destroy(callback);
	wayland_device_settled(user);
}

static const struct wl_callback_listener settled_listener = { .done = on_settled };

static void on_claimed(void *user, struct wayland_device *d)
{
	struct wlr_clipboard *c = user;
	struct wl_callback *callback = wl_display_sync(c->display);

	if (callback)
		wl_callback_add_listener(callback, &settled_listener, d);
	else
		wayland_device_settled(d);
}

static const struct wayland_device_events device_events = {
	.changed = wayland_base_changed, .wanted = wayland_base_wanted, .claimed = on_claimed
};

static void own(struct clipboard_local *l, enum clipboard_selection selection,
	const struct clipboard_content *content)
{
	/* Any number will do for the serial that this protocol has not. */
	wayland_device_own(&clipboard_of(l)->base.devices[selection], content, 1);
}

/* --- descriptors --- */

static size_t list_waited(const struct wlr_clipboard *c, struct waited out[static 1])
{
	size_t count = 1;

	out[0] = (struct waited){ wl_display_get_fd(c->display),
		c->unsent ? EPOLLIN | EPOLLOUT : EPOLLIN, 0 };
	for (size_t i = 0; i < ARRAY_LEN(c->base.pipes.all); i++) {
		const struct wayland_pipe *p = &c->base.pipes.all[i];
		if (wayland_pipes_waits(p))
			out[count++] =
				(struct waited){ p->fd, p->writing ? EPOLLOUT : EPOLLIN, p->id };
	}
	return count;
}

static bool same_waited(const struct wlr_clipboard *c, const struct waited *now, size_t count)
{
	bool same = count == c->waited_count;

	for (size_t i = 0; same && i < count; i++)
		same = c->waited[i].fd == now[i].fd && c->waited[i].events == now[i].events &&
		       c->waited[i].pipe == now[i].pipe;
	return same;
}

/*
 * A set is made anew where it has changed: a pipe is closed at once, and what the set had of it would stay
 * there for as long as the other program keeps a copy.
 */
static int follow_pipes(struct wlr_clipboard *c)
{
	struct waited now[ARRAY_LEN(c->waited)];
	size_t count = list_waited(c, now);

	if (same_waited(c, now, count))
		return 0;
	int fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		struct epoll_event event = { .events = now[i].events };
		if (epoll_ctl(fd, EPOLL_CTL_ADD, now[i].fd, &event) == 0)
			continue;
		int r = -errno;
		fd_close(&fd);
		return r;
	}
	/* The one that is polled is closed when it is known to be no more; one that never was, at once. */
	if (c->former_fd >= 0 && !c->former_told) {
		fd_close(&c->epoll_fd);
	} else {
		fd_close(&c->former_fd);
		c->former_fd = c->epoll_fd;
		c->former_told = false;
	}
	c->epoll_fd = fd;
	c->waited_count = count;
	memcpy(c->waited, now, count * sizeof(now[0]));
	return 0;
}

static size_t fds(const struct clipboard_local *l, int out[static CLIPBOARD_LOCAL_FDS_MAX],
	bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX])
{
	const struct wlr_clipboard *c = (const struct wlr_clipboard *)l;

	if (c->lost)
		return 0;
	out[0] = c->epoll_fd;
	wants_write[0] = false;
	return 1;
}

static void lose(struct wlr_clipboard *c)
{
	if (c->lost)
		return;
	c->lost = true;
	c->base.local.listener->lost(c->base.local.user);
}

static void settle(struct wlr_clipboard *c)
{
	if (!c->lost && follow_pipes(c) < 0)
		lose(c);
}

/* --- the loop's part --- */

static int read_connection(struct wlr_clipboard *c)
{
	while (wl_display_prepare_read(c->display) != 0)
		if (wl_display_dispatch_pending(c->display) < 0)
			return -EIO;
	if (wl_display_read_events(c->display) < 0 && errno != EAGAIN)
		return -EIO;
	return wl_display_dispatch_pending(c->display) < 0 ? -EIO : 0;
}

static void dispatch(struct clipboard_local *l)
{
	struct wlr_clipboard *c = clipboard_of(l);

	if (c->lost)
		return;
	if (read_connection(c) < 0) {
		lose(c);
		return;
	}
	wayland_pipes_step(&c->base.pipes, l);
	settle(c);
}

static void flush(struct clipboard_local *l)
{
	struct wlr_clipboard *c = clipboard_of(l);

	if (c->former_told)
		fd_close(&c->former_fd);
	c->unsent = !c->lost && wl_display_flush(c->display) < 0;
	if (c->unsent && errno != EAGAIN)
		lose(c);
	settle(c);
	c->former_told = true; /* fds is asked for now */
}

static int tick(struct clipboard_local *l, uint64_t now_ms)
{
	int due_ms = wayland_base_tick(l, now_ms);

	settle(clipboard_of(l));
	return due_ms;
}

/* --- begin and end --- */

static void destroy(struct clipboard_local *l)
{
	struct wlr_clipboard *c = clipboard_of(l);

	if (!c)
		return;
	wayland_base_finish(&c->base);
	fd_close(&c->epoll_fd);
	fd_close(&c->former_fd);
	if (c->seat)
		wl_seat_destroy(c->seat);
	if (c->registry)
		wl_registry_destroy(c->registry);
	if (c->display) {
		wl_display_flush(c->display);
		wl_display_disconnect(c->display);
	}
	free(c);
}

static const struct clipboard_local_impl impl = {
	.name = "wlr",
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
	.tick = tick,
};

static int open_connection(struct wlr_clipboard *c, const char *name)
{
	c->display = wl_display_connect(name);
	if (!c->display)
		return errno ? -errno : -EIO;
	c->registry = wl_display_get_registry(c->display);
	if (!c->registry)
		return -ENOMEM;
	wl_registry_add_listener(c->registry, &registry_listener, c);
	if (wl_display_roundtrip(c->display) < 0)
		return -EIO;
	if (!c->seat || !c->version)
		return -ENOTSUP;
	wayland_base_open(&c->base, c->seat);
	return follow_pipes(c);
}

int wlr_clipboard_create(struct clipboard_local **out, const char *name)
{
	static const struct wayland_device_impl *const protocols[CLIPBOARD_SELECTION_COUNT] = {
		[CLIPBOARD_CLIPBOARD] = &wlr_data_control_clipboard_impl,
		[CLIPBOARD_PRIMARY] = &wlr_data_control_primary_impl,
	};
	uint64_t mark;

	if (getrandom(&mark, sizeof(mark), 0) != sizeof(mark))
		return -EIO;
	struct wlr_clipboard *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->epoll_fd = c->former_fd = -1;
	wayland_base_init(&c->base, &impl, protocols, &device_events, mark);
	int r = open_connection(c, name);
	if (r < 0) {
		destroy(&c->base.local);
		return r;
	}
	*out = &c->base.local;
	return 0;
}
