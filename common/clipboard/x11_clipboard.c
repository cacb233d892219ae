#include "common/clipboard/x11_clipboard.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/clipboard/x11_selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/xcbext.h>

/* Contents that are read at once; the other reads are for names. */
#define CONTENTS_MAX (X11_READS_MAX - 2 * CLIPBOARD_SELECTION_COUNT)

/* What ISO 8859-1 becomes longer by in UTF-8, at most. */
#define LATIN1_WIDENS 2
#define WIDEN_BYTES   4096 /* at once */

struct content_read {
	uint32_t id; /* 0: free */
	enum clipboard_kind kind;
	size_t bytes; /* that came */
};

struct x11_clipboard {
	struct clipboard_local base;
	struct x11_base x;
	struct x11_owned owned[CLIPBOARD_SELECTION_COUNT];
	struct x11_selection selections[CLIPBOARD_SELECTION_COUNT];
	struct x11_reader_listener of_reader;
	struct x11_reader reader;
	struct x11_requests_listener of_requests;
	struct x11_requests requests;
	struct content_read contents[CONTENTS_MAX];
	bool lost;
};

static struct x11_clipboard *of(struct clipboard_local *l)
{
	return (struct x11_clipboard *)(void *)l;
}

/* --- what is read --- */

static struct content_read *find(struct x11_clipboard *c, uint32_t id)
{
	for (size_t i = 0; i < CONTENTS_MAX; i++)
		if (id && c->contents[i].id == id)
			return &c->contents[i];
	return NULL;
}

static void end_read(struct x11_clipboard *c, struct content_read *read, enum clipboard_end how)
{
	uint32_t id = read->id;

	*read = (struct content_read){ 0 };
	c->base.listener->read_ended(c->base.user, id, how);
}

/* Each byte of ISO 8859-1 is the character of that number. */
static size_t widen(uint8_t *out, const uint8_t *text, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x80) {
			out[to++] = text[i];
			continue;
		}
		out[to++] = (uint8_t)(0xc0 | text[i] >> 6);
		out[to++] = (uint8_t)(0x80 | (text[i] & 0x3f));
	}
	return to;
}

/* Returns how much of the window that took. */
static size_t tell_latin1(struct x11_clipboard *c, uint32_t id, const uint8_t *text, size_t len)
{
	uint8_t wide[LATIN1_WIDENS * WIDEN_BYTES];
	size_t told = 0;

	for (size_t at = 0; at < len && find(c, id); at += WIDEN_BYTES) {
		size_t wide_len = widen(wide, text + at, MIN(len - at, (size_t)WIDEN_BYTES));
		c->base.listener->read_data(c->base.user, id, wide, wide_len);
		told += wide_len;
	}
	secure_wipe(wide, sizeof(wide));
	return told;
}

static size_t on_data(void *user, uint32_t id, xcb_atom_t type, const void *bytes, size_t len)
{
	struct x11_clipboard *c = user;
	struct content_read *read = find(c, id);

	if (!read) {
		for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++)
			if (x11_selection_data(&c->selections[i], id, bytes, len))
				break;
		return len;
	}
	if (len > clipboard_kind_max_bytes(read->kind) - read->bytes) {
		x11_reader_stop(&c->reader, id);
		end_read(c, read, CLIPBOARD_TOO_LARGE);
		return 0;
	}
	read->bytes += len;
	if (read->kind == CLIPBOARD_TEXT && type == XCB_ATOM_STRING)
		return tell_latin1(c, id, bytes, len);
	c->base.listener->read_data(c->base.user, id, bytes, len);
	return len;
}

static enum clipboard_end end_of(int status)
{
	switch (status) {
	case 0:
		return CLIPBOARD_WHOLE;
	case -EPIPE:
		return CLIPBOARD_GONE;
	case -ETIMEDOUT:
		return CLIPBOARD_LATE;
	default:
		return CLIPBOARD_REFUSED;
	}
}

static void on_ended(void *user, uint32_t id, int status)
{
	struct x11_clipboard *c = user;
	struct content_read *read = find(c, id);

	if (read) {
		end_read(c, read, end_of(status));
		return;
	}
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++)
		if (x11_selection_ended(&c->selections[i], id, status))
			return;
}

