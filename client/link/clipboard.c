#include "client/link/clipboard.h"

#include "client/link/link.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/codec/codec.h"

#include <errno.h>

static void to_peer(void *user, const struct wire_message *m, bool soon)
{
	struct link *l = user;

	/* Where the cursor's queue is full, a text of 16 KB is still a small message. */
	if (!soon || peer_send_on(&l->peer, PEER_CURSOR, m) < 0)
		link_send(l, m);
}

static void to_local(void *user, const struct wire_message *m)
{
	link_tell_wire(user, m);
}

static void ready(void *user)
{
	struct link *l = user;

	peer_source_ready(&l->peer, PEER_CLIPBOARD);
}

static uint32_t round_trip_us(void *user)
{
	const struct link *l = user;

	return l->peer.rtt_us;
}

static void ended(void *user, const struct carrier_report *r)
{
	struct link *l = user;

	log_debug("clipboard %s: %s, %llu bytes, status %d", r->out ? "out" : "in",
		clipboard_kind_name(r->kind), (unsigned long long)r->bytes, (int)r->status);
	/* What the window's exchange refuses by itself it knows; this it would never hear of. */
	const struct link_record unsent = {
		.type = RECORD_LINK_UNSENT,
		.link_unsent = { (uint8_t)r->kind, (uint8_t)r->status },
	};
	if (r->out &&
		(r->status == WIRE_CLIPBOARD_TOO_LARGE || r->status == WIRE_CLIPBOARD_UNUSABLE))
		link_tell(l, &unsent, -1);
}

static const struct carrier_ops ops = {
	.to_peer = to_peer,
	.to_local = to_local,
	.ready = ready,
	.round_trip_us = round_trip_us,
	.ended = ended,
};

/* peer_source_fn */
static int source(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	return carrier_next(user, out, more);
}

void link_clipboard_open(struct link *l)
{
	struct link_clipboard *c = &l->clipboard;

	c->agreed = (l->codec_features & CODEC_FEATURE_CLIPBOARD) != 0;
	carrier_init(&c->carrier, &ops, l);
	if (c->agreed)
		peer_set_source(&l->peer, PEER_CLIPBOARD, source, &c->carrier);
	link_clipboard_caps(l);
}

void link_clipboard_caps(struct link *l)
{
	struct carrier_rules rules = carrier_all;
	const uint32_t both = CODEC_FEATURE_FILES | CODEC_FEATURE_LENDING;
	bool lent = (l->codec_features & both) == both;

	if (!l->clipboard.agreed)
		return;
	rules.out_kinds = l->caps & WIRE_CAP_CLIPBOARD_IN ? rules.out_kinds : 0;
	if (lent && (l->caps & WIRE_CAP_FILES_OUT))
		rules.in_kinds |= CLIPBOARD_BIT(CLIPBOARD_FILES);
	rules.in_kinds = l->caps & WIRE_CAP_CLIPBOARD_OUT ? rules.in_kinds : 0;
	carrier_set_rules(&l->clipboard.carrier, &rules);
}

int link_clipboard_from_ui(struct link *l, const struct wire_message *m)
{
	/* Before WELCOME, or with a workstation that has no clipboard, it goes nowhere. */
	if (l->state != LINK_OPEN || !l->clipboard.agreed)
		return 0;
	int r = carrier_from_local(&l->clipboard.carrier, m);
	if (r == -ENOMEM)
		link_no_memory(l);
	return r == -EPROTO ? r : 0;
}

static void from_server(struct link *l, const struct wire_message *m)
{
	struct carrier *c = &l->clipboard.carrier;

	if (!l->clipboard.agreed) {
		link_broken(
			l, "message %s, which was not agreed on", wire_type_name((uint8_t)m->type));
		return;
	}
	if (m->type == WIRE_CLIPBOARD_ASK)
		peer_measure(&l->peer); /* before the answer stands in the way */
	int r = carrier_from_peer(c, m, clock_now_ms());
	if (r == -ENOMEM)
		link_no_memory(l);
	else if (r < 0)
		link_broken(l, "%s", c->fault);
}

static void finish(struct link *l)
{
	carrier_finish(&l->clipboard.carrier);
}

const struct link_channel link_clipboard_channel = {
	.name = "clipboard",
	.messages = {
		{ WIRE_CLIPBOARD_OFFER, from_server },
		{ WIRE_CLIPBOARD_WITHDRAW, from_server },
		{ WIRE_CLIPBOARD_ASK, from_server },
		{ WIRE_CLIPBOARD_DATA, from_server },
		{ WIRE_CLIPBOARD_MORE, from_server },
		{ WIRE_CLIPBOARD_STOP, from_server },
	},
	.finish = finish,
};
