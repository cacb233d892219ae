/* What the other end has copied: owned here, and fetched when a program pastes it. */
#include "common/base/clock.h"
#include "common/clipboard/exchange_state.h"

#include <errno.h>

/* ---- programs that wait ---- */

static struct want *want_of(struct exchange *e, uint32_t request)
{
	for (size_t i = 0; i < EXCHANGE_WANTS_MAX; i++)
		if (e->wants[i].request == request)
			return &e->wants[i];
	return NULL;
}

static bool is_for(const struct want *w, enum clipboard_selection selection, unsigned kinds)
{
	return w->request != 0 && w->selection == selection && (CLIPBOARD_BIT(w->kind) & kinds);
}

static void refuse_wants(struct exchange *e, enum clipboard_selection selection, unsigned kinds)
{
	for (size_t i = 0; i < EXCHANGE_WANTS_MAX; i++) {
		uint32_t request = e->wants[i].request;
		if (!is_for(&e->wants[i], selection, kinds))
			continue;
		e->wants[i] = (struct want){ 0 };
		e->local->impl->refuse(e->local, request);
	}
}

static bool anybody_wants(
	const struct exchange *e, enum clipboard_selection selection, enum clipboard_kind kind)
{
	for (size_t i = 0; i < EXCHANGE_WANTS_MAX; i++)
		if (is_for(&e->wants[i], selection, CLIPBOARD_BIT(kind)))
			return true;
	return false;
}

/* ---- answers ---- */

static void drop_answer(struct answer *a)
{
	a->state = ANSWER_NONE;
	pieces_clear(&a->bytes);
}

/* An answer that nobody waits for any more: what is under way is stopped, what is too large to be
 * kept is dropped. */
static void settle(struct exchange *e, enum clipboard_selection selection, enum clipboard_kind kind)
{
	struct answer *a = &e->remote[selection].answers[kind];

	if (a->state == ANSWER_NONE || anybody_wants(e, selection, kind))
		return;
	if (a->state == ANSWER_ASKED)
		exchange_send_stop(e, a->ask);
	if (a->state == ANSWER_ASKED || a->bytes.len > CLIPBOARD_KEPT_MAX_BYTES)
		drop_answer(a);
}

/* Gives what is there as far as the program takes it; whether that was all of it. */
static bool give_bytes(struct exchange *e, struct want *w, const struct answer *a)
{
	size_t len, taken;

	do {
		const uint8_t *bytes = NULL;
		len = pieces_from(&a->bytes, w->given, &bytes);
		bool last = w->given + len == a->bytes.len;
		taken = e->local->impl->give(
			e->local, w->request, bytes, len, last && a->state == ANSWER_WHOLE);
		w->given += MIN(taken, len);
	} while (taken >= len && w->given < a->bytes.len);
	return taken >= len;
}

/* Gives a program what it has not had yet. */
static void give(struct exchange *e, struct want *w)
{
	const struct answer *a = &e->remote[w->selection].answers[w->kind];
	enum clipboard_selection selection = w->selection;
	enum clipboard_kind kind = w->kind;
	bool end = a->state == ANSWER_WHOLE;
	bool part =
		a->state == ANSWER_ASKED && a->bytes.len > w->given && e->clock_ms() >= a->give_ms;

	if ((!end && !part) || !give_bytes(e, w, a) || !end)
		return;
	*w = (struct want){ 0 };
	settle(e, selection, kind);
}

static void give_all(
	struct exchange *e, enum clipboard_selection selection, enum clipboard_kind kind)
{
	for (size_t i = 0; i < EXCHANGE_WANTS_MAX; i++)
		if (is_for(&e->wants[i], selection, CLIPBOARD_BIT(kind)))
			give(e, &e->wants[i]);
}

static void fail(struct exchange *e, enum clipboard_selection selection, enum clipboard_kind kind,
	enum wire_clipboard_status why)
{
	struct answer *a = &e->remote[selection].answers[kind];

