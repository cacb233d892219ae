#include "server/agent/viewer.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/ipc/dispatch.h"
#include "server/agent/agent.h"
#include "server/agent/channel.h"
#include "server/agent/gate.h"
#include "server/agent/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Records read at once before the others' turn comes. */
#define RECORDS_A_TURN 64

static void on_ready(uv_poll_t *poll, int status, int events);

void viewer_watch(struct viewer *v)
{
	int events = 0;

	if (v->closing)
		return;
	if (!v->stalled)
		events |= UV_READABLE;
	if (ipc_wants_write(&v->channel))
		events |= UV_WRITABLE;
	if (events)
		uv_poll_start(&v->poll, events, on_ready);
	else
		uv_poll_stop(&v->poll);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void viewer_close(struct viewer *v)
{
	struct agent *a = v->agent;

	if (v->closing)
		return;
	v->closing = true;
	viewer_channels_finish(v);
	for (struct viewer **at = &a->viewers; *at; at = &(*at)->next)
		if (*at == v) {
			*at = v->next;
			break;
		}
	uv_poll_stop(&v->poll);
	ipc_channel_finish(&v->channel);
	uv_close((uv_handle_t *)&v->poll, on_closed);
	agent_update_use(a);
	log_debug("worker %u is detached", v->worker);
}

/* --- to the worker --- */

/*
 * After any send. A failed one ends the viewer, but not while its list may be walked: its channel
 * is shut, which the loop sees next.
 */
void viewer_sent(struct viewer *v, int r)
{
	if (r < 0) {
		log_debug("worker %u cannot be reached: %s", v->worker, strerror(-r));
		v->holding = false;
		v->wants = false;
		shutdown(v->channel.fd, SHUT_RDWR);
	}
	viewer_watch(v);
}

/* A worker may look at the memory, not write: another worker reads it too. */
static int readonly_fd(const struct ipc_memory *memory)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory->fd);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void viewer_send_memory(
	struct viewer *v, const struct view_record *record, const struct ipc_memory *memory)
{
	int fd = memory && memory->fd >= 0 ? readonly_fd(memory) : -1;
	int r = memory && memory->fd >= 0 && fd < 0 ? fd
						    : view_record_send(&v->channel, record, fd);

	fd_close(&fd);
	viewer_sent(v, r);
}

/* --- from the worker --- */

static bool in_grace(const struct viewer *v,
	enum gate (*judge)(const struct viewer *v, int type, uint32_t caps), int type)
{
	return v->lost_caps && clock_now_ms() < v->lost_until_ms &&
	       judge(v, type, v->caps | v->lost_caps) == GATE_PASS;
}

static enum gate judge_record(const struct viewer *v, int type, uint32_t caps)
{
	(void)v;
	return gate_record((enum record_type)type, caps);
}

static enum gate judge_wire(const struct viewer *v, int type, uint32_t caps)
{
	(void)v;
	return gate_wire((enum wire_type)type, caps);
}

/* 0: go on with it; 1: drop it; -EPERM, -EPROTO: the viewer ends. */
static int judge(struct viewer *v, enum gate (*by)(const struct viewer *v, int type, uint32_t caps),
	int type, uint8_t wire_type)
{
	switch (by(v, type, v->caps)) {
	case GATE_PASS:
		return 0;
	case GATE_VIOLATION:
		if (in_grace(v, by, type))
			return 1;
		agent_report_violation(v->agent, v->worker, wire_type);
		return -EPERM;
	case GATE_PROTOCOL:
		break;
	}
	return -EPROTO;
}

/* dispatch.judge */
static int judge_before(void *owner, enum record_type type)
{
	return judge(owner, judge_record, (int)type, 0);
}

static int take_wire(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;
	struct wire_message m;

	(void)fd;
	int r = record_wire_message(body, &m);
	if (r == 0)
		r = judge(v, judge_wire, (int)m.type, (uint8_t)m.type);
	if (r == 0)
		viewer_channels_message(v, &m);
	return MIN(r, 0);
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct viewer *v = owner;

	(void)record;
	log_warn("worker %u sent %s: it is detached", v->worker, what);
}

static const struct dispatch_rule rules[] = { { RECORD_WIRE, DISPATCH_ALWAYS, take_wire, 0 } };

static const struct dispatch dispatch = {
	.records = &view_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.find = viewer_channels_rule,
	.judge = judge_before,
	.refuse = refuse,
};

static int read_records(struct viewer *v)
{
	struct view_record room;

	for (int i = 0; i < RECORDS_A_TURN && !v->stalled; i++) {
		int r = dispatch_next(&v->channel, &dispatch, v, &room);
		if (r < 0)
			return r == -EAGAIN ? 0 : r;
	}
	return 0;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct viewer *v = poll->data;
	int r = status < 0 ? -EPIPE : 0;

	if (r == 0 && (events & UV_WRITABLE)) {
		r = ipc_flush(&v->channel);
		if (r == -EAGAIN)
			r = 0;
	}
	if (r == 0 && (events & UV_READABLE))
		r = read_records(v);
	if (r < 0) {
		viewer_close(v);
		return;
	}
	viewer_watch(v);
}

/* --- attaching --- */

void viewer_set_caps(struct viewer *v, uint32_t caps)
{
	uint32_t gained = caps & ~v->caps;

	v->lost_caps = v->caps & ~caps;
	v->lost_until_ms = clock_now_ms() + VIEWER_GRACE_MS;
	v->caps = caps;
	viewer_channels_caps(v, gained);
	viewer_watch(v);
	agent_update_use(v->agent);
}

int viewer_attach(struct agent *a, uint32_t worker, uint32_t caps, int fd)
{
	struct viewer *v = calloc(1, sizeof(*v));
	if (!v) {
		fd_close(&fd);
		return -ENOMEM;
	}
	v->agent = a;
	v->worker = worker;
	v->caps = caps;
	int r = ipc_channel_init(&v->channel, fd);
	if (r == 0)
		r = uv_poll_init(&a->loop, &v->poll, v->channel.fd);
	if (r < 0) {
		ipc_channel_finish(&v->channel);
		free(v);
		return r;
	}
	v->poll.data = v;
	v->next = a->viewers;
	a->viewers = v;
	viewer_channels_attach(v);
	agent_update_use(a);
	return 0;
}
