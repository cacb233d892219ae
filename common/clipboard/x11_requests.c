#include "common/clipboard/x11_requests.h"

#include "common/base/clock.h"

#include "common/base/serial.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/xcbext.h>

#define WORD_BYTES 4
#define BAD_WINDOW 3 /* X11 protocol, appendix B: Window */

void x11_requests_init(struct x11_requests *r, struct x11_base *x,
	const struct x11_requests_listener *listener, const struct x11_owned *owned)
{
	*r = (struct x11_requests){ .x = x, .listener = listener, .owned = owned };
}

/* --- answering --- */

static void reply(struct x11_requests *r, struct x11_request *q)
{
	const struct x11_part *first = &q->parts[0];
	xcb_selection_notify_event_t answer = {
		.response_type = XCB_SELECTION_NOTIFY,
		.time = q->event.time,
		.requestor = q->event.requestor,
		.selection = q->event.selection,
		.target = q->event.target,
		.property = q->multiple ? q->event.property : first->property,
	};
	char sent[32] = { 0 }; /* an event has 32 bytes, this one uses 24 */

	if (q->multiple) /* with nothing where a part was refused */
		xcb_change_property(r->x->connection, XCB_PROP_MODE_REPLACE, q->event.requestor,
			q->event.property, r->x->atoms[X11_ATOM_PAIR], 32,
			(uint32_t)(2 * q->part_count), q->parts);
	memcpy(sent, &answer, sizeof(answer));
	xcb_send_event(r->x->connection, 0, q->event.requestor, 0, sent);
	*q = (struct x11_request){ 0 };
}

static void part_answered(
	struct x11_requests *r, struct x11_request *q, struct x11_part *part, bool given)
{
	if (!given)
		part->property = XCB_ATOM_NONE;
	if (--q->pending == 0)
		reply(r, q);
}

/* What is asked for as a whole gets nothing. */
static void refuse_event(struct x11_requests *r, const xcb_selection_request_event_t *event)
{
	struct x11_request q = { .event = *event };

	reply(r, &q);
}

static void put(struct x11_requests *r, const struct x11_request *q, const struct x11_part *part,
	xcb_atom_t type, uint8_t format, size_t count, const void *values)
{
	xcb_change_property(r->x->connection, XCB_PROP_MODE_REPLACE, q->event.requestor,
		part->property, type, format, (uint32_t)count, values);
}

static void put_targets(
	struct x11_requests *r, const struct x11_request *q, const struct x11_part *part)
{
	xcb_atom_t list[X11_ATOM_COUNT];
	unsigned kinds = q->owned->kinds ? q->owned->kinds : CLIPBOARD_BIT(CLIPBOARD_TEXT);

	size_t count = x11_targets_list(r->x->atoms, kinds, q->owned->secret, list);
	put(r, q, part, XCB_ATOM_ATOM, 32, count, list);
}

static void put_origin(
	struct x11_requests *r, const struct x11_request *q, const struct x11_part *part)
{
	uint8_t bytes[X11_ORIGIN_BYTES];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(q->owned->origin >> 8 * (sizeof(bytes) - 1 - i));
	put(r, q, part, r->x->atoms[X11_ORIGIN], 8, sizeof(bytes), bytes);
}

/* Questions about the selection itself. */
static bool put_about(
	struct x11_requests *r, const struct x11_request *q, const struct x11_part *part)
{
	const xcb_atom_t *atoms = r->x->atoms;
	struct x11_answer empty;

	if (part->target == atoms[X11_TARGETS])
		put_targets(r, q, part);
	else if (part->target == atoms[X11_TIMESTAMP])
		put(r, q, part, XCB_ATOM_INTEGER, 32, 1, &q->owned->since);
	else if (part->target == atoms[X11_SAVE_TARGETS]) /* there is nothing to save */
		put(r, q, part, atoms[X11_NULL], 32, 0, NULL);
	else if (part->target == atoms[X11_HINT] && q->owned->secret)
		put(r, q, part, atoms[X11_HINT], 8, strlen("secret"), "secret");
	else if (part->target == atoms[X11_ORIGIN])
		put_origin(r, q, part);
	else if (!q->owned->kinds &&
		 x11_targets_answer(atoms, part->target, CLIPBOARD_BIT(CLIPBOARD_TEXT), &empty))
		put(r, q, part, empty.type, 8, 0, NULL);
	else
		return false;
	return true;
}

/* --- answers that take time --- */

static bool is_requestor(const struct x11_requests *r, xcb_window_t window)
{
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++)
		if (r->transfers[i].transfer.id && r->transfers[i].transfer.requestor == window)
			return true;
	return false;
}

/* Begins or ends to hear of a requestor: of pieces that it takes, and of its end. */
static void watch(struct x11_requests *r, xcb_window_t window, uint32_t mask)
{
	xcb_change_window_attributes(r->x->connection, window, XCB_CW_EVENT_MASK, &mask);
}