	drop_answer(a);
	if (why == WIRE_CLIPBOARD_TOO_LARGE || why == WIRE_CLIPBOARD_UNUSABLE)
		a->state = ANSWER_NEVER;
	refuse_wants(e, selection, CLIPBOARD_BIT(kind));
	if (e->line->failed)
		e->line->failed(e->user, kind, why);
}

/* What is kept of all selections has a limit: others than this one make room. */
static void make_room(struct exchange *e, const struct answer *keep)
{
	size_t kept = keep->bytes.len;

	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		for (int k = 0; k < CLIPBOARD_KIND_COUNT; k++) {
			struct answer *a = &e->remote[s].answers[k];
			if (a == keep || a->state != ANSWER_WHOLE ||
				anybody_wants(
					e, (enum clipboard_selection)s, (enum clipboard_kind)k))
				continue;
			if (a->bytes.len >
				CLIPBOARD_KEPT_MAX_BYTES - MIN(kept, CLIPBOARD_KEPT_MAX_BYTES))
				drop_answer(a);
			else
				kept += a->bytes.len;
		}
}

/* One answer alone is fast; others beside it are bounded (WIRE_CLIPBOARD_WINDOWS_BYTES). */
static uint32_t window_for_next(const struct exchange *e)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		for (int k = 0; k < WIRE_CLIPBOARD_KINDS; k++) {
			const struct answer *a = &e->remote[s].answers[k];
			if (a->state == ANSWER_ASKED &&
				a->window_max_bytes == WIRE_CLIPBOARD_WINDOW_BYTES)
				return WIRE_CLIPBOARD_SMALL_WINDOW_BYTES;
		}
	return WIRE_CLIPBOARD_WINDOW_BYTES;
}

static void ask(struct exchange *e, struct remote *r, enum clipboard_kind kind)
{
	struct answer *a = &r->answers[kind];

	a->state = ANSWER_ASKED;
	a->deadline_ms = e->clock_ms() + CLIPBOARD_ANSWER_MS;
	a->give_ms = e->clock_ms() + EXCHANGE_HOLD_MS;
	if (kind == CLIPBOARD_FILES) {
		a->ask = 0;
		e->line->files(e->user);
		return;
	}
	if (++e->last_ask == 0)
		e->last_ask = 1;
	a->ask = e->last_ask;
	a->window_max_bytes = window_for_next(e);
	a->window_bytes = a->window_max_bytes;
	const struct wire_message m = {
		.type = WIRE_CLIPBOARD_ASK,
		.clipboard_ask = {
			.ask = a->ask,
			.offer = r->offer,
			.kind = (uint8_t)kind,
			.window_bytes = a->window_max_bytes,
		},
	};
	exchange_send(e, &m);
}

static struct answer *answer_of(struct exchange *e, uint32_t ask_number,
	enum clipboard_selection *selection, enum clipboard_kind *kind)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		for (int k = 0; k < WIRE_CLIPBOARD_KINDS; k++) {
			struct answer *a = &e->remote[s].answers[k];
			if (a->state != ANSWER_ASKED || a->ask != ask_number)
				continue;
			*selection = (enum clipboard_selection)s;
			*kind = (enum clipboard_kind)k;
			return a;
		}
	return NULL;
}

/* The other end may send as much as was taken, once that is worth a message. */
static void open_window(struct exchange *e, struct answer *a)
{
	uint64_t room = a->window_max_bytes - a->window_bytes;

	if (room < WIRE_CLIPBOARD_MORE_BYTES)
		return;
	a->window_bytes += room;
	const struct wire_message m = {
		.type = WIRE_CLIPBOARD_MORE,
		.clipboard_more = { .ask = a->ask, .window_bytes = (uint32_t)room },
	};
	exchange_send(e, &m);
}

static void note_echo(
	struct exchange *e, enum clipboard_selection selection, const struct answer *a)
{
	struct echo_hash h = { 0 };
	const uint8_t *bytes;