/* -ENOENT, -EBUSY. */
static int begin_read(struct clipboard_local *l, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t window, uint32_t *read)
{
	struct x11_clipboard *c = of(l);
	const struct x11_selection *s = &c->selections[selection];
	const struct x11_question question = { .selection = s->owned->selection,
		.target = s->offer.target[kind],
		.time = s->since,
		.window_bytes = window,
		.widens = kind == CLIPBOARD_TEXT ? LATIN1_WIDENS : 1,
		.drops = s->origin == 0 };

	if (c->lost || !(s->offer.kinds & CLIPBOARD_BIT(kind)))
		return -ENOENT;
	for (size_t i = 0; i < CONTENTS_MAX; i++) {
		struct content_read *free_one = &c->contents[i];
		if (free_one->id)
			continue;
		int r = x11_reader_begin(&c->reader, &question, &free_one->id);
		if (r < 0)
			return r;
		free_one->kind = kind;
		free_one->bytes = 0;
		*read = free_one->id;
		return 0;
	}
	return -EBUSY;
}

static void read_more(struct clipboard_local *l, uint32_t read, size_t bytes)
{
	x11_reader_more(&of(l)->reader, read, bytes);
}

static void stop(struct clipboard_local *l, uint32_t read)
{
	struct content_read *stopped = find(of(l), read);

	if (!stopped)
		return;
	x11_reader_stop(&of(l)->reader, read);
	*stopped = (struct content_read){ 0 };
}

/* --- what is given --- */

static void on_wanted(void *user, uint32_t request, size_t owned, enum clipboard_kind kind)
{
	const struct x11_clipboard *c = user;

	c->base.listener->wanted(c->base.user, request, (enum clipboard_selection)owned, kind);
}

static void on_room(void *user, uint32_t request)
{
	const struct x11_clipboard *c = user;

	c->base.listener->room(c->base.user, request);
}

static void on_unwanted(void *user, uint32_t request)
{
	const struct x11_clipboard *c = user;

	c->base.listener->unwanted(c->base.user, request);
}

static void own(struct clipboard_local *l, enum clipboard_selection selection,
	const struct clipboard_content *content)
{
	if (!of(l)->lost)
		x11_selection_own(&of(l)->selections[selection], content);
}

static void clear(struct clipboard_local *l, enum clipboard_selection selection)
{
	x11_selection_clear(&of(l)->selections[selection]);
}

static size_t give(
	struct clipboard_local *l, uint32_t request, const uint8_t *bytes, size_t len, bool end)
{
	return x11_requests_give(&of(l)->requests, request, bytes, len, end, clock_now_ms());
}

static void refuse(struct clipboard_local *l, uint32_t request)
{
	x11_requests_refuse(&of(l)->requests, request);
}

/* --- events --- */

static void tell_owner(struct x11_clipboard *c, enum clipboard_selection selection)
{
	struct x11_selection *s = &c->selections[selection];
	struct clipboard_owner owner = { .kinds = s->offer.kinds,
		.secret = s->offer.secret,
		.ours = s->owned->owned,
		.origin = s->origin };

	s->changed = false;
	if (owner.ours) {
		owner.kinds = s->owned->kinds;
		owner.secret = s->owned->secret;
		owner.origin = s->owned->origin;
	}
	c->base.listener->owner_changed(c->base.user, selection, &owner);
}

static void on_owner(struct x11_clipboard *c, const xcb_xfixes_selection_notify_event_t *e)
{
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++)
		if (c->owned[i].selection == e->selection)
			x11_selection_owner(&c->selections[i], e);
}

static void on_own_property(struct x11_clipboard *c, const xcb_property_notify_event_t *e)
{
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++)
		x11_selection_stamp(&c->selections[i], e->time);
}

