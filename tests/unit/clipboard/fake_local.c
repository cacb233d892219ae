#include "tests/unit/clipboard/fake_local.h"

#include <errno.h>
#include <string.h>

static struct fake_local *fake_of(struct clipboard_local *l)
{
	return (struct fake_local *)l; /* its first member */
}

static void destroy(struct clipboard_local *l)
{
	(void)l;
}

static void own(struct clipboard_local *l, enum clipboard_selection selection,
	const struct clipboard_content *content)
{
	struct fake_local *f = fake_of(l);
	const struct clipboard_owner ours = {
		.kinds = content->kinds, .ours = true, .origin = content->origin
	};

	f->owned[selection] = true;
	f->cleared[selection] = false;
	f->content[selection] = *content;
	l->listener->owner_changed(l->user, selection, &ours);
}

static void clear(struct clipboard_local *l, enum clipboard_selection selection)
{
	fake_of(l)->cleared[selection] = true;
}

static struct fake_read *read_of(struct fake_local *f, uint32_t read)
{
	for (size_t i = 0; i < FAKE_READS_MAX; i++)
		if (f->reads[i].read == read)
			return &f->reads[i];
	return NULL;
}

static int read_begin(struct clipboard_local *l, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t window, uint32_t *read)
{
	struct fake_local *f = fake_of(l);
	struct fake_read *r = read_of(f, 0);

	if (!f->bytes[selection][kind])
		return -ENOENT;
	if (!r)
		return -EBUSY;
	*r = (struct fake_read){
		.read = ++f->last, .selection = selection, .kind = kind, .window = window
	};
	f->read_count++;
	*read = r->read;
	return 0;
}

static void read_more(struct clipboard_local *l, uint32_t read, size_t bytes)
{
	struct fake_read *r = read_of(fake_of(l), read);

	if (r)
		r->window += bytes;
}

static void stop(struct clipboard_local *l, uint32_t read)
{
	struct fake_read *r = read_of(fake_of(l), read);

	if (r)
		*r = (struct fake_read){ 0 };
}

static struct fake_request *request_of(struct fake_local *f, uint32_t request)
{
	for (size_t i = 0; i < FAKE_REQUESTS_MAX; i++)
		if (f->requests[i].request == request)
			return &f->requests[i];
	return NULL;
}

static size_t give(
	struct clipboard_local *l, uint32_t request, const uint8_t *bytes, size_t len, bool end)
{
	struct fake_request *r = request_of(fake_of(l), request);
	size_t taken = MIN(len, r->room);

	if (taken > 0 && buffer_append(&r->got, bytes, taken) < 0)
		return 0;
	r->room -= taken;
	r->ended = end && taken == len;
	return taken;
}

static void refuse(struct clipboard_local *l, uint32_t request)
{
	request_of(fake_of(l), request)->refused = true;
}

static const struct clipboard_local_impl impl = {
	.name = "fake",
	.destroy = destroy,
	.own = own,
	.clear = clear,
	.read = read_begin,
	.read_more = read_more,
	.stop = stop,
	.give = give,
	.refuse = refuse,
};

void fake_local_init(struct fake_local *f)
{
	memset(f, 0, sizeof(*f));
	f->local.impl = &impl;
}

void fake_local_finish(struct fake_local *f)
{
	for (size_t i = 0; i < FAKE_REQUESTS_MAX; i++)
		buffer_finish(&f->requests[i].got);
}

void fake_copy_as(struct fake_local *f, enum clipboard_selection selection,
	enum clipboard_kind kind, const void *bytes, size_t len,
	const struct clipboard_owner *owner)
{
	memset(f->bytes[selection], 0, sizeof(f->bytes[selection]));
	f->bytes[selection][kind] = bytes;
	f->len[selection][kind] = len;
	f->owned[selection] = false;
	f->local.listener->owner_changed(f->local.user, selection, owner);
}

void fake_copy(struct fake_local *f, enum clipboard_selection selection, enum clipboard_kind kind,
	const void *bytes, size_t len)
{
	const struct clipboard_owner owner = { .kinds = CLIPBOARD_BIT(kind) };

	fake_copy_as(f, selection, kind, bytes, len, &owner);
}

static void tell(struct fake_local *f, struct fake_read *r)
{
	const struct clipboard_local_listener *listener = f->local.listener;
	const uint8_t *bytes = f->bytes[r->selection][r->kind];
	size_t left = f->len[r->selection][r->kind] - r->at, len = MIN(left, r->window);
	uint32_t read = r->read;
	size_t at = r->at;

	r->at += len;
	r->window -= len;
	f->read_bytes += len;
	if (len > 0)
		listener->read_data(f->local.user, read, bytes + at, len);
	if (r->read != read || len < left)
		return;
	*r = (struct fake_read){ 0 };
	listener->read_ended(f->local.user, read, CLIPBOARD_WHOLE);
}

void fake_step(struct fake_local *f)
{
	for (size_t i = 0; i < FAKE_READS_MAX; i++)
		if (f->reads[i].read != 0)
			tell(f, &f->reads[i]);
}

struct fake_request *fake_paste(struct fake_local *f, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t room)
{
	struct fake_request *r = request_of(f, 0);

	r->request = ++f->last;
	r->room = room;
	buffer_init(&r->got, SIZE_MAX / 2);
	f->local.listener->wanted(f->local.user, r->request, selection, kind);
	return r;
}

void fake_drain(struct fake_local *f, struct fake_request *r, size_t room)
{
	r->room = room;
	f->local.listener->room(f->local.user, r->request);
}
