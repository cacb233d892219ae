/* What is read of the local clipboard: for the other end's questions, to tell an echo, and for a text. */
#include "common/clipboard/exchange_state.h"

#include <errno.h>

static struct reading *free_reading(struct exchange *e)
{
	for (size_t i = 0; i < READINGS_MAX; i++)
		if (e->readings[i].purpose == READING_NONE)
			return &e->readings[i];
	return NULL;
}

static struct reading *reading_of(struct exchange *e, uint32_t read)
{
	for (size_t i = 0; i < READINGS_MAX; i++)
		if (e->readings[i].purpose != READING_NONE && e->readings[i].read == read)
			return &e->readings[i];
	return NULL;
}

static struct reading *reading_for_ask(struct exchange *e, uint32_t ask)
{
	for (size_t i = 0; i < READINGS_MAX; i++)
		if (e->readings[i].purpose == READING_ASK && e->readings[i].ask == ask)
			return &e->readings[i];
	return NULL;
}

static size_t count_asks(const struct exchange *e)
{
	size_t count = 0;

	for (size_t i = 0; i < READINGS_MAX; i++)
		count += e->readings[i].purpose == READING_ASK;
	return count;
}

static void forget(struct reading *r)
{
	echo_hash_finish(&r->hash);
	*r = (struct reading){ 0 };
}

static void answer(struct exchange *e, uint32_t ask, enum wire_clipboard_status status)
{
	const struct wire_message m = {
		.type = WIRE_CLIPBOARD_DATA,
		.clipboard_data = { .ask = ask, .status = (uint8_t)status },
	};

	exchange_send(e, &m);
}

/* ---- begin and end ---- */

static int begin(struct exchange *e, enum reading_for purpose, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t window, struct reading **out)
{
	struct reading *r = free_reading(e);
	uint32_t read;

	if (!r)
		return -EBUSY;
	int error = e->local->impl->read(e->local, selection, kind, window, &read);
	if (error < 0)
		return error;
	*r = (struct reading){
		.purpose = purpose,
		.read = read,
		.selection = selection,
		.kind = kind,
	};
	if (kind == CLIPBOARD_TEXT && purpose != READING_TEXT)
		echo_hash_begin(&r->hash);
	*out = r;
	return 0;
}

bool read_echo(struct exchange *e, enum clipboard_selection selection)
{
	struct reading *r;

	return begin(e, READING_ECHO, selection, CLIPBOARD_TEXT,
		       (size_t)e->echo[selection].bytes + CLIPBOARD_READ_SPARE_BYTES, &r) == 0;
}

static void tell_text(struct exchange *e, const uint8_t *text, size_t len)
{
	exchange_text_fn done = e->text_done;

	e->text_done = NULL;
	if (done)
		done(e->text_user, text, len);
	buffer_wipe_finish(&e->text);
}

static void end_reading(struct exchange *e, struct reading *r, enum wire_clipboard_status why)
{
	struct reading ended = *r;

	e->local->impl->stop(e->local, r->read);
	forget(r);
	if (ended.purpose == READING_ASK)
		answer(e, ended.ask, why);
	else if (ended.purpose == READING_ECHO)
		e->copied[ended.selection].checking = false;
	else
		tell_text(e, NULL, 0);
}

void read_end(struct exchange *e, enum clipboard_selection selection)
{
	for (size_t i = 0; i < READINGS_MAX; i++)
		if (e->readings[i].purpose != READING_NONE && e->readings[i].selection == selection)
			end_reading(e, &e->readings[i], WIRE_CLIPBOARD_GONE);
}

void read_end_asks(struct exchange *e, enum clipboard_selection selection, unsigned kept_kinds,
	enum wire_clipboard_status why)
{
	for (size_t i = 0; i < READINGS_MAX; i++) {
		struct reading *r = &e->readings[i];
		if (r->purpose == READING_ASK && r->selection == selection &&
			!(kept_kinds & CLIPBOARD_BIT(r->kind)))
			end_reading(e, r, why);
	}
}

/* ---- questions of the other end ---- */

int read_ask(struct exchange *e, const struct wire_clipboard_ask *m)
{
	struct reading *r;

	if (reading_for_ask(e, m->ask) || count_asks(e) == WIRE_CLIPBOARD_ASKS_MAX)
		return -EPROTO;
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		const struct copied *c = &e->copied[s];
		if (c->offer != m->offer || c->news)
			continue; /* what stands there now was never offered */
		if (!(c->offered_kinds & CLIPBOARD_BIT(m->kind)) ||
			begin(e, READING_ASK, (enum clipboard_selection)s,
				(enum clipboard_kind)m->kind, m->window_bytes, &r) < 0)
			answer(e, m->ask, WIRE_CLIPBOARD_REFUSED);
		else
			r->ask = m->ask;
		return 0;
	}
	answer(e, m->ask, WIRE_CLIPBOARD_GONE);
	return 0;
}