static void take_event(struct x11_clipboard *c, const xcb_generic_event_t *event)
{
	uint8_t kind = event->response_type & 0x7f;
	const void *e = event;

	if (kind == c->x.xfixes_event + XCB_XFIXES_SELECTION_NOTIFY)
		on_owner(c, e);
	else if (kind == XCB_PROPERTY_NOTIFY &&
		 ((const xcb_property_notify_event_t *)e)->window == c->x.window)
		on_own_property(c, e);
	else if (!x11_reader_event(&c->reader, event))
		x11_requests_event(&c->requests, event, clock_now_ms());
}

static void take_answers(struct x11_clipboard *c)
{
	x11_reader_poll(&c->reader);
	x11_requests_poll(&c->requests);
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++) {
		x11_selection_poll(&c->selections[i], clock_now_ms());
		if (c->selections[i].changed)
			tell_owner(c, (enum clipboard_selection)i);
	}
}

/* XCB reads whenever it writes, and no poll tells of what it read: so until a round has read nothing. */
static void dispatch(struct clipboard_local *l)
{
	struct x11_clipboard *c = of(l);
	xcb_generic_event_t *event;
	uint64_t read;

	if (c->lost)
		return;
	do {
		read = xcb_total_read(c->x.connection);
		while ((event = xcb_poll_for_event(c->x.connection)) != NULL) {
			take_event(c, event);
			free(event);
		}
		take_answers(c);
		xcb_flush(c->x.connection);
	} while (xcb_total_read(c->x.connection) != read);
	if (!xcb_connection_has_error(c->x.connection))
		return;
	c->lost = true;
	log_warn("the connection to the display's clipboard broke");
	l->listener->lost(l->user);
}

static size_t fds(const struct clipboard_local *l, int out[static CLIPBOARD_LOCAL_FDS_MAX],
	bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX])
{
	const struct x11_clipboard *c = (const struct x11_clipboard *)(const void *)l;

	if (c->lost)
		return 0;
	out[0] = xcb_get_file_descriptor(c->x.connection);
	wants_write[0] = false;
	return 1;
}

static int tick(struct clipboard_local *l, uint64_t now_ms)
{
	struct x11_clipboard *c = of(l);
	int next_ms = -1;

	if (c->lost)
		return -1;
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++)
		next_ms = clock_sooner_ms(next_ms, x11_selection_tick(&c->selections[i], now_ms));
	next_ms = clock_sooner_ms(next_ms, x11_reader_tick(&c->reader, now_ms));
	return clock_sooner_ms(next_ms, x11_requests_tick(&c->requests, now_ms));
}

/* --- opening and closing --- */

static void destroy(struct clipboard_local *l)
{
	struct x11_clipboard *c = of(l);

	if (!l)
		return;
	x11_requests_finish(&c->requests);
	if (c->x.connection)
		xcb_flush(c->x.connection);
	x11_base_close(&c->x);
	free(c);
}

static const struct clipboard_local_impl impl = {
	.name = "X11",
	.destroy = destroy,
	.own = own,
	.clear = clear,
	.read = begin_read,
	.read_more = read_more,
	.stop = stop,
	.give = give,
	.refuse = refuse,
	.fds = fds,
	.dispatch = dispatch,
	.flush = dispatch,
	.tick = tick,
};

int x11_clipboard_create(struct clipboard_local **out, const char *display)
{
	struct x11_clipboard *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->base.impl = &impl;
	int r = x11_base_open(&c->x, display);
	if (r < 0) {
		free(c);
		return r;
	}
	c->of_reader = (struct x11_reader_listener){ c, on_data, on_ended };
	x11_reader_init(&c->reader, &c->x, &c->of_reader);
	c->of_requests = (struct x11_requests_listener){ c, on_wanted, on_room, on_unwanted };
	x11_requests_init(&c->requests, &c->x, &c->of_requests, c->owned);
	c->owned[CLIPBOARD_CLIPBOARD].selection = c->x.atoms[X11_CLIPBOARD];
	c->owned[CLIPBOARD_PRIMARY].selection = XCB_ATOM_PRIMARY;
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++)
		x11_selection_init(
			&c->selections[i], &c->x, &c->reader, &c->owned[i], i == CLIPBOARD_PRIMARY);
	*out = &c->base;
	return 0;
}
