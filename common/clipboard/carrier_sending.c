/* Answers that leave: converted as they come, kept until their turn. */
#include "common/clipboard/carrier_parts.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdlib.h>

/* The exchange is told of more when so large a part of its window is free: to tell it costs a question
 * to a display. */
#define LOCAL_MORE 4

static struct carrier_sending *sending_of(struct carrier *c, uint32_t ask)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++)
		if (c->sending[i].ask == ask)
			return &c->sending[i];
	return NULL;
}

void sending_forget(struct carrier_sending *s)
{
	buffer_wipe_finish(&s->out);
	if (s->convert)
		secure_wipe(s->convert, sizeof(*s->convert));
	free(s->convert);
	*s = (struct carrier_sending){ 0 };
}

static void report(
	struct carrier *c, const struct carrier_sending *s, enum wire_clipboard_status status)
{
	const struct carrier_report r = {
		.out = true,
		.selection = s->selection,
		.kind = s->convert->check.kind,
		.bytes = s->bytes,
		.status = status,
	};

	c->ops->ended(c->user, &r);
}

/* Ends it before its end; stop: the exchange has more, that nobody wants. */
static void end_early(
	struct carrier *c, struct carrier_sending *s, enum wire_clipboard_status status, bool stop)
{
	uint32_t ask = s->ask;

	report(c, s, status);
	sending_forget(s);
	if (stop)
		carrier_stop(c, false, ask);
	if (status != WIRE_CLIPBOARD_PART)
		carrier_answer(c, true, ask, status);
}

/* ---- what the other end says ---- */

/* One answer alone is fast; others beside it are bounded (WIRE_CLIPBOARD_WINDOWS_BYTES). */
static uint32_t window_for_next(const struct carrier *c)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++)
		if (c->sending[i].window_bytes == WIRE_CLIPBOARD_WINDOW_BYTES)
			return WIRE_CLIPBOARD_SMALL_WINDOW_BYTES;
	return WIRE_CLIPBOARD_WINDOW_BYTES;
}

int sending_ask(struct carrier *c, const struct wire_clipboard_ask *m, int selection)
{
	struct carrier_sending *s = sending_of(c, 0);

	if (sending_of(c, m->ask))
		return carrier_broken(c, "a question about the clipboard came twice");
	if (!s)
		return carrier_broken(c, "too many questions about the clipboard");
	if (selection < 0) {
		carrier_answer(c, true, m->ask, WIRE_CLIPBOARD_GONE);
		return 0;
	}
	if (!(c->rules.out_kinds & CLIPBOARD_BIT(m->kind))) {
		carrier_answer(c, true, m->ask, WIRE_CLIPBOARD_REFUSED);
		return 0;
	}
	s->convert = malloc(sizeof(*s->convert));
	if (!s->convert)
		return -ENOMEM;
	convert_init(s->convert, (enum clipboard_kind)m->kind);
	s->window_bytes = window_for_next(c);
	buffer_init(&s->out, CONVERT_OUT_MAX_BYTES(s->window_bytes));
	s->ask = m->ask;
	s->selection = (enum clipboard_selection)selection;
	s->peer_window_bytes = m->window_bytes;
	transfer_window_init(&s->link_window);
	s->local_window_bytes = s->window_bytes;
	struct wire_message forward = { .type = WIRE_CLIPBOARD_ASK, .clipboard_ask = *m };
	forward.clipboard_ask.window_bytes = s->window_bytes;
	c->ops->to_local(c->user, &forward);
	return 0;
}

/* A text is held back as long as it may be one that goes at once. */
static bool is_held(const struct carrier_sending *s)
{
	return s->convert->check.kind == CLIPBOARD_TEXT && s->bytes == 0 && !s->whole &&
	       s->out.len <= WIRE_CLIPBOARD_PART_MAX_BYTES;
}

static bool may_send(const struct carrier *c, struct carrier_sending *s)
{
	if (s->ask == 0 || is_held(s))
		return false;
	if (s->out.len == 0)
		return s->whole;
	return s->peer_window_bytes > 0 &&
	       (!c->ops->round_trip_us || transfer_window_free_bytes(&s->link_window) > 0);
}

/* The next part, as a message whose bytes stand in out. */
static struct wire_message next_part(const struct carrier_sending *s)
{
	size_t len = MIN(MIN(s->out.len, (size_t)WIRE_CLIPBOARD_PART_MAX_BYTES),
		(size_t)MIN(s->peer_window_bytes, (uint64_t)SIZE_MAX));
	bool end = s->whole && len == s->out.len;

	return (struct wire_message){
		.type = WIRE_CLIPBOARD_DATA,
		.clipboard_data = {
			.ask = s->ask,
			.status = end ? WIRE_CLIPBOARD_END : WIRE_CLIPBOARD_PART,
			.bytes = len > 0 ? buffer_front(&s->out) : NULL,
			.len = len,
		},
	};
}

/* The exchange may give as much as there is room for again, once that is worth a message. */
static void open_window(struct carrier *c, struct carrier_sending *s)
{
	uint64_t used = s->out.len + s->local_window_bytes;

	if (s->whole || used > s->window_bytes - s->window_bytes / LOCAL_MORE)
		return;
	uint32_t room = (uint32_t)(s->window_bytes - used);
	const struct wire_message more = {
		.type = WIRE_CLIPBOARD_MORE,
		.clipboard_more = { .ask = s->ask, .window_bytes = room },
	};
	s->local_window_bytes += room;
	c->ops->to_local(c->user, &more);
}

