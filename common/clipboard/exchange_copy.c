/* What is copied on this machine: who owns it, and when it is offered. */
#include "common/base/clock.h"
#include "common/clipboard/exchange_state.h"

/* ---- offers ---- */

/* What a password manager has copied. With an origin it is a Farseat's mark on what was copied elsewhere and
 * was no secret there, since of those none is offered: it goes on with its mark, from a session within a
 * session. */
static bool is_secret(const struct clipboard_owner *owner)
{
	return owner->secret && owner->origin == 0 && !owner->ours && owner->kinds != 0;
}

/* Whether there is something that may be said at all. */
static unsigned kinds_to_offer(const struct exchange *e, enum clipboard_selection selection)
{
	const struct copied *c = &e->copied[selection];
	unsigned kinds = c->owner.kinds & e->out_kinds;

	if (c->owner.ours || is_secret(&c->owner) || c->echo || c->owner.origin == e->origin)
		return 0;
	/* Files are copied and pasted, never selected and put down. */
	return selection == CLIPBOARD_PRIMARY ? kinds & CLIPBOARD_WIRE_KINDS : kinds;
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
			.flags = c->owner.secret ? WIRE_CLIPBOARD_SECRET : 0,
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

/* How long after the last offer the next one has to wait; 0: it may go. */
static uint64_t soon_ms(
	const struct exchange *e, enum clipboard_selection selection, uint64_t now_ms)
{
	static const uint64_t pause_ms[CLIPBOARD_SELECTION_COUNT] = {
		[CLIPBOARD_CLIPBOARD] = CLIPBOARD_CLIPBOARD_MS,
		[CLIPBOARD_PRIMARY] = CLIPBOARD_PRIMARY_MS,
	};
	uint64_t offered_ms = e->copied[selection].offered_ms;

	if (offered_ms == 0 || now_ms >= offered_ms + pause_ms[selection])
		return 0;
	return offered_ms + pause_ms[selection] - now_ms;
}

void copy_offer(struct exchange *e, enum clipboard_selection selection, uint64_t now_ms)
{
	struct copied *c = &e->copied[selection];
	unsigned kinds = kinds_to_offer(e, selection);

	if (!c->news || !e->there)
		return;
	if (kinds == 0) {
		c->news = false;
		withdraw(e, c);
		return;
	}
	if (e->open[selection] && soon_ms(e, selection, now_ms) == 0 &&
		!is_checked(e, selection, now_ms))
		say(e, selection, kinds, now_ms);
}

int copy_timeout_ms(const struct exchange *e, uint64_t now_ms)
{
	int next_ms = -1;

	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT && e->there; s++) {
		const struct copied *c = &e->copied[s];
		uint64_t wait_ms = soon_ms(e, (enum clipboard_selection)s, now_ms);
		if (c->news && !c->checking && e->open[s] && wait_ms > 0)
			next_ms = clock_sooner_ms(next_ms, (int)wait_ms);
	}
	return next_ms;
}

/* ---- owners ---- */

static bool is_withheld(const struct exchange *e, const struct clipboard_owner *owner)
{
	unsigned kinds = owner->kinds & CLIPBOARD_WIRE_KINDS;

	return e->there && kinds != 0 && !(kinds & e->out_kinds) && !is_secret(owner) &&
	       owner->origin != e->origin;
}

void copy_owner_changed(
	struct exchange *e, enum clipboard_selection selection, const struct clipboard_owner *owner)
{
	struct copied *c = &e->copied[selection];
	bool secret = is_secret(owner), was_secret = is_secret(&c->owner);

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
	if (is_withheld(e, owner) && e->line->withheld)
		e->line->withheld(e->user, selection);
	copy_offer(e, selection, e->clock_ms());
}

void copy_offer_anew(struct exchange *e, uint64_t now_ms)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		struct copied *c = &e->copied[s];
		unsigned kinds = kinds_to_offer(e, (enum clipboard_selection)s);
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
		e->copied[s].offered_ms = 0; /* another line has not heard anything yet */
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
