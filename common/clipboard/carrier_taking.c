/* Answers that arrive: checked part by part, and handed on. */
#include "common/clipboard/carrier_parts.h"

#include <errno.h>

static struct carrier_taking *taking_of(struct carrier *c, uint32_t ask)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++)
		if (c->taking[i].ask == ask)
			return &c->taking[i];
	return NULL;
}

void taking_forget(struct carrier_taking *t)
{
	secure_wipe(t, sizeof(*t));
}

static void report(
	struct carrier *c, const struct carrier_taking *t, enum wire_clipboard_status status)
{
	const struct carrier_report r = {
		.selection = t->selection,
		.kind = t->check.kind,
		.bytes = t->check.bytes,
		.status = status,
	};

	c->ops->ended(c->user, &r);
}

/* ---- what the exchange says ---- */

int taking_ask(struct carrier *c, const struct wire_message *m, int selection)
{
	const struct wire_clipboard_ask *ask = &m->clipboard_ask;
	struct carrier_taking *t = taking_of(c, 0);

	if (taking_of(c, ask->ask) || !t)
		return -EPROTO;
	if (selection < 0) {
		carrier_answer(c, false, ask->ask, WIRE_CLIPBOARD_GONE);
		return 0;
	}
	if (!(c->rules.in_kinds & CLIPBOARD_BIT(ask->kind))) {
		carrier_answer(c, false, ask->ask, WIRE_CLIPBOARD_REFUSED);
		return 0;
	}
	t->ask = ask->ask;
	t->selection = (enum clipboard_selection)selection;
	t->window_bytes = ask->window_bytes;
	check_init(&t->check, (enum clipboard_kind)ask->kind);
	c->ops->to_peer(c->user, m, false);
	return 0;
}

void taking_more(struct carrier *c, const struct wire_message *m)
{
	struct carrier_taking *t = taking_of(c, m->clipboard_more.ask);

	if (!t)
		return;
	t->window_bytes += m->clipboard_more.window_bytes;
	c->ops->to_peer(c->user, m, false);
}

void taking_stop(struct carrier *c, uint32_t ask)
{
	struct carrier_taking *t = taking_of(c, ask);

	if (!t)
		return;
	report(c, t, WIRE_CLIPBOARD_PART);
	taking_forget(t);
	carrier_stop(c, true, ask);
}

/* ---- what the other end says ---- */

static int refuse_contents(struct carrier *c, struct carrier_taking *t, int r)
{
	static const char *const what[WIRE_CLIPBOARD_KINDS] = {
		[CLIPBOARD_TEXT] = "clipboard text that is not UTF-8",
		[CLIPBOARD_HTML] = "clipboard HTML that is not UTF-8",
		[CLIPBOARD_PNG] = "a clipboard picture that is no PNG",
		[CLIPBOARD_RTF] = "clipboard RTF that is none",
	};
	enum clipboard_kind kind = t->check.kind;

	report(c, t, r == -E2BIG ? WIRE_CLIPBOARD_TOO_LARGE : WIRE_CLIPBOARD_UNUSABLE);
	taking_forget(t);
	return carrier_broken(c, r == -E2BIG ? "clipboard contents over the limit" : what[kind]);
}

int taking_data(struct carrier *c, const struct wire_message *m)
{
	const struct wire_clipboard_data *data = &m->clipboard_data;
	struct carrier_taking *t = taking_of(c, data->ask);

	if (!t)
		return 0; /* it was stopped while this was under way */
	if (data->len > t->window_bytes)
		return carrier_broken(c, "more of the clipboard than was asked for");
	t->window_bytes -= data->len;
	bool contents = data->status == WIRE_CLIPBOARD_PART || data->status == WIRE_CLIPBOARD_END;
	if (contents) {
		int r = check_take(
			&t->check, data->bytes, data->len, data->status == WIRE_CLIPBOARD_END);
		if (r < 0)
			return refuse_contents(c, t, r);
	}
	if (t->check.bytes > c->rules.max_bytes[t->check.kind]) {
		/* Our own limit, of which the other end does not know. */
		uint32_t ask = t->ask;
		report(c, t, WIRE_CLIPBOARD_TOO_LARGE);
		taking_forget(t);
		carrier_stop(c, true, ask);
		carrier_answer(c, false, ask, WIRE_CLIPBOARD_TOO_LARGE);
		return 0;
	}
	if (data->status != WIRE_CLIPBOARD_PART) {
		report(c, t, (enum wire_clipboard_status)data->status);
		taking_forget(t);
	}
	c->ops->to_local(c->user, m);
	return 0;
}

/* ---- ends ---- */

void taking_apply_rules(struct carrier *c)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++) {
		struct carrier_taking *t = &c->taking[i];
		uint32_t ask = t->ask;
		if (ask == 0 || (c->rules.in_kinds & CLIPBOARD_BIT(t->check.kind)))
			continue;
		taking_stop(c, ask);
		carrier_answer(c, false, ask, WIRE_CLIPBOARD_REFUSED);
	}
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT && c->rules.in_kinds == 0; s++)
		c->peer_offer[s].offer = 0;
}

void taking_local_gone(struct carrier *c)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++)
		if (c->taking[i].ask != 0)
			taking_stop(c, c->taking[i].ask);
}
