#include "common/clipboard/wayland_base.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>

static struct wayland_base *base_of(struct clipboard_local *l)
{
	return (struct wayland_base *)l; /* its first field */
}

/* --- what the devices tell --- */

void wayland_base_changed(void *base, struct wayland_device *d, const struct clipboard_owner *owner)
{
	struct wayland_base *b = base;

	if (b->local.listener)
		b->local.listener->owner_changed(b->local.user, d->selection, owner);
}

void wayland_base_wanted(void *base, struct wayland_device *d, enum clipboard_kind kind, int fd)
{
	struct wayland_base *b = base;
	struct wayland_pipe *pipe = wayland_pipes_add(&b->pipes, fd, true);

	if (!pipe)
		return;
	pipe->selection = d->selection;
	pipe->kind = kind;
	b->local.listener->wanted(b->local.user, pipe->id, d->selection, kind);
}

/* --- the table --- */

void wayland_base_clear(struct clipboard_local *l, enum clipboard_selection selection)
{
	wayland_device_clear(&base_of(l)->devices[selection]);
}

int wayland_base_read(struct clipboard_local *l, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t window, uint32_t *read)
{
	struct wayland_base *b = base_of(l);
	int ends[2];
	int r = fd_pipe(ends);

	if (r < 0)
		return r;
	r = wayland_device_receive(&b->devices[selection], kind, ends[1]);
	fd_close(&ends[1]); /* libwayland has one of its own */
	if (r < 0) {
		fd_close(&ends[0]);
		return r;
	}
	struct wayland_pipe *pipe = wayland_pipes_add(&b->pipes, ends[0], false);
	if (!pipe)
		return -EBUSY;
	pipe->selection = selection;
	pipe->kind = kind;
	pipe->window_bytes = window;
	*read = pipe->id;
	return 0;
}

void wayland_base_read_more(struct clipboard_local *l, uint32_t read, size_t bytes)
{
	struct wayland_pipe *pipe = wayland_pipes_find(&base_of(l)->pipes, read, false);

	if (!pipe)
		return;
	if (pipe->window_bytes == 0) /* its owner waited for us */
		pipe->moved_ms = clock_now_ms();
	pipe->window_bytes += bytes;
}

void wayland_base_stop(struct clipboard_local *l, uint32_t read)
{
	struct wayland_pipe *pipe = wayland_pipes_find(&base_of(l)->pipes, read, false);

	if (pipe)
		wayland_pipes_close(pipe);
}

size_t wayland_base_give(
	struct clipboard_local *l, uint32_t request, const uint8_t *bytes, size_t len, bool end)
{
	struct wayland_pipe *pipe = wayland_pipes_find(&base_of(l)->pipes, request, true);

	if (!pipe)
		return 0;
	size_t done = wayland_pipes_write(pipe, bytes, len);
	if (end && done == len)
		wayland_pipes_close(pipe);
	return done;
}

void wayland_base_refuse(struct clipboard_local *l, uint32_t request)
{
	struct wayland_pipe *pipe = wayland_pipes_find(&base_of(l)->pipes, request, true);

	if (pipe)
		wayland_pipes_close(pipe);
}

int wayland_base_tick(struct clipboard_local *l, uint64_t now_ms)
{
	struct wayland_base *b = base_of(l);

	wayland_pipes_expire(&b->pipes, l, now_ms);
	return wayland_pipes_due_ms(&b->pipes, now_ms);
}

/* --- begin and end --- */

void wayland_base_init(struct wayland_base *b, const struct clipboard_local_impl *impl,
	const struct wayland_device_impl *const protocols[static CLIPBOARD_SELECTION_COUNT],
	const struct wayland_device_events *events, uint64_t mark)
{
	b->local.impl = impl;
	for (size_t i = 0; i < ARRAY_LEN(b->devices); i++) {
		b->devices[i].impl = protocols[i];
		b->devices[i].events = events;
		b->devices[i].user = b;
		b->devices[i].selection = (enum clipboard_selection)i;
		b->devices[i].mark = mark | 1; /* 0 is nobody's */
	}
}

void wayland_base_open(struct wayland_base *b, struct wl_seat *seat)
{
	for (size_t i = 0; i < ARRAY_LEN(b->devices); i++)
		wayland_device_open(&b->devices[i], seat);
}

void wayland_base_finish(struct wayland_base *b)
{
	wayland_pipes_finish(&b->pipes);
	for (size_t i = 0; i < ARRAY_LEN(b->devices); i++)
		wayland_device_close(&b->devices[i]);
}
