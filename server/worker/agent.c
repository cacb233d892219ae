/* What the session's agent says. An agent that dies leaves the connection open: the supervisor
 * starts another and hands over its channel. */
#include "server/worker/worker.h"

#include "common/base/log.h"

#include <errno.h>

void worker_agent_attach(struct worker *w, int fd)
{
	ipc_channel_finish(&w->agent);
	worker_channels_agent_changed(w);
	if (ipc_channel_init(&w->agent, fd) < 0)
		worker_end(w, WIRE_BYE_INTERNAL, true, "the session cannot be reached");
	else if (w->dpi_known)
		worker_agent_tell_dpi(w, w->dpi);
}

static void agent_gone(struct worker *w)
{
	/* The supervisor knows why: an agent that died, or a session that it has just ended. */
	log_debug("the agent has closed its channel");
	ipc_channel_finish(&w->agent);
	worker_channels_agent_changed(w);
}

/* An agent that does not read for so long is as good as dead, and this connection with it. */
static void check_sent(struct worker *w, int r)
{
	if (r == -EPIPE)
		agent_gone(w);
	else if (r < 0)
		worker_end(w, WIRE_BYE_INTERNAL, true, "the session does not respond");
}

void worker_agent_tell(struct worker *w, enum record_type type)
{
	const struct view_record r = { .type = type };

	if (w->agent.fd >= 0)
		check_sent(w, view_record_send(&w->agent, &r, -1));
}

void worker_agent_send(struct worker *w, const struct wire_message *m)
{
	if (w->agent.fd >= 0)
		check_sent(w, record_send_wire(&w->agent, m));
}

void worker_agent_tell_dpi(struct worker *w, uint16_t dpi)
{
	struct wire_message m = { .type = WIRE_DPI };

	m.dpi.dpi = dpi;
	w->dpi = dpi;
	w->dpi_known = true;
	worker_agent_send(w, &m);
}

/* The agent speaks for the session: only these reach the client. */
static int wire(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	struct wire_message m;

	(void)fd;
	if (record_wire_message(body, &m) < 0)
		return -EPROTO;
	if (m.type == WIRE_GOODBYE)
		worker_end(w, m.goodbye.code, true, "%s", m.goodbye.reason);
	else if (m.type == WIRE_LEDS || worker_channels_forward(w, m.type))
		worker_send(w, &m);
	else if (m.type != WIRE_CURSOR_MOVE)
		return worker_channels_from_agent(w, &m);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("the session's agent sent %s", what);
}

static const struct dispatch_rule rules[] = { { RECORD_WIRE, DISPATCH_ALWAYS, wire, 0 } };

static const struct dispatch dispatch = {
	.records = &view_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.find = worker_channels_rule,
	.refuse = refuse,
};

void worker_agent_records(struct worker *w)
{
	struct view_record room;

	while (w->state != WORKER_ENDED && w->agent.fd >= 0) {
		int r = dispatch_next(&w->agent, &dispatch, w, &room);
		if (r == -EAGAIN)
			return;
		if (r < 0)
			agent_gone(w);
	}
}