	echo_hash_begin(&h);
	for (size_t at = 0, len; (len = pieces_from(&a->bytes, at, &bytes)) > 0; at += len)
		echo_hash_add(&h, bytes, len);
	echo_note(&e->echo[selection], &h, e->clock_ms());
	echo_hash_finish(&h);
}

int paste_data(struct exchange *e, const struct wire_clipboard_data *m, uint64_t now_ms)
{
	enum clipboard_selection selection;
	enum clipboard_kind kind;
	struct answer *a = answer_of(e, m->ask, &selection, &kind);

	if (!a)
		return 0; /* it was stopped while this was under way */
	if (m->status != WIRE_CLIPBOARD_PART && m->status != WIRE_CLIPBOARD_END) {
		fail(e, selection, kind, (enum wire_clipboard_status)m->status);
		return 0;
	}
	if (m->len > a->window_bytes)
		return -EPROTO;
	a->window_bytes -= m->len;
	a->deadline_ms = now_ms + CLIPBOARD_ANSWER_MS;
	if (m->len > 0 && pieces_append(&a->bytes, m->bytes, m->len) < 0) {
		exchange_send_stop(e, a->ask);
		fail(e, selection, kind, WIRE_CLIPBOARD_TOO_LARGE);
		return 0;
	}
	if (m->status == WIRE_CLIPBOARD_END) {
		a->state = ANSWER_WHOLE;
		make_room(e, a);
		if (kind == CLIPBOARD_TEXT)
			note_echo(e, selection, a);
	} else {
		open_window(e, a);
	}
	give_all(e, selection, kind);
	return 0;
}

/* ---- owning ---- */

static void drop_answers(struct exchange *e, enum clipboard_selection selection, unsigned kinds)
{
	for (int k = 0; k < CLIPBOARD_KIND_COUNT; k++) {
		struct answer *a = &e->remote[selection].answers[k];
		if (!(kinds & CLIPBOARD_BIT(k)))
			continue;
		if (a->state == ANSWER_ASKED)
			exchange_send_stop(e, a->ask);
		drop_answer(a);
	}
	refuse_wants(e, selection, kinds);
}

/* What may be owned of it here. */
static unsigned kinds_in(const struct exchange *e, const struct remote *r)
{
	bool files = e->line->files && r == &e->remote[CLIPBOARD_CLIPBOARD];

	return r->kinds & e->in_kinds & (files ? CLIPBOARD_KINDS_ALL : CLIPBOARD_WIRE_KINDS);
}

static void own(struct exchange *e, enum clipboard_selection selection)
{
	struct remote *r = &e->remote[selection];
	unsigned kinds = r->offer ? kinds_in(e, r) : 0;

	if (kinds != 0) {
		const struct clipboard_content content = {
			.kinds = kinds,
			.secret = r->secret || e->mark,
			.origin = r->origin,
		};
		r->owned = true;
		r->owned_kinds = kinds;
		e->local->impl->own(e->local, selection, &content);
	} else if (r->owned) {
		r->owned = false;
		r->owned_kinds = 0;
		e->local->impl->clear(e->local, selection);
	}
}

static void tell_offered(struct exchange *e, enum clipboard_selection selection)
{
	const struct remote *r = &e->remote[selection];

	if (e->line->offered)
		e->line->offered(e->user, selection, r->owned ? r->owned_kinds : 0);
}

/* Nothing of the other end is to be had in that selection. */
static void forget(struct exchange *e, enum clipboard_selection selection)
{
	e->remote[selection].offer = 0;
	drop_answers(e, selection, CLIPBOARD_KINDS_ALL);
	own(e, selection);
	tell_offered(e, selection);
}

void paste_offer(struct exchange *e, const struct wire_clipboard_offer *m)
{
	enum clipboard_selection selection = (enum clipboard_selection)m->selection;
	struct remote *r = &e->remote[selection];

	if (m->origin == e->origin) { /* it was copied here, and has gone round */
		forget(e, selection);
		return;
	}
	drop_answers(e, selection, CLIPBOARD_KINDS_ALL);
	r->offer = m->offer;
	r->kinds = m->kinds;
	r->secret = m->flags & WIRE_CLIPBOARD_SECRET;
	r->origin = m->origin;
	own(e, selection);
	tell_offered(e, selection);
}

