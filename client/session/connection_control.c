/* The session itself: what it may do, how the link is, and how it ends. */
#include "client/session/channel.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <string.h>

/* A virtual session starts with it: where both ends know the message, it is always sent, once the
 * link is open and WELCOME has said so, whichever comes first. */
static void tell_dpi(struct connection *c)
{
	const struct wire_message m = { .type = WIRE_DPI, .dpi = { .dpi = c->options.dpi } };

	if (!c->dpi_told && c->welcomed && (c->welcome.codec_features & WIRE_FEATURE_DPI))
		c->dpi_told = connection_send(c, &m);
}

static void on_welcome(struct connection *c, const struct wire_message *m)
{
	c->welcome = m->welcome;
	c->welcomed = true;
	c->caps = m->welcome.caps;
	tell_dpi(c);
	connection_pass_message(c, m);
}

static void on_caps(struct connection *c, const struct wire_message *m)
{
	c->caps = m->caps.caps;
	connection_pass_message(c, m);
}

static void on_goodbye(struct connection *c, const struct wire_message *m)
{
	const struct wire_goodbye *bye = &m->goodbye;

	c->goodbye = bye->code;
	connection_say(c, bye->reason, remedy_for(0, bye->code));
}

static int on_link_state(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_link_state *s = body;
	uint64_t now = clock_now_ms();

	(void)fd;
	switch (s->phase) {
	case RECORD_LINK_HANDSHAKE:
	case RECORD_LINK_PROVING:
		connection_set_state(c, CONNECTION_SECURING);
		break;
	case RECORD_LINK_OPEN:
		if (c->open_since_ms == 0)
			c->open_since_ms = now;
		c->lost_since_ms = 0;
		c->renewed_ms = 0;
		c->picture.updated_ms = now;
		if (c->attempt)
			way_opened(c->attempt);
		connection_set_state(c, CONNECTION_OPEN);
		tell_dpi(c);
		break;
	case RECORD_LINK_SILENT:
		if (c->lost_since_ms == 0)
			c->lost_since_ms = now - MIN(now, (uint64_t)s->silent_ms);
		c->picture.updated_ms = now - MIN(now, (uint64_t)s->silent_ms);
		connection_set_state(c, CONNECTION_SILENT);
		break;
	default:
		break;
	}
	if (c->events.link_state)
		c->events.link_state(c->user, s);
	return 0;
}

/* A connection that never opened may have ended on the way there. */
static void blame_way(struct connection *c)
{
	char reason[WAY_REASON_BYTES];
	const char *remedy = "";

	c->way_failed = c->attempt && way_blame(c->attempt, reason, &remedy);
	if (c->way_failed)
		connection_say(c, reason, remedy);
}

static int on_failed(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_link_failed *f = body;
	/* With a session mbedTLS 3.6 offers that session's version and its suites only; the workstation
	 * may have changed its own since. */
	bool nothing_in_common =
		f->fault == CRYPTO_WRONG_VERSION || f->fault == CRYPTO_NO_COMMON_SUITE;

	(void)fd;
	if (nothing_in_common && c->resumable) {
		connection_again_without_session(c);
		return 0;
	}
	c->fault = f->fault;
	if (f->code)
		c->goodbye = f->code;
	connection_say(c, f->reason, remedy_for(c->fault, c->goodbye));
	if (c->open_since_ms == 0 && remedy_by_way(c->fault, c->goodbye))
		blame_way(c);
	connection_end_link(
		c, f->renews ? OUTCOME_RENEW : outcome_of(c->fault, c->goodbye, f->retry), 200);
	return 0;
}

static int on_ticket(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_ticket *ticket = body;

	(void)fd;
	if (ticket->session.len > WORKSTATION_SESSION_MAX_BYTES)
		return 0;
	int r = workstation_store_session(
		&c->workstation, ticket->session.bytes, ticket->session.len);
	if (r < 0)
		log_debug("the session to resume was not stored: %s", strerror(-r));
	return 0;
}

static int on_step(void *owner, const void *body, int *fd)
{
	const struct connection *c = owner;

	(void)fd;
	if (c->events.step)
		c->events.step(c->user, body);
	return 0;
}

static int on_stats(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;

	(void)fd;
	/* Figures come once a second: while the other end is heard, a still picture is up to date. */
	if (c->state == CONNECTION_OPEN)
		c->picture.updated_ms = clock_now_ms();
	if (c->events.stats)
		c->events.stats(c->user, body);
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	const struct record_log *log = body;

	(void)owner;
	(void)fd;
	log_line(MIN(log->level, LOG_DEBUG), "link: %.*s", (int)log->line.len,
		(const char *)log->line.bytes);
	return 0;
}

static void ended(struct connection *c)
{
	c->welcomed = false;
	c->dpi_told = false;
	c->caps = 0;
}

const struct connection_channel connection_control_channel = {
	.name = "control",
	.messages = { { WIRE_WELCOME, on_welcome }, { WIRE_CAPS, on_caps },
		{ WIRE_GOODBYE, on_goodbye }, { WIRE_CLOCK, connection_pass_message },
		{ WIRE_LEDS, connection_pass_message }, { WIRE_RENEWED, connection_pass_message },
		{ WIRE_STATS, connection_pass_message } },
	.records = { { RECORD_LINK_STATE, DISPATCH_ALWAYS, on_link_state, 0 },
		{ RECORD_LINK_STEP, DISPATCH_ALWAYS, on_step, 0 },
		{ RECORD_LINK_FAILED, DISPATCH_ALWAYS, on_failed, 0 },
		{ RECORD_TICKET, DISPATCH_ALWAYS, on_ticket, 0 },
		{ RECORD_LINK_STATS, DISPATCH_ALWAYS, on_stats, 0 },
		{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 } },
	.ended = ended,
};
