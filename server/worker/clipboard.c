#include "server/worker/clipboard.h"

#include "common/base/clock.h"

#include <errno.h>

static void to_peer(void *user, const struct wire_message *m, bool soon)
{
	const struct clipboard *c = user;

	/* Where the cursor's queue is full, a text of 16 KB is still a small message. */
	if (!soon || peer_send_on(c->host->peer, PEER_CURSOR, m) < 0)
		worker_host_send(c->host, PEER_CONTROL, m);
}

static void to_local(void *user, const struct wire_message *m)
{
	const struct clipboard *c = user;

	c->host->send_agent(c->host->worker, m);
}

static void ready(void *user)
{
	const struct clipboard *c = user;

	peer_source_ready(c->host->peer, PEER_CLIPBOARD);
}

static uint32_t round_trip_us(void *user)
{
	const struct clipboard *c = user;

	return c->host->peer->rtt_us;
}

static void ended(void *user, const struct carrier_report *r)
{
	const struct clipboard *c = user;
	const struct record_carried carried = {
		.out = r->out,
		.selection = (uint8_t)r->selection,
		.kind = (uint8_t)r->kind,
		.status = (uint8_t)r->status,
		.bytes = r->bytes,
	};

	c->host->tell_carried(c->host->worker, &carried);
}

static const struct carrier_ops ops = {
	.to_peer = to_peer,
	.to_local = to_local,
	.ready = ready,
	.round_trip_us = round_trip_us,
	.ended = ended,
};

void clipboard_init(struct clipboard *c, const struct worker_host *host)
{
	*c = (struct clipboard){ .host = host, .allowed = carrier_all };
	carrier_init(&c->carrier, &ops, c);
}

void clipboard_configure(struct clipboard *c, const struct record_clipboard_rules *rules)
{
	c->allowed.out_kinds = c->allowed.in_kinds = rules->kinds & CLIPBOARD_WIRE_KINDS;
	for (int k = 0; k < WIRE_CLIPBOARD_KINDS; k++)
		c->allowed.max_bytes[k] = (uint32_t)MIN((size_t)rules->max_bytes[k],
			clipboard_kind_max_bytes((enum clipboard_kind)k));
}

static void apply(struct clipboard *c)
{
	struct carrier_rules rules = c->allowed;

	rules.in_kinds = c->caps & WIRE_CAP_CLIPBOARD_IN ? rules.in_kinds : 0;
	/* The administrator's kinds are those of contents; files have a right of their own. */
	if (c->lends && (c->caps & WIRE_CAP_FILES_OUT))
		rules.out_kinds |= CLIPBOARD_BIT(CLIPBOARD_FILES);
	rules.out_kinds = c->caps & WIRE_CAP_CLIPBOARD_OUT ? rules.out_kinds : 0;
	carrier_set_rules(&c->carrier, &rules);
}

static void opened(void *self, uint32_t features)
{
	struct clipboard *c = self;

	c->agreed = (features & WIRE_FEATURE_CLIPBOARD) != 0;
	c->lends = (features & WIRE_FEATURE_FILES) && (features & WIRE_FEATURE_LENDING);
}

static void set_caps(void *self, uint32_t caps)
{
	struct clipboard *c = self;

	c->caps = caps;
	if (c->agreed)
		apply(c);
}

static void from_client(void *self, const struct wire_message *m)
{
	struct clipboard *c = self;

	if (!c->agreed) {
		c->host->fail(c->host->worker, WIRE_BYE_PROTOCOL,
			"message %s, which was not agreed on", wire_type_name((uint8_t)m->type));
		return;
	}
	if (m->type == WIRE_CLIPBOARD_ASK)
		peer_measure(c->host->peer); /* before the answer stands in the way */
	int r = carrier_from_peer(&c->carrier, m, clock_now_ms());
	if (r == -ENOMEM)
		c->host->fail(c->host->worker, WIRE_BYE_INTERNAL, "out of memory");
	else if (r < 0)
		c->host->fail(c->host->worker, WIRE_BYE_PROTOCOL, "%s", c->carrier.fault);
}

static int from_agent(void *self, const struct wire_message *m)
{
	struct clipboard *c = self;

	if (!c->agreed)
		return 0; /* this client has no clipboard, and the agent need not know */
	int r = carrier_from_local(&c->carrier, m);
	if (r == -ENOMEM)
		c->host->fail(c->host->worker, WIRE_BYE_INTERNAL, "out of memory");
	return r == -EPROTO ? r : 0;
}

static void agent_changed(void *self)
{
	struct clipboard *c = self;

	carrier_local_gone(&c->carrier);
	c->tell_agent = true;
}

static bool step(void *self)
{
	struct clipboard *c = self;

	if (c->tell_agent && c->host->has_agent(c->host->worker)) {
		c->tell_agent = false;
		carrier_local_came(&c->carrier);
	}
	return false;
}

/* peer_source_fn */
static int source(void *self, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct clipboard *c = self;

	return carrier_next(&c->carrier, out, more);
}

static void finish(void *self)
{
	struct clipboard *c = self;

	carrier_finish(&c->carrier);
}

const struct worker_channel clipboard_channel = {
	.name = "clipboard",
	.priority = PEER_CLIPBOARD,
	.source = source,
	.messages = {
		{ WIRE_CLIPBOARD_OFFER, from_client },
		{ WIRE_CLIPBOARD_WITHDRAW, from_client },
		{ WIRE_CLIPBOARD_ASK, from_client },
		{ WIRE_CLIPBOARD_DATA, from_client },
		{ WIRE_CLIPBOARD_MORE, from_client },
		{ WIRE_CLIPBOARD_STOP, from_client },
	},
	.from_agent = from_agent,
	.opened = opened,
	.set_caps = set_caps,
	.agent_changed = agent_changed,
	.step = step,
	.finish = finish,
};
