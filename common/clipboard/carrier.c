/* The life of a carrier, its rules, and what neither leaves nor arrives as contents: offers. */
#include "common/clipboard/carrier.h"

#include "common/clipboard/carrier_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct carrier_rules carrier_all = {
	.out_kinds = CLIPBOARD_WIRE_KINDS,
	.in_kinds = CLIPBOARD_WIRE_KINDS,
	.max_bytes = CLIPBOARD_KINDS_MAX_BYTES,
};

void carrier_init(struct carrier *c, const struct carrier_ops *ops, void *user)
{
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->user = user;
}

void carrier_finish(struct carrier *c)
{
	for (size_t i = 0; i < WIRE_CLIPBOARD_ASKS_MAX; i++) {
		sending_forget(&c->sending[i]);
		taking_forget(&c->taking[i]);
	}
}

int carrier_broken(struct carrier *c, const char *what)
{
	snprintf(c->fault, sizeof(c->fault), "%s", what);
	return -EPROTO;
}

static void pass(struct carrier *c, bool to_peer, const struct wire_message *m)
{
	if (to_peer)
		c->ops->to_peer(c->user, m, false);
	else
		c->ops->to_local(c->user, m);
}

void carrier_answer(
	struct carrier *c, bool to_peer, uint32_t ask, enum wire_clipboard_status status)
{
	const struct wire_message m = {
		.type = WIRE_CLIPBOARD_DATA,
		.clipboard_data = { .ask = ask, .status = (uint8_t)status },
	};

	pass(c, to_peer, &m);
}

void carrier_stop(struct carrier *c, bool to_peer, uint32_t ask)
{
	const struct wire_message m = { .type = WIRE_CLIPBOARD_STOP, .clipboard_stop.ask = ask };

	pass(c, to_peer, &m);
}

/* ---- offers ---- */

/* Whether that is more than an exchange ever says. */
static bool is_flood(struct carrier_news *n, uint64_t now_ms)
{
	uint64_t back = n->at_ms ? (now_ms - n->at_ms) * CARRIER_NEWS_PER_S : 0;

	n->at_ms = now_ms;
	n->spent -= (uint32_t)MIN(back, (uint64_t)n->spent);
	n->spent += 1000;
	return n->spent > CARRIER_NEWS_BURST * 1000U;
}

static int selection_of(
	const struct wire_clipboard_offer offers[CLIPBOARD_SELECTION_COUNT], uint32_t offer)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		if (offers[s].offer == offer)
			return s;
	return -1;
}

/* An offer on its way, with the kinds that may cross. */
static void pass_offer(struct carrier *c, const struct wire_clipboard_offer *offer, bool to_peer)
{
	struct wire_clipboard_offer *offers = to_peer ? c->local_offer : c->peer_offer;
	unsigned allowed = to_peer ? c->rules.out_kinds : c->rules.in_kinds;
	struct wire_message passed = { .type = WIRE_CLIPBOARD_OFFER, .clipboard_offer = *offer };

	if (to_peer)
		c->local_said[offer->selection] = *offer;
	passed.clipboard_offer.kinds = (uint8_t)(offer->kinds & allowed);
	if (passed.clipboard_offer.kinds == 0)
		return;
	offers[offer->selection] = passed.clipboard_offer;
	pass(c, to_peer, &passed);
}

static void pass_withdraw(struct carrier *c, const struct wire_message *m, bool to_peer)
{
	struct wire_clipboard_offer *offers = to_peer ? c->local_offer : c->peer_offer;
	uint32_t offer = m->clipboard_withdraw.offer;
	int said = to_peer ? selection_of(c->local_said, offer) : -1;
	int selection = selection_of(offers, offer);

	if (said >= 0)
		c->local_said[said].offer = 0;
	if (selection < 0)
		return; /* it never passed */
	offers[selection].offer = 0;
	pass(c, to_peer, m);
}

void carrier_set_rules(struct carrier *c, const struct carrier_rules *rules)
{
	c->rules = *rules;
	sending_apply_rules(c);
	taking_apply_rules(c);
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		const struct wire_clipboard_offer *said = &c->local_said[s];
		const struct wire_clipboard_offer *passed = &c->local_offer[s];
		if (said->offer != 0 && (passed->offer != said->offer ||
						passed->kinds != (said->kinds & rules->out_kinds)))
			pass_offer(c, said, true);
	}
}

int carrier_from_peer(struct carrier *c, const struct wire_message *m, uint64_t now_ms)
{
	switch ((unsigned)m->type) {
	case WIRE_CLIPBOARD_OFFER:
	case WIRE_CLIPBOARD_WITHDRAW:
		if (is_flood(&c->news, now_ms))
			return carrier_broken(c, "too many offers of the clipboard");
		if (m->type == WIRE_CLIPBOARD_OFFER)
			pass_offer(c, &m->clipboard_offer, false);
		else
			pass_withdraw(c, m, false);
		return 0;
	case WIRE_CLIPBOARD_ASK:
		return sending_ask(
			c, &m->clipboard_ask, selection_of(c->local_offer, m->clipboard_ask.offer));
	case WIRE_CLIPBOARD_MORE:
		return sending_more(c, &m->clipboard_more);
	case WIRE_CLIPBOARD_STOP:
		sending_stop(c, m->clipboard_stop.ask);
		return 0;
	case WIRE_CLIPBOARD_DATA:
		return taking_data(c, m);
	default:
		return carrier_broken(c, "no message of the clipboard");
	}
}

int carrier_from_local(struct carrier *c, const struct wire_message *m)
{
	switch ((unsigned)m->type) {
	case WIRE_CLIPBOARD_OFFER:
		pass_offer(c, &m->clipboard_offer, true);
		return 0;
	case WIRE_CLIPBOARD_WITHDRAW:
		pass_withdraw(c, m, true);
		return 0;
	case WIRE_CLIPBOARD_ASK:
		return taking_ask(c, m, selection_of(c->peer_offer, m->clipboard_ask.offer));
	case WIRE_CLIPBOARD_MORE:
		taking_more(c, m);
		return 0;
	case WIRE_CLIPBOARD_STOP:
		taking_stop(c, m->clipboard_stop.ask);
		return 0;
	case WIRE_CLIPBOARD_DATA:
		return sending_data(c, &m->clipboard_data);
	default:
		return -EPROTO;
	}
}

void carrier_local_gone(struct carrier *c)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		const struct wire_message m = {
			.type = WIRE_CLIPBOARD_WITHDRAW,
			.clipboard_withdraw.offer = c->local_offer[s].offer,
		};
		if (c->local_offer[s].offer != 0)
			c->ops->to_peer(c->user, &m, false);
		c->local_offer[s].offer = c->local_said[s].offer = 0;
	}
	sending_local_gone(c);
	taking_local_gone(c);
}

void carrier_local_came(struct carrier *c)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++) {
		const struct wire_message m = {
			.type = WIRE_CLIPBOARD_OFFER,
			.clipboard_offer = c->peer_offer[s],
		};
		if (c->peer_offer[s].offer != 0)
			c->ops->to_local(c->user, &m);
	}
}
