/* What the session's agent says. An agent that dies leaves the connection open: the supervisor
 * starts another and hands over its channel. */
#include "server/worker/worker.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>

void worker_agent_attach(struct worker *w, int fd)
{
	ipc_channel_finish(&w->agent);
	screen_agent_changed(w);
	if (ipc_channel_init(&w->agent, fd) < 0)
		worker_end(w, WIRE_BYE_INTERNAL, true, "the session cannot be reached");
}

static void agent_gone(struct worker *w)
{
	/* The supervisor knows why: an agent that died, or a session that it has just ended. */
	log_debug("the agent has closed its channel");
	ipc_channel_finish(&w->agent);
	screen_agent_changed(w);
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

/* The agent speaks for the session: only these reach the client. */
static void forward(struct worker *w, const struct view_record *r)
{
	struct wire_message m;

	if (record_wire_message(&r->wire, &m) < 0)
		return;
	if (m.type == WIRE_GOODBYE)
		worker_end(w, m.goodbye.code, true, "%s", m.goodbye.reason);
	else if (m.type == WIRE_LEDS || (m.type == WIRE_CURSOR_MOVE && (w->caps & WIRE_CAP_SEE)))
		worker_send(w, &m);
}

static void handle(struct worker *w, const struct view_record *r, int *fd)
{
	if (r->type == RECORD_FRAME_READY) {
		screen_frame_ready(w, &r->frame_ready);
	} else if (r->type == RECORD_FRAMEBUFFER) {
		screen_framebuffer(w, &r->framebuffer, *fd);
		*fd = -1;
	} else if (r->type == RECORD_CURSOR) {
		screen_cursor(w, &r->cursor, *fd);
		*fd = -1;
	} else if (r->type == RECORD_WIRE) {
		forward(w, r);
	} else {
		log_warn("record %s from the agent is not expected",
			record_type_name((uint8_t)r->type));
	}
}

void worker_agent_records(struct worker *w)
{
	struct view_record r;
	int fd;

	while (w->state != WORKER_ENDED && w->agent.fd >= 0) {
		int got = view_record_receive(&w->agent, &r, &fd);
		if (got == -EAGAIN)
			return;
		if (got < 0) {
			agent_gone(w);
			return;
		}
		handle(w, &r, &fd);
		fd_close(&fd);
	}
}
