#include "tests/unit/clipboard/x11_rig.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what a clipboard calls --- */

static void on_owner(
	void *user, enum clipboard_selection selection, const struct clipboard_owner *owner)
{
	struct side *s = user;

	s->owner[selection] = *owner;
	s->told[selection]++;
}

static void go_on(struct side *s, struct rig_give *g)
{
	while (g->request) {
		size_t len = s->content_len - g->done;
		if (s->by_bytes)
			len = MIN(len, 1);
		bool end = g->done + len == s->content_len;
		size_t taken =
			s->local->impl->give(s->local, g->request, s->content + g->done, len, end);
		g->done += taken;
		if (taken < len)
			return;
		if (end)
			g->request = 0;
	}
}

static void on_wanted(
	void *user, uint32_t request, enum clipboard_selection selection, enum clipboard_kind kind)
{
	struct side *s = user;

	(void)selection;
	s->wanted++;
	s->last_request = request;
	s->last_kind = kind;
	if (s->refuses)
		s->local->impl->refuse(s->local, request);
	for (size_t i = 0; s->content && i < RIG_GIVES_MAX; i++)
		if (!s->gives[i].request) {
			s->gives[i] = (struct rig_give){ .request = request, .kind = kind };
			go_on(s, &s->gives[i]);
			return;
		}
}

static void on_room(void *user, uint32_t request)
{
	struct side *s = user;

	s->rooms++;
	for (size_t i = 0; i < RIG_GIVES_MAX; i++)
		if (s->gives[i].request == request)
			go_on(s, &s->gives[i]);
}

static void on_unwanted(void *user, uint32_t request)
{
	struct side *s = user;

	s->unwanted++;
	for (size_t i = 0; i < RIG_GIVES_MAX; i++)
		if (s->gives[i].request == request)
			s->gives[i].request = 0;
}

static void on_data(void *user, uint32_t read, const uint8_t *bytes, size_t len)
{
	struct side *s = user;

	if (read != s->read || buffer_append(&s->got, bytes, len) < 0)
		abort();
	s->datas++;
	if (!s->keeps_window)
		s->local->impl->read_more(s->local, read, len);
}

static void on_ended(void *user, uint32_t read, enum clipboard_end end)
{
	struct side *s = user;

	if (read != s->read)
		abort();
	s->ended = true;
	s->end = end;
}

static void on_lost(void *user)
{
	((struct side *)user)->lost = true;
}

static const struct clipboard_local_listener listener = {
	.owner_changed = on_owner,
	.wanted = on_wanted,
	.room = on_room,
	.unwanted = on_unwanted,
	.read_data = on_data,
	.read_ended = on_ended,
	.lost = on_lost,
};

/* --- the rig --- */

void rig_start(struct rig *r)
{
	*r = (struct rig){ 0 };
	harness_start_xvfb_sized(&r->h, "640x480x24");
	setenv("DISPLAY", r->h.display, 1);
}

void rig_finish(struct rig *r)
{
	while (r->side_count)
		rig_remove(r, r->sides[0]);
	harness_finish(&r->h);
}

void rig_add(struct rig *r, struct side *s)
{
	*s = (struct side){ 0 };
	buffer_init(&s->got, 65U << 20);
	if (x11_clipboard_create(&s->local, r->h.display) < 0)
		abort();
	s->local->listener = &listener;
	s->local->user = s;
	r->sides[r->side_count++] = s;
}

void rig_remove(struct rig *r, struct side *s)
{
	s->local->impl->destroy(s->local);
	buffer_finish(&s->got);
	for (size_t i = 0; i < r->side_count; i++)
		if (r->sides[i] == s) {
			r->sides[i] = r->sides[--r->side_count];
			return;
		}
}

void rig_turn(struct rig *r, int ms)
{
	struct pollfd fds[RIG_SIDES_MAX * CLIPBOARD_LOCAL_FDS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < r->side_count; i++) {
		struct clipboard_local *l = r->sides[i]->local;
		int fd[CLIPBOARD_LOCAL_FDS_MAX];
		bool wants_write[CLIPBOARD_LOCAL_FDS_MAX];
		l->impl->flush(l);
		int next_ms = l->impl->tick(l, clock_now_ms());
		l->impl->flush(l);
		if (next_ms >= 0)
			ms = MIN(ms, next_ms);
		size_t n = l->impl->fds(l, fd, wants_write);
		for (size_t k = 0; k < n; k++)
			fds[count++] = (struct pollfd){ .fd = fd[k], .events = POLLIN };
	}
	poll(fds, count, ms);
	for (size_t i = 0; i < r->side_count; i++)
		r->sides[i]->local->impl->dispatch(r->sides[i]->local);
}

void side_own(struct side *s, enum clipboard_selection selection, unsigned kinds, bool secret,
	uint64_t origin)
{
	const struct clipboard_content content = {
		.kinds = kinds, .secret = secret, .origin = origin
	};

	s->local->impl->own(s->local, selection, &content);
}

int side_read(
	struct side *s, enum clipboard_selection selection, enum clipboard_kind kind, size_t window)
{
	buffer_clear(&s->got);
	s->ended = false;
	return s->local->impl->read(s->local, selection, kind, window, &s->read);
}
