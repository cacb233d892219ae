#include "common/clipboard/x11_reader.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <xcb/xcbext.h>

#define WORD_BYTES 4

/* What is worth a question: a part of the protocol. As a window is used up there is room for less and
 * less; when all that fitted was asked for, 64 KiB took 14 questions, each a message to the other end. */
#define UNIT_BYTES (16U * 1024)
/* A small window is used as well. */
#define UNITS_A_WINDOW 4

void x11_reader_init(
	struct x11_reader *r, struct x11_base *x, const struct x11_reader_listener *listener)
{
	*r = (struct x11_reader){ .x = x, .listener = listener };
}

static struct x11_read *find(struct x11_reader *r, uint32_t id)
{
	for (size_t i = 0; i < X11_READS_MAX; i++)
		if (id && r->reads[i].id == id)
			return &r->reads[i];
	return NULL;
}

static struct x11_read *of_window(struct x11_reader *r, xcb_window_t window)
{
	for (size_t i = 0; i < X11_READS_MAX; i++)
		if (r->reads[i].id && r->reads[i].window == window)
			return &r->reads[i];
	return NULL;
}

static void forget(struct x11_reader *r, struct x11_read *read)
{
	if (read->fetching)
		xcb_discard_reply(r->x->connection, read->sequence);
	*read = (struct x11_read){ 0 };
}

/* With its window goes the property, and an owner in the middle of it learns that nobody reads on. */
static void release(struct x11_reader *r, struct x11_read *read)
{
	xcb_destroy_window(r->x->connection, read->window);
	forget(r, read);
}

/* The owner has said all, and may still say that it has: xsel sends its SelectionNotify after the last piece
 * of INCR, and dies of a window that is no more, with all that was copied. */
static void retire(struct x11_reader *r, struct x11_read *read)
{
	xcb_window_t *place = &r->retired[r->next_retired];

	if (*place)
		xcb_destroy_window(r->x->connection, *place);
	*place = read->window;
	r->next_retired = (r->next_retired + 1) % X11_RETIRED_MAX;
	xcb_delete_property(r->x->connection, read->window, r->x->atoms[X11_PROPERTY]);
	forget(r, read);
}

static void end(struct x11_reader *r, struct x11_read *read, int status)
{
	uint32_t id = read->id;
	bool dropped = read->state == X11_READ_DROPPED;

	if (status == 0 || dropped)
		retire(r, read);
	else
		release(r, read);
	if (!dropped)
		r->listener->ended(r->listener->user, id, status);
}

static uint32_t next_id(struct x11_reader *r)
{
	if (++r->last_id == 0)
		r->last_id = 1;
	return r->last_id;
}

/* The piece that lies there is deleted, and what follows. Nobody knows the read any more. */
static void drop(struct x11_reader *r, struct x11_read *read)
{
	if (read->fetching)
		xcb_discard_reply(r->x->connection, read->sequence);
	read->fetching = read->telling = false;
	read->id = next_id(r);
	read->state = X11_READ_DROPPED;
	read->deadline_ms = clock_now_ms() + X11_ANSWER_MS;
	xcb_delete_property(r->x->connection, read->window, r->x->atoms[X11_PROPERTY]);
}

/* One that is free, or that is only there for its owner's sake; NULL. */
static struct x11_read *free_read(struct x11_reader *r)
{
	struct x11_read *dropped = NULL;

	for (size_t i = 0; i < X11_READS_MAX; i++) {
		if (!r->reads[i].id)
			return &r->reads[i];
		if (r->reads[i].state == X11_READ_DROPPED)
			dropped = &r->reads[i];
	}
	if (dropped)
		release(r, dropped);
	return dropped;
}

int x11_reader_begin(struct x11_reader *r, const struct x11_question *question, uint32_t *id)
{
	struct x11_base *x = r->x;
	struct x11_read *read = free_read(r);

	if (!read)
		return -EBUSY;
	*read = (struct x11_read){ .id = next_id(r),
		.window = x11_base_make_window(x),
		.selection = question->selection,
		.window_bytes = question->window_bytes,
		.unit_bytes = MIN(question->window_bytes / question->widens / UNITS_A_WINDOW,
			(size_t)UNIT_BYTES),
		.widens = question->widens,
		.drops = question->drops,
		.deadline_ms = clock_now_ms() + X11_ANSWER_MS };
	xcb_convert_selection(x->connection, read->window, question->selection, question->target,
		x->atoms[X11_PROPERTY], question->time);
	*id = read->id;
	return 0;
}

/*
 * Asks for as much of the property as may be taken. The server deletes it when its last byte was read,
 * which tells the owner of an INCR transfer to put the next piece there.
 */
static void fetch(struct x11_reader *r, struct x11_read *read)
{
	size_t bytes = MIN(read->window_bytes / read->widens, (size_t)X11_PIECE_BYTES);
	size_t words = bytes / WORD_BYTES;

	if (read->state != X11_READ_PIECE || read->fetching || read->telling || words == 0 ||
		bytes < read->unit_bytes)
		return;
	read->fetching = true;
	read->sequence = xcb_get_property(r->x->connection, 1, read->window,
		r->x->atoms[X11_PROPERTY], XCB_GET_PROPERTY_TYPE_ANY, read->at, (uint32_t)words)
				 .sequence;
}

