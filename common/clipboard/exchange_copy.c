/* What is copied on this machine: who owns it, and when it is offered. */
#include "common/clipboard/exchange_state.h"

/* ---- offers ---- */

/* Whether there is something that may be said at all. */
static unsigned kinds_to_offer(const struct exchange *e, const struct copied *c)
{
	if (c->owner.ours || c->owner.secret || c->echo || c->owner.origin == e->origin)
		return 0;
	return c->owner.kinds & e->out_kinds;
}

static void withdraw(struct exchange *e, struct copied *c)
{
	const struct wire_message m = {
		.type = WIRE_CLIPBOARD_WITHDRAW,
		.clipboard_withdraw.offer = c->offer,
	};

	if (c->offer != 0)
		exchange_send(e, &m);
	c->offer = 0;
}

static void say(
	struct exchange *e, enum clipboard_selection selection, unsigned kinds, uint64_t now_ms)
{
	struct copied *c = &e->copied[selection];

	if (++e->last_offer == 0)
		e->last_offer = 1;
	c->news = false;
	c->offer = e->last_offer;
	c->offered_kinds = kinds;
	c->offered_ms = now_ms;
	const struct wire_message m = {
		.type = WIRE_CLIPBOARD_OFFER,
		.clipboard_offer = {
			.offer = c->offer,
			.selection = (uint8_t)selection,
			.kinds = (uint8_t)kinds,
			.origin = c->owner.origin ? c->owner.origin : e->origin,
		},
	};
	exchange_send(e, &m);
}

/* Whether it has to be compared with what was carried last, which is under way then. */
static bool is_checked(struct exchange *e, enum clipboard_selection selection, uint64_t now_ms)
{
	struct copied *c = &e->copied[selection];

	if (!c->checking && (c->owner.kinds & CLIPBOARD_BIT(CLIPBOARD_TEXT)) &&
		echo_possible(&e->echo[selection], now_ms))
		c->checking = read_echo(e, selection);
	return c->checking;
}

static bool is_soon(const struct exchange *e, enum clipboard_selection selection, uint64_t now_ms)
{
	const struct copied *c = &e->copied[selection];

	return selection == CLIPBOARD_PRIMARY && c->offered_ms > 0 &&
	       now_ms - c->offered_ms < CLIPBOARD_PRIMARY_MS;
}

void copy_offer(struct exchange *e, enum clipboard_selection selection, uint64_t now_ms)
{
	struct copied *c = &e->copied[selection];
	unsigned kinds = kinds_to_offer(e, c);

	if (!c->news || !e->there)
		return;
	if (kinds == 0) {
		c->news = false;
		withdraw(e, c);
		return;
	}
	if (e->open[selection] && !is_soon(e, selection, now_ms) &&
		!is_checked(e, selection, now_ms))
		say(e, selection, kinds, now_ms);
}

int copy_timeout_ms(const struct exchange *e, uint64_t now_ms)
{
	const struct copied *c = &e->copied[CLIPBOARD_PRIMARY];

	if (!c->news || !e->there || c->checking || !e->open[CLIPBOARD_PRIMARY] ||
		!is_soon(e, CLIPBOARD_PRIMARY, now_ms))
		return -1;
	return (int)(c->offered_ms + CLIPBOARD_PRIMARY_MS - now_ms);
}

/* ---- owners ---- */

void copy_owner_changed(
	struct exchange *e, enum clipboard_selection selection, const struct clipboard_owner *owner)
{
	struct copied *c = &e->copied[selection];
	bool secret = owner->secret && !owner->ours && owner->kinds != 0;
	bool was_secret = c->owner.secret && !c->owner.ours && c->owner.kinds != 0;

	read_end(e, selection);
	c->owner = *owner;
	c->echo = false;
	if (secret != was_secret && e->line->secret)
		e->line->secret(e->user, selection, secret);
	if (owner->ours) {
		/* The other end has something newer: it knows that ours is void. */
		c->offer = 0;
		c->news = false;
		return;
	}
	c->news = true;
	copy_offer(e, selection, e->clock_ms());
}

void copy_offer_anew(struct exchange *e, uint64_t now_ms)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		struct copied *c = &e->copied[s];
		unsigned kinds = kinds_to_offer(e, c);
		if (kinds == (c->offer ? c->offered_kinds : 0))
			continue;
		read_end_asks(e, (enum clipboard_selection)s, kinds, WIRE_CLIPBOARD_REFUSED);
		c->news = true;
		copy_offer(e, (enum clipboard_selection)s, now_ms);
	}
}

void copy_line_gone(struct exchange *e)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		read_end_asks(e, (enum clipboard_selection)s, 0, WIRE_CLIPBOARD_GONE);
		e->copied[s].offer = 0;
		e->copied[s].echo = false;
	}
}

void copy_lost(struct exchange *e)
{
	static const struct clipboard_owner nobody = { 0 };

	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		copy_owner_changed(e, (enum clipboard_selection)s, &nobody);
}

void copy_compared(struct exchange *e, enum clipboard_selection selection, bool same)
{
	struct copied *c = &e->copied[selection];

	c->checking = false;
	c->echo = same;
	e->echo[selection].known = false; /* asked once */
	copy_offer(e, selection, e->clock_ms());
}