void paste_withdraw(struct exchange *e, uint32_t offer)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		if (e->remote[s].offer == offer)
			forget(e, (enum clipboard_selection)s);
}

void paste_owner_lost(struct exchange *e, enum clipboard_selection selection)
{
	struct remote *r = &e->remote[selection];

	r->owned = false;
	forget(e, selection);
}

void paste_reown(struct exchange *e)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		struct remote *r = &e->remote[s];
		unsigned kinds = r->offer ? kinds_in(e, r) : 0;
		if (kinds == r->owned_kinds)
			continue;
		drop_answers(e, (enum clipboard_selection)s, CLIPBOARD_KINDS_ALL);
		own(e, (enum clipboard_selection)s);
		tell_offered(e, (enum clipboard_selection)s);
	}
}

void paste_forget(struct exchange *e)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		forget(e, (enum clipboard_selection)s);
}

/* ---- pasting ---- */

void paste_wanted(struct exchange *e, uint32_t request, enum clipboard_selection selection,
	enum clipboard_kind kind)
{
	struct remote *r = &e->remote[selection];
	struct want *w = want_of(e, 0);

	if (!r->owned || !(r->owned_kinds & CLIPBOARD_BIT(kind)) || !e->there || !w ||
		r->answers[kind].state == ANSWER_NEVER) {
		e->local->impl->refuse(e->local, request);
		return;
	}
	*w = (struct want){ .request = request, .selection = selection, .kind = kind };
	if (r->answers[kind].state == ANSWER_NONE)
		ask(e, r, kind);
	else
		give(e, w);
}

void paste_room(struct exchange *e, uint32_t request)
{
	struct want *w = want_of(e, request);

	if (request != 0 && w)
		give(e, w);
}

void paste_unwanted(struct exchange *e, uint32_t request)
{
	struct want *w = want_of(e, request);

	if (request == 0 || !w)
		return;
	enum clipboard_selection selection = w->selection;
	enum clipboard_kind kind = w->kind;
	*w = (struct want){ 0 };
	settle(e, selection, kind);
}

/* ---- files ---- */

void exchange_give_files(struct exchange *e, const uint8_t *uris, size_t len)
{
	struct answer *a = &e->remote[CLIPBOARD_CLIPBOARD].answers[CLIPBOARD_FILES];

	if (a->state != ANSWER_ASKED)
		return;
	if (len > 0 && pieces_append(&a->bytes, uris, len) < 0) {
		exchange_refuse_files(e);
		return;
	}
	a->state = ANSWER_WHOLE;
	give_all(e, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES);
}

void exchange_refuse_files(struct exchange *e)
{
	if (e->remote[CLIPBOARD_CLIPBOARD].answers[CLIPBOARD_FILES].state != ANSWER_NONE)
		fail(e, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, WIRE_CLIPBOARD_REFUSED);
}

int paste_tick(struct exchange *e, uint64_t now_ms)
{
	int timeout_ms = -1;

	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		for (int k = 0; k < CLIPBOARD_KIND_COUNT; k++) {
			struct answer *a = &e->remote[s].answers[k];
			if (a->state != ANSWER_ASKED)
				continue;
			if (now_ms >= a->deadline_ms) {
				exchange_send_stop(e, a->ask);
				fail(e, (enum clipboard_selection)s, (enum clipboard_kind)k,
					WIRE_CLIPBOARD_LATE);
				continue;
			}
			bool held = now_ms < a->give_ms;
			if (!held)
				give_all(e, (enum clipboard_selection)s, (enum clipboard_kind)k);
			int left_ms = (int)((held ? a->give_ms : a->deadline_ms) - now_ms);
			timeout_ms = clock_sooner_ms(timeout_ms, left_ms);
		}
	return timeout_ms;
}