void x11_reader_more(struct x11_reader *r, uint32_t id, size_t bytes)
{
	struct x11_read *read = find(r, id);

	if (!read)
		return;
	read->window_bytes += bytes;
	fetch(r, read);
}

void x11_reader_stop(struct x11_reader *r, uint32_t id)
{
	struct x11_read *read = find(r, id);

	if (read && read->drops && read->incr)
		drop(r, read);
	else if (read)
		release(r, read);
}

void x11_reader_owner_gone(struct x11_reader *r, xcb_atom_t selection)
{
	for (size_t i = 0; i < X11_READS_MAX; i++) {
		struct x11_read *read = &r->reads[i];
		if (read->id && read->selection == selection && read->state != X11_READ_PIECE)
			end(r, read, -EPIPE);
	}
}

/* --- events --- */

static void on_notify(struct x11_reader *r, const xcb_selection_notify_event_t *e)
{
	struct x11_read *read = of_window(r, e->requestor);

	if (!read || read->state != X11_READ_ASKED)
		return;
	if (e->property == XCB_ATOM_NONE) {
		end(r, read, -ENOENT);
		return;
	}
	read->state = X11_READ_PIECE;
	fetch(r, read);
}

static void on_property(struct x11_reader *r, const xcb_property_notify_event_t *e)
{
	struct x11_read *read = of_window(r, e->window);

	if (!read || e->atom != r->x->atoms[X11_PROPERTY] || e->state != XCB_PROPERTY_NEW_VALUE)
		return;
	if (read->state == X11_READ_DROPPED) {
		read->deadline_ms = clock_now_ms() + X11_ANSWER_MS;
		xcb_delete_property(r->x->connection, read->window, e->atom);
	}
	if (read->state == X11_READ_PIECE)
		read->fresh =
			true; /* the answer that deletes the one before is still to be taken */
	if (read->state != X11_READ_NEXT)
		return;
	read->state = X11_READ_PIECE;
	fetch(r, read);
}

bool x11_reader_event(struct x11_reader *r, const xcb_generic_event_t *event)
{
	switch (event->response_type & 0x7f) {
	case XCB_SELECTION_NOTIFY:
		on_notify(r, (const xcb_selection_notify_event_t *)(const void *)event);
		return true;
	case XCB_PROPERTY_NOTIFY: {
		const xcb_property_notify_event_t *e =
			(const xcb_property_notify_event_t *)(const void *)event;
		on_property(r, e);
		return of_window(r, e->window) != NULL;
	}
	default:
		return false;
	}
}

/* --- what came --- */

/* The piece was taken as a whole, and the server has deleted it. */
static void piece_taken(struct x11_reader *r, struct x11_read *read)
{
	if (!read->incr || read->piece_bytes == 0) {
		end(r, read, 0);
		return;
	}
	read->at = 0;
	read->piece_bytes = 0;
	read->state = read->fresh ? X11_READ_PIECE : X11_READ_NEXT;
	read->fresh = false;
	read->deadline_ms = clock_now_ms() + X11_ANSWER_MS;
	fetch(r, read);
}

static void take(struct x11_reader *r, struct x11_read *read, xcb_get_property_reply_t *reply)
{
	size_t len = (size_t)xcb_get_property_value_length(reply);
	uint32_t id = read->id;

	if (reply->type == r->x->atoms[X11_INCR] && !read->incr) {
		read->incr = true;
		read->piece_bytes = 1; /* what stood there is a size, not the end */
		piece_taken(r, read);
		return;
	}
	if (reply->type == XCB_ATOM_NONE) { /* said to be there, and is not */
		end(r, read, -EPROTO);
		return;
	}
	read->piece_bytes += (uint32_t)len;
	read->at += (uint32_t)(len / WORD_BYTES);
	if (len > 0) {
		read->telling = true; /* who is told may ask for more at once */
		size_t used = r->listener->data(
			r->listener->user, id, reply->type, xcb_get_property_value(reply), len);
		if (read->id != id) /* stopped by who was told */
			return;
		read->telling = false;
		read->window_bytes -= MIN(read->window_bytes, used);
	}
	if (reply->bytes_after == 0)
		piece_taken(r, read);
	else
		fetch(r, read);
}

static void poll_one(struct x11_reader *r, struct x11_read *read)
{
	xcb_generic_error_t *error = NULL;
	void *reply = NULL;

	if (!read->fetching ||
		!xcb_poll_for_reply(r->x->connection, read->sequence, &reply, &error))
		return;
	read->fetching = false;
	if (reply)
		take(r, read, reply);
	else
		end(r, read, -EPROTO);
	free(reply);
	free(error);
}

void x11_reader_poll(struct x11_reader *r)
{
	for (size_t i = 0; i < X11_READS_MAX; i++)
		if (r->reads[i].id)
			poll_one(r, &r->reads[i]);
}

int x11_reader_tick(struct x11_reader *r, uint64_t now_ms)
{
	int next_ms = -1;

	for (size_t i = 0; i < X11_READS_MAX; i++) {
		struct x11_read *read = &r->reads[i];
		if (!read->id || read->state == X11_READ_PIECE)
			continue;
		if (now_ms >= read->deadline_ms) {
			end(r, read, -ETIMEDOUT);
			continue;
		}
		int left_ms = (int)(read->deadline_ms - now_ms);
		next_ms = clock_sooner_ms(next_ms, left_ms);
	}
	return next_ms;
}