static void release(struct x11_requests *r, size_t i)
{
	xcb_window_t window = r->transfers[i].transfer.requestor;

	x11_transfer_finish(&r->transfers[i].transfer);
	r->transfers[i].request = NULL;
	if (!is_requestor(r, window))
		watch(r, window, 0);
}

/* After each step of a transfer. */
static void follow(struct x11_requests *r, size_t i)
{
	struct x11_transfer *t = &r->transfers[i].transfer;
	struct x11_request *q = r->transfers[i].request;

	if (q && t->state != X11_TRANSFER_GATHERING) {
		r->transfers[i].request = NULL;
		part_answered(
			r, q, &q->parts[r->transfers[i].part], t->state != X11_TRANSFER_FAILED);
	}
	if (t->ended && (t->state == X11_TRANSFER_DONE || t->state == X11_TRANSFER_FAILED))
		release(r, i);
}

static size_t free_transfer(const struct x11_requests *r)
{
	size_t i = 0;

	while (i < X11_REQUESTS_MAX && r->transfers[i].transfer.id)
		i++;
	return i;
}

static bool begin_transfer(struct x11_requests *r, struct x11_request *q, size_t part)
{
	size_t i = free_transfer(r);
	struct x11_answer answer;

	if (i == X11_REQUESTS_MAX ||
		!x11_targets_answer(r->x->atoms, q->parts[part].target, q->owned->kinds, &answer))
		return false;
	if (++r->last_id == 0)
		r->last_id = 1;
	if (!is_requestor(r, q->event.requestor))
		watch(r, q->event.requestor,
			XCB_EVENT_MASK_PROPERTY_CHANGE | XCB_EVENT_MASK_STRUCTURE_NOTIFY);
	x11_transfer_init(&r->transfers[i].transfer, r->x, r->last_id, q->event.requestor,
		q->parts[part].property, &answer);
	r->transfers[i].request = q;
	r->transfers[i].part = part;
	r->listener->wanted(
		r->listener->user, r->last_id, (size_t)(q->owned - r->owned), answer.kind);
	return true;
}

static void answer_parts(struct x11_requests *r, struct x11_request *q)
{
	size_t count = q->part_count;

	q->pending = (unsigned)count + 1; /* not before all were looked at */
	for (size_t i = 0; i < count; i++) {
		struct x11_part *part = &q->parts[i];
		bool named = part->property != XCB_ATOM_NONE;
		if (named && put_about(r, q, part))
			part_answered(r, q, part, true);
		else if (!named || !begin_transfer(r, q, i))
			part_answered(r, q, part, false);
	}
	if (--q->pending == 0)
		reply(r, q);
}

/* --- questions --- */

static const struct x11_owned *owned_at(
	const struct x11_requests *r, const xcb_selection_request_event_t *e)
{
	for (size_t i = 0; i < CLIPBOARD_SELECTION_COUNT; i++) {
		const struct x11_owned *o = &r->owned[i];
		/* Who asks for what was there before gets nothing (ICCCM, section 2.2). */
		if (o->owned && o->selection == e->selection &&
			(e->time == XCB_CURRENT_TIME || serial_reached(e->time, o->since)))
			return o;
	}
	return NULL;
}

static struct x11_request *free_request(struct x11_requests *r)
{
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++)
		if (!r->requests[i].used)
			return &r->requests[i];
	return NULL;
}

static void on_request(struct x11_requests *r, const xcb_selection_request_event_t *event)
{
	const struct x11_owned *owned = owned_at(r, event);
	struct x11_request *q = free_request(r);
	bool multiple = event->target == r->x->atoms[X11_MULTIPLE];

	if (!owned || !q || (multiple && event->property == XCB_ATOM_NONE)) {
		refuse_event(r, event);
		return;
	}
	*q = (struct x11_request){
		.used = true, .event = *event, .owned = owned, .multiple = multiple
	};
	if (multiple) {
		q->fetching = true;
		q->sequence = xcb_get_property(r->x->connection, 0, event->requestor,
			event->property, r->x->atoms[X11_ATOM_PAIR], 0, 2 * X11_REQUEST_PARTS_MAX)
				      .sequence;
		return;
	}
	q->part_count = 1;
	q->parts[0].target = event->target;
	/* Programs from before there was a property to name (ICCCM, section 2.2). */
	q->parts[0].property = event->property ? event->property : event->target;
	answer_parts(r, q);
}

static void take_parts(
	struct x11_requests *r, struct x11_request *q, const xcb_get_property_reply_t *list)
{
	size_t bytes = list ? (size_t)xcb_get_property_value_length(list) : 0;