void read_more(struct exchange *e, const struct wire_clipboard_more *m)
{
	const struct reading *r = reading_for_ask(e, m->ask);

	if (r)
		e->local->impl->read_more(e->local, r->read, m->window_bytes);
}

void read_stop(struct exchange *e, uint32_t ask)
{
	struct reading *r = reading_for_ask(e, ask);

	if (!r)
		return;
	e->local->impl->stop(e->local, r->read);
	forget(r);
}

/* ---- what is read ---- */

static void send_parts(struct exchange *e, uint32_t ask, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t part = MIN(len - at, (size_t)WIRE_CLIPBOARD_PART_MAX_BYTES);
		const struct wire_message m = {
			.type = WIRE_CLIPBOARD_DATA,
			.clipboard_data = {
				.ask = ask,
				.status = WIRE_CLIPBOARD_PART,
				.bytes = bytes + at,
				.len = part,
			},
		};
		exchange_send(e, &m);
		at += part;
	}
}

static void echo_ended(struct exchange *e, struct reading *r, enum clipboard_end end)
{
	enum clipboard_selection selection = r->selection;
	bool same = end == CLIPBOARD_WHOLE && echo_is(&e->echo[selection], &r->hash);

	forget(r);
	copy_compared(e, selection, same);
}

void read_data(struct exchange *e, uint32_t read, const uint8_t *bytes, size_t len)
{
	struct reading *r = reading_of(e, read);

	if (!r || len == 0)
		return;
	r->bytes += len;
	if (r->bytes > clipboard_kind_max_bytes(r->kind)) {
		end_reading(e, r, WIRE_CLIPBOARD_TOO_LARGE);
		return;
	}
	echo_hash_add(&r->hash, bytes, len);
	if (r->purpose == READING_ECHO && r->bytes > e->echo[r->selection].bytes) {
		e->local->impl->stop(e->local, read); /* it is longer: no echo */
		echo_ended(e, r, CLIPBOARD_TOO_LARGE);
	} else if (r->purpose == READING_ASK)
		send_parts(e, r->ask, bytes, len);
	else if (r->purpose == READING_TEXT && buffer_append(&e->text, bytes, len) < 0)
		end_reading(e, r, WIRE_CLIPBOARD_TOO_LARGE);
}

static enum wire_clipboard_status status_of(enum clipboard_end end)
{
	switch (end) {
	case CLIPBOARD_WHOLE:
		return WIRE_CLIPBOARD_END;
	case CLIPBOARD_REFUSED:
		return WIRE_CLIPBOARD_REFUSED;
	case CLIPBOARD_TOO_LARGE:
		return WIRE_CLIPBOARD_TOO_LARGE;
	case CLIPBOARD_GONE:
		return WIRE_CLIPBOARD_GONE;
	case CLIPBOARD_LATE:
		return WIRE_CLIPBOARD_LATE;
	}
	return WIRE_CLIPBOARD_REFUSED;
}

void read_ended(struct exchange *e, uint32_t read, enum clipboard_end end)
{
	struct reading *r = reading_of(e, read);

	if (!r)
		return;
	if (r->purpose == READING_ECHO) {
		echo_ended(e, r, end);
		return;
	}
	if (r->purpose == READING_TEXT) {
		forget(r);
		bool whole = end == CLIPBOARD_WHOLE;
		tell_text(e, whole ? buffer_front(&e->text) : NULL, whole ? e->text.len : 0);
		return;
	}
	if (end == CLIPBOARD_WHOLE)
		echo_note(&e->echo[r->selection], &r->hash, e->clock_ms());
	uint32_t ask = r->ask;
	forget(r);
	answer(e, ask, status_of(end));
}

static int read_whole(struct exchange *e, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t max, exchange_text_fn done, void *user)
{
	struct reading *r;

	if (e->text_done)
		return -EBUSY;
	if (e->copied[selection].owner.ours)
		return -ENOENT;
	/* All at once: it is not for the other end. */
	size_t window =
		MIN(max, (size_t)WIRE_CLIPBOARD_TEXT_MAX_BYTES) + CLIPBOARD_READ_SPARE_BYTES;
	int error = begin(e, READING_TEXT, selection, kind, window, &r);
	if (error < 0)
		return error;
	buffer_init(&e->text, max);
	e->text_done = done;
	e->text_user = user;
	return 0;
}

int exchange_read_text(struct exchange *e, enum clipboard_selection selection, size_t max,
	exchange_text_fn done, void *user)
{
	return read_whole(e, selection, CLIPBOARD_TEXT, max, done, user);
}

int exchange_read_files(struct exchange *e, size_t max, exchange_text_fn done, void *user)
{
	return read_whole(e, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, max, done, user);
}

unsigned exchange_copied_kinds(const struct exchange *e, enum clipboard_selection selection)
{
	const struct clipboard_owner *owner = &e->copied[selection].owner;

	return owner->ours ? 0 : owner->kinds;
}
