#include "common/clipboard/wayland_device.h"

#include "common/base/fd.h"

#include <errno.h>

void wayland_device_open(struct wayland_device *d, struct wl_seat *seat)
{
	if (d->manager && seat && !d->proxy)
		d->proxy = d->impl->open(d, seat);
}

static void drop_offer(struct wayland_device *d, struct wayland_offer *o)
{
	if (o->proxy)
		d->impl->offer_destroy(o->proxy);
	*o = (struct wayland_offer){ 0 };
}

static void drop_source(struct wayland_device *d)
{
	if (d->source)
		d->impl->source_destroy(d->source);
	d->source = NULL;
}

void wayland_device_close(struct wayland_device *d)
{
	for (size_t i = 0; i < WAYLAND_OFFERS_MAX; i++)
		drop_offer(d, &d->others[i]);
	drop_offer(d, &d->current);
	drop_source(d);
	if (d->proxy)
		d->impl->close(d->proxy);
	if (d->manager)
		d->impl->manager_destroy(d->manager);
	d->proxy = d->manager = NULL;
}

/* --- what we own --- */

static void claim(struct wayland_device *d, uint32_t serial)
{
	char mark[WAYLAND_NAME_BYTES];
	void *before = d->source;

	d->due = false;
	d->source = d->impl->source_new(d);
	if (d->source) {
		wayland_names_offer(
			d->content.kinds, d->content.secret, d->impl->source_name, d->source);
		wayland_names_mark(mark, d->content.origin, d->mark);
		d->impl->source_name(d->source, mark);
		d->impl->select(d->proxy, d->source, serial);
		d->claims++;
		d->passed_over = false;
		d->events->claimed(d->user, d);
	}
	d->cleared = false;
	if (before)
		d->impl->source_destroy(before);
}

void wayland_device_own(
	struct wayland_device *d, const struct clipboard_content *content, uint32_t serial)
{
	if (!d->proxy)
		return;
	d->content = *content;
	d->due = true;
	d->cleared = true; /* what was owned before is no more, also as long as this one waits */
	wayland_device_focus(d, serial);
}

void wayland_device_focus(struct wayland_device *d, uint32_t serial)
{
	if (d->due && serial)
		claim(d, serial);
}

void wayland_device_clear(struct wayland_device *d)
{
	d->due = false;
	d->cleared = true;
}

void wayland_device_asked(struct wayland_device *d, void *source, const char *name, int fd)
{
	enum clipboard_kind kind;
	size_t put = 0;

	/* Closed unwritten: an empty answer. */
	if (source == d->source && !d->cleared)
		switch (wayland_names_answer(name, &kind)) {
		case WAYLAND_ANSWER_KIND:
			if (d->content.kinds & CLIPBOARD_BIT(kind)) {
				d->events->wanted(d->user, d, kind, fd);
				return;
			}
			break;
		case WAYLAND_ANSWER_HINT:
			/* A few bytes; a pipe that is full has somebody who does not care. */
			if (fd_set_nonblock(fd) == 0 &&
				fd_write(fd, WAYLAND_HINT_VALUE, sizeof(WAYLAND_HINT_VALUE) - 1,
					&put) < 0)
				break;
			break;
		case WAYLAND_ANSWER_NONE:
			break;
		}
	fd_close(&fd);
}

void wayland_device_cancelled(struct wayland_device *d, void *source)
{
	if (source == d->source)
		drop_source(d);
	else
		d->impl->source_destroy(source);
}

/* --- what others offer --- */

void wayland_device_offered(struct wayland_device *d, void *offer)
{
	struct wayland_offer *o = &d->others[d->next];

	d->next = (d->next + 1) % WAYLAND_OFFERS_MAX;
	drop_offer(d, o);
	o->proxy = offer;
	d->impl->offer_listen(d, offer);
}

static struct wayland_offer *find(struct wayland_device *d, void *offer)
{
	for (size_t i = 0; offer && i < WAYLAND_OFFERS_MAX; i++)
		if (d->others[i].proxy == offer)
			return &d->others[i];
	return NULL;
}

void wayland_device_named(struct wayland_device *d, void *offer, const char *name)
{
	struct wayland_offer *o = find(d, offer);

	if (o)
		wayland_names_add(&o->names, name);
}

void wayland_device_passed(struct wayland_device *d, void *offer)
{
	struct wayland_offer *o = find(d, offer);

	if (o)
		drop_offer(d, o);
}

static void tell_owner(struct wayland_device *d)
{
	const struct wayland_names *n = &d->current.names;
	struct clipboard_owner owner = {
		.kinds = n->kinds,
		.secret = n->secret,
		.ours = d->source && n->owner == d->mark,
		.origin = n->origin,
	};

	/* Its own content is not to be read back. */
	if (owner.ours)
		drop_offer(d, &d->current);
	else
		d->due = false; /* the person copied here, after or without what waits */
	d->events->changed(d->user, d, &owner);
}

void wayland_device_selected(struct wayland_device *d, void *offer)
{
	struct wayland_offer *o = find(d, offer);
	const struct wayland_names *n = &d->current.names;

	drop_offer(d, &d->current);
	if (o) {
		d->current = *o;
		*o = (struct wayland_offer){ 0 };
	}
	bool ours = d->source && n->owner == d->mark;
	/* Nobody else's copy is newer than what waits for the focus, as long as there is none. */
	if (d->due && !d->current.proxy)
		return;
	/* Before our claim arrived there somebody else copied: that is over, or will be told. */
	d->passed_over = d->claims > 0 && !ours;
	if (!d->passed_over)
		tell_owner(d);
}

void wayland_device_settled(struct wayland_device *d)
{
	d->claims -= d->claims > 0;
	/* The claim was not taken: the focus had gone. */
	if (d->claims == 0 && d->passed_over) {
		d->passed_over = false;
		tell_owner(d);
	}
}

int wayland_device_receive(struct wayland_device *d, enum clipboard_kind kind, int fd)
{
	const char *name = d->current.proxy ? d->current.names.ask[kind] : NULL;

	if (!name)
		return -ENOENT;
	d->impl->offer_receive(d->current.proxy, name, fd);
	return 0;
}
