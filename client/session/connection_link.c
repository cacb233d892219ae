/*
 * How a connection takes what farseat-link tells, for its channels. It is read as untrusted: a record
 * that breaks the rules between our own processes ends it.
 */
#include "client/session/channel.h"

#include "common/base/log.h"
#include "common/ipc/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void connection_distrust(struct connection *c, const char *what)
{
	bool again = ++c->distrusted < CONNECTION_DISTRUST_MAX;

	log_error("farseat-link broke the rules and is ended: %s", what);
	connection_say(c, "the connection ended by a fault within Farseat (the log says which)",
		again ? "Try again; if it stays, report it with the log."
		      : "Update Farseat on both machines; if it stays, report it with both logs.");
	connection_end_link(c, again ? OUTCOME_RETRY : OUTCOME_FAILED, 0);
}

void connection_pass_message(struct connection *c, const struct wire_message *m)
{
	if (c->events.wire)
		c->events.wire(c->user, m);
}

static int on_wire(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	struct wire_message m;

	(void)fd;
	if (record_wire_message(body, &m) < 0)
		return -EPROTO;
	if (!connection_channels_message(c, &m))
		connection_distrust(c, wire_type_name((uint8_t)m.type));
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)record;
	connection_distrust(owner, what);
}

/* CHAIN belongs to an enrolment (enroll.c) and is refused here. */
static const struct dispatch_rule rules[] = { { RECORD_WIRE, DISPATCH_ALWAYS, on_wire, 0 } };

static const struct dispatch dispatch = {
	.records = &link_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.find = connection_channels_rule,
	.refuse = refuse,
};

static void on_link_gone(struct connection *c)
{
	char status[128], text[CONNECTION_REASON_BYTES];

	link_process_finish(&c->link, 200, status);
	snprintf(
		text, sizeof(text), "farseat-link %s", status[0] ? status : "ended without a word");
	log_warn("%s", text);
	connection_say(c, text, "");
	connection_end_link(c, OUTCOME_RETRY, 0);
}

void connection_read_link(struct connection *c)
{
	struct link_record room;

	/* What it said before it closed is still read. */
	if (ipc_wants_write(&c->link.channel) && ipc_flush(&c->link.channel) == -EPIPE)
		log_debug("farseat-link closed its channel");
	while (c->link.channel.fd >= 0) {
		int r = dispatch_next(&c->link.channel, &dispatch, c, &room);
		if (r == -EAGAIN)
			return;
		if (r < 0 && r != -EPROTO) /* EPROTO: refused, and ended by that */
			on_link_gone(c);
	}
}
