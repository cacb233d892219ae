/* The life of an exchange, the line, and which part has which message. */
#include "common/clipboard/exchange.h"

#include "common/base/clock.h"
#include "common/clipboard/exchange_state.h"

#include <errno.h>
#include <stdlib.h>

int exchange_create(struct exchange **out, struct clipboard_local *local,
	const struct exchange_line *line, void *user, uint64_t origin)
{
	struct exchange *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->local = local;
	e->line = line;
	e->user = user;
	e->origin = origin;
	e->clock_ms = clock_now_ms;
	e->mark = true;
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		for (int k = 0; k < CLIPBOARD_KIND_COUNT; k++)
			pieces_init(&e->remote[s].answers[k].bytes,
				clipboard_kind_max_bytes((enum clipboard_kind)k));
	*out = e;
	return 0;
}

void exchange_destroy(struct exchange *e)
{
	if (!e)
		return;
	e->there = false;
	copy_lost(e);
	paste_forget(e);
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		for (int k = 0; k < CLIPBOARD_KIND_COUNT; k++)
			pieces_clear(&e->remote[s].answers[k].bytes);
	secure_wipe(e, sizeof(*e));
	free(e);
}

void exchange_send(struct exchange *e, const struct wire_message *m)
{
	if (e->there)
		e->line->send(e->user, m);
}

void exchange_send_stop(struct exchange *e, uint32_t ask)
{
	const struct wire_message m = { .type = WIRE_CLIPBOARD_STOP, .clipboard_stop.ask = ask };

	if (ask != 0) /* files: who fetches them sees by himself that nobody waits */
		exchange_send(e, &m);
}

void exchange_set_line(struct exchange *e, bool there, uint64_t now_ms)
{
	if (e->there == there)
		return;
	e->there = there;
	if (there) {
		copy_offer_anew(e, now_ms);
	} else {
		copy_line_gone(e);
		paste_forget(e);
	}
}

void exchange_set_directions(
	struct exchange *e, unsigned out_kinds, unsigned in_kinds, uint64_t now_ms)
{
	bool other_out = e->out_kinds != out_kinds, other_in = e->in_kinds != in_kinds;

	e->out_kinds = out_kinds & CLIPBOARD_KINDS_ALL;
	e->in_kinds = in_kinds & CLIPBOARD_KINDS_ALL;
	if (other_out)
		copy_offer_anew(e, now_ms);
	if (other_in)
		paste_reown(e);
}

void exchange_set_open(
	struct exchange *e, enum clipboard_selection selection, bool open, uint64_t now_ms)
{
	e->open[selection] = open;
	copy_offer(e, selection, now_ms);
}

void exchange_set_mark(struct exchange *e, bool secret)
{
	e->mark = secret;
}

int exchange_message(struct exchange *e, const struct wire_message *m, uint64_t now_ms)
{
	if (!e->there)
		return 0; /* it was under way when the line was taken for gone */
	switch ((unsigned)m->type) {
	case WIRE_CLIPBOARD_OFFER:
		paste_offer(e, &m->clipboard_offer);
		return 0;
	case WIRE_CLIPBOARD_WITHDRAW:
		paste_withdraw(e, m->clipboard_withdraw.offer);
		return 0;
	case WIRE_CLIPBOARD_DATA:
		return paste_data(e, &m->clipboard_data, now_ms);
	case WIRE_CLIPBOARD_ASK:
		return read_ask(e, &m->clipboard_ask);
	case WIRE_CLIPBOARD_MORE:
		read_more(e, &m->clipboard_more);
		return 0;
	case WIRE_CLIPBOARD_STOP:
		read_stop(e, m->clipboard_stop.ask);
		return 0;
	default:
		return -EPROTO;
	}
}

int exchange_tick(struct exchange *e, uint64_t now_ms)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		copy_offer(e, (enum clipboard_selection)s, now_ms);
	return clock_sooner_ms(copy_timeout_ms(e, now_ms), paste_tick(e, now_ms));
}

/* ---- what the local clipboard tells ---- */

static void owner_changed(
	void *user, enum clipboard_selection selection, const struct clipboard_owner *owner)
{
	if (!owner->ours)
		paste_owner_lost(user, selection);
	copy_owner_changed(user, selection, owner);
}

static void wanted(
	void *user, uint32_t request, enum clipboard_selection selection, enum clipboard_kind kind)
{
	paste_wanted(user, request, selection, kind);
}

static void room(void *user, uint32_t request)
{
	paste_room(user, request);
}

static void unwanted(void *user, uint32_t request)
{
	paste_unwanted(user, request);
}

static void on_data(void *user, uint32_t read, const uint8_t *bytes, size_t len)
{
	read_data(user, read, bytes, len);
}

static void on_ended(void *user, uint32_t read, enum clipboard_end end)
{
	read_ended(user, read, end);
}

static void lost(void *user)
{
	copy_lost(user);
	paste_forget(user);
}

const struct clipboard_local_listener exchange_listener = {
	.owner_changed = owner_changed,
	.wanted = wanted,
	.room = room,
	.unwanted = unwanted,
	.read_data = on_data,
	.read_ended = on_ended,
	.lost = lost,
};