static void part_sent(struct carrier *c, struct carrier_sending *s, const struct wire_message *m)
{
	s->peer_window_bytes -= m->clipboard_data.len;
	s->bytes += m->clipboard_data.len;
	if (c->ops->round_trip_us)
		transfer_window_sent(&s->link_window, m->clipboard_data.len);
	if (m->clipboard_data.status == WIRE_CLIPBOARD_END) {
		report(c, s, WIRE_CLIPBOARD_END);
		sending_forget(s);
		return;
	}
	buffer_consume(&s->out, m->clipboard_data.len);
	open_window(c, s);
}

/* What the other end has taken it makes room for. It may also make more room than there was. */
static void note_taken(struct carrier *c, struct carrier_sending *s, uint32_t bytes)
{
	struct transfer_window *w = &s->link_window;
	uint64_t taken = MIN(w->acked_bytes + bytes, w->sent_bytes);

	if (c->ops->round_trip_us &&
		!transfer_window_acked(w, taken, c->ops->round_trip_us(c->user), clock_now_us()))
		log_debug("clipboard: more was taken than was sent");
}

int sending_more(struct carrier *c, const struct wire_clipboard_more *m)
{
	struct carrier_sending *s = sending_of(c, m->ask);

	if (!s)
		return 0;
	if (m->window_bytes > UINT32_MAX - s->peer_window_bytes)
		return carrier_broken(c, "a window of the clipboard without end");
	s->peer_window_bytes += m->window_bytes;
	note_taken(c, s, m->window_bytes);
	if (may_send(c, s))
		c->ops->ready(c->user);
	return 0;
}

void sending_stop(struct carrier *c, uint32_t ask)
{
	struct carrier_sending *s = sending_of(c, ask);

	if (s)
		end_early(c, s, WIRE_CLIPBOARD_PART, !s->whole);
}

/* ---- what the exchange says ---- */

static void send_or_wait(struct carrier *c, struct carrier_sending *s)
{
	bool is_short = s->convert->check.kind == CLIPBOARD_TEXT && s->whole && s->bytes == 0 &&
			s->out.len <= WIRE_CLIPBOARD_PART_MAX_BYTES &&
			s->out.len <= s->peer_window_bytes;

	if (is_short) {
		const struct wire_message m = next_part(s);
		c->ops->to_peer(c->user, &m, true);
		part_sent(c, s, &m);
		return;
	}
	if (may_send(c, s))
		c->ops->ready(c->user);
	open_window(c, s); /* what was held back or dropped must not use it up */
}

int sending_data(struct carrier *c, const struct wire_clipboard_data *m)
{
	struct carrier_sending *s = sending_of(c, m->ask);

	if (!s)
		return 0; /* it was stopped while this was under way */
	if (m->len > s->local_window_bytes || s->whole)
		return -EPROTO;
	s->local_window_bytes -= m->len;
	if (m->status != WIRE_CLIPBOARD_PART && m->status != WIRE_CLIPBOARD_END) {
		end_early(c, s, (enum wire_clipboard_status)m->status, false);
		return 0;
	}
	bool end = m->status == WIRE_CLIPBOARD_END;
	int r = convert_take(s->convert, m->bytes, m->len, end, &s->out);
	if (r == -ENOMEM)
		return r;
	if (r == -E2BIG || s->bytes + s->out.len > c->rules.max_bytes[s->convert->check.kind]) {
		end_early(c, s, WIRE_CLIPBOARD_TOO_LARGE, !end);
		return 0;
	}
	if (r < 0) {
		end_early(c, s, WIRE_CLIPBOARD_UNUSABLE, !end);
		return 0;
	}
	s->whole = end;
	send_or_wait(c, s);
	return 0;
}

/* ---- turns ---- */

int carrier_next(struct carrier *c, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct carrier_sending *s = NULL;

	*more = false;
	for (size_t i = 1; i <= WIRE_CLIPBOARD_ASKS_MAX && !s; i++) {
		size_t at = (c->turn + i) % WIRE_CLIPBOARD_ASKS_MAX;
		if (!may_send(c, &c->sending[at]))
			continue;
		s = &c->sending[at];
		c->turn = at;
	}
	if (!s)
		return 0;
	const struct wire_message m = next_part(s);
	int len = wire_encode(&m, out);
	if (len < 0)
		return len;
	part_sent(c, s, &m);
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++)
		*more = may_send(c, &c->sending[i]) || *more;
	return len;
}

/* ---- ends ---- */

void sending_apply_rules(struct carrier *c)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++) {
		struct carrier_sending *s = &c->sending[i];
		if (s->ask != 0 && !(c->rules.out_kinds & CLIPBOARD_BIT(s->convert->check.kind)))
			end_early(c, s, WIRE_CLIPBOARD_REFUSED, !s->whole);
	}
	/* With nothing left to offer, the offers themselves are void. */
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT && c->rules.out_kinds == 0; s++)
		c->local_offer[s].offer = 0;
}

void sending_local_gone(struct carrier *c)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++)
		if (c->sending[i].ask != 0 && !c->sending[i].whole)
			end_early(c, &c->sending[i], WIRE_CLIPBOARD_GONE, false);
}