	q->fetching = false;
	if (bytes < sizeof(q->parts[0]) || list->format != 8 * WORD_BYTES) {
		refuse_event(r, &q->event);
		*q = (struct x11_request){ 0 };
		return;
	}
	q->part_count = MIN(bytes / sizeof(q->parts[0]), (size_t)X11_REQUEST_PARTS_MAX);
	memcpy(q->parts, xcb_get_property_value(list), q->part_count * sizeof(q->parts[0]));
	answer_parts(r, q);
}

void x11_requests_poll(struct x11_requests *r)
{
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++) {
		struct x11_request *q = &r->requests[i];
		xcb_generic_error_t *error = NULL;
		void *list = NULL;
		if (!q->fetching ||
			!xcb_poll_for_reply(r->x->connection, q->sequence, &list, &error))
			continue;
		take_parts(r, q, list);
		free(list);
		free(error);
	}
}

/* --- requestors --- */

static struct x11_transfer *find(struct x11_requests *r, uint32_t id, size_t *index)
{
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++)
		if (id && r->transfers[i].transfer.id == id) {
			*index = i;
			return &r->transfers[i].transfer;
		}
	return NULL;
}

size_t x11_requests_give(struct x11_requests *r, uint32_t id, const uint8_t *bytes, size_t len,
	bool end, uint64_t now_ms)
{
	size_t i;
	struct x11_transfer *t = find(r, id, &i);

	if (!t)
		return len;
	size_t taken = x11_transfer_give(t, bytes, len, end, now_ms);
	follow(r, i);
	return taken;
}

void x11_requests_refuse(struct x11_requests *r, uint32_t id)
{
	size_t i;
	struct x11_transfer *t = find(r, id, &i);

	if (!t)
		return;
	x11_transfer_cut(t);
	follow(r, i);
}

/* Nobody is there to take it. */
static void drop(struct x11_requests *r, size_t i)
{
	const struct x11_transfer *t = &r->transfers[i].transfer;
	struct x11_request *q = r->transfers[i].request;
	uint32_t id = t->id;
	bool ended = t->ended;

	release(r, i);
	if (q)
		part_answered(r, q, &q->parts[r->transfers[i].part], false);
	if (!ended)
		r->listener->unwanted(r->listener->user, id);
}

static void requestor_gone(struct x11_requests *r, xcb_window_t window)
{
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++)
		if (r->transfers[i].transfer.id && r->transfers[i].transfer.requestor == window)
			drop(r, i);
}

static void piece_taken(
	struct x11_requests *r, const xcb_property_notify_event_t *e, uint64_t now_ms)
{
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++) {
		struct x11_transfer *t = &r->transfers[i].transfer;
		if (!t->id || t->requestor != e->window || t->property != e->atom)
			continue;
		uint32_t id = t->id;
		x11_transfer_taken(t, now_ms);
		bool room = x11_transfer_has_room(t);
		follow(r, i);
		if (room)
			r->listener->room(r->listener->user, id);
		return;
	}
}

bool x11_requests_event(struct x11_requests *r, const xcb_generic_event_t *event, uint64_t now_ms)
{
	const void *e = event;

	switch (event->response_type & 0x7f) {
	case 0: {
		const xcb_generic_error_t *error = e;
		if (error->error_code != BAD_WINDOW)
			return false;
		requestor_gone(r, error->resource_id);
		return true;
	}
	case XCB_SELECTION_REQUEST:
		on_request(r, e);
		return true;
	case XCB_PROPERTY_NOTIFY:
		if (((const xcb_property_notify_event_t *)e)->state == XCB_PROPERTY_DELETE)
			piece_taken(r, e, now_ms);
		return true;
	case XCB_DESTROY_NOTIFY:
		requestor_gone(r, ((const xcb_destroy_notify_event_t *)e)->window);
		return true;
	default:
		return false;
	}
}

int x11_requests_tick(struct x11_requests *r, uint64_t now_ms)
{
	int next_ms = -1;

	for (size_t i = 0; i < X11_REQUESTS_MAX; i++) {
		struct x11_transfer *t = &r->transfers[i].transfer;
		int left_ms = t->id ? x11_transfer_tick(t, now_ms) : -1;
		if (left_ms == 0) {
			drop(r, i);
			continue;
		}
		if (left_ms < 0)
			continue;
		bool room = x11_transfer_has_room(t);
		uint32_t id = t->id;
		follow(r, i);
		if (room)
			r->listener->room(r->listener->user, id);
		next_ms = clock_sooner_ms(next_ms, left_ms);
	}
	return next_ms;
}

void x11_requests_finish(struct x11_requests *r)
{
	if (!r->x)
		return;
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++) {
		if (!r->transfers[i].transfer.id)
			continue;
		x11_transfer_cut(&r->transfers[i].transfer);
		if (r->transfers[i].transfer.id)
			follow(r, i);
	}
	for (size_t i = 0; i < X11_REQUESTS_MAX; i++)
		x11_transfer_finish(&r->transfers[i].transfer);
}
