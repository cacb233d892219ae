#include "server/agent/supervisor.h"

#include "common/base/log.h"
#include "common/ipc/dispatch.h"
#include "server/agent/agent.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* How long the last words may take to leave, when the supervisor does not read. */
#define LAST_WORDS_MS 200

/* --- what it is told --- */

static void on_supervisor(uv_poll_t *poll, int status, int events);

static void watch_supervisor(struct agent *a)
{
	int events = UV_READABLE | (ipc_wants_write(&a->supervisor) ? UV_WRITABLE : 0);

	uv_poll_start(&a->supervisor_poll, events, on_supervisor);
}

static void tell_supervisor(struct agent *a, const struct agent_record *record)
{
	if (agent_record_send(&a->supervisor, record, -1) < 0)
		agent_end(a); /* without a supervisor there is nothing to do */
	else
		watch_supervisor(a);
}

void agent_tell_failed(struct agent *a, const char *reason)
{
	struct agent_record record = { .type = RECORD_AGENT_FAILED };

	snprintf(record.agent_failed.reason, sizeof(record.agent_failed.reason), "%s", reason);
	if (agent_record_send(&a->supervisor, &record, -1) < 0)
		log_debug("the supervisor is gone");
}

void agent_report_violation(struct agent *a, uint32_t worker, uint8_t wire_type)
{
	struct agent_record record = { .type = RECORD_VIOLATION };

	record.violation.worker = worker;
	record.violation.wire_type = wire_type;
	log_warn("worker %u sent %s, which its device may not: closed", worker,
		wire_type ? wire_type_name(wire_type) : "a request for the picture");
	tell_supervisor(a, &record);
}

void agent_tell_ready(struct agent *a)
{
	struct agent_record record = { .type = RECORD_AGENT_READY };
	struct record_agent_ready *ready = &record.agent_ready;

	snprintf(ready->display, sizeof(ready->display), "%s", a->display->name);
	ready->width_px = a->display->width_px;
	ready->height_px = a->display->height_px;
	ready->resizable = a->display->resizable;
	tell_supervisor(a, &record);
}

/* --- what it orders --- */

static struct viewer *find_viewer(struct agent *a, uint32_t worker)
{
	struct viewer *v = a->viewers;

	while (v && v->worker != worker)
		v = v->next;
	return v;
}

static int take_config(void *owner, const void *body, int *fd)
{
	(void)fd;
	if (agent_configure(owner, body) < 0)
		agent_fail(owner, "no memory for a display");
	return 0;
}

static int take_attach(void *owner, const void *body, int *fd)
{
	struct agent *a = owner;
	const struct record_attach *attach = body;
	struct viewer *old = find_viewer(a, attach->worker);
	size_t count = 0;

	for (const struct viewer *v = a->viewers; v; v = v->next)
		count++;
	if (old || *fd < 0 || count >= AGENT_VIEWERS_MAX) {
		log_warn("worker %u cannot be attached", attach->worker);
		return 0;
	}
	int r = viewer_attach(a, attach->worker, attach->caps, *fd);
	*fd = -1;
	if (r < 0)
		log_warn("worker %u cannot be attached: %s", attach->worker, strerror(-r));
	return 0;
}

static int take_detach(void *owner, const void *body, int *fd)
{
	struct viewer *v = find_viewer(owner, ((const struct record_detach *)body)->worker);

	(void)fd;
	if (v)
		viewer_close(v);
	return 0;
}

static int take_caps(void *owner, const void *body, int *fd)
{
	const struct record_set_caps *set = body;
	struct viewer *v = find_viewer(owner, set->worker);

	(void)fd;
	if (v)
		viewer_set_caps(v, set->caps);
	return 0;
}

static int take_files(void *owner, const void *body, int *fd)
{
	const struct record_agent_files *files = body;
	struct viewer *v = find_viewer(owner, files->worker);

	(void)fd;
	if (v)
		viewer_clipboard_files(v, files->uris.bytes, files->uris.len);
	return 0;
}

void agent_tell_copied(struct agent *a, uint32_t worker, const uint8_t *list, size_t len)
{
	const struct agent_record record = { .type = RECORD_AGENT_COPIED,
		.agent_copied = { .worker = worker, .list = { list, len } } };

	tell_supervisor(a, &record);
}

static int take_copied_ask(void *owner, const void *body, int *fd)
{
	uint32_t worker = ((const struct record_agent_copied_ask *)body)->worker;
	struct viewer *v = find_viewer(owner, worker);

	(void)fd;
	if (!v || viewer_clipboard_read_files(v) < 0)
		agent_tell_copied(owner, worker, NULL, 0);
	return 0;
}

static int take_end(void *owner, const void *body, int *fd)
{
	(void)body;
	(void)fd;
	agent_end(owner);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("the supervisor sent %s: ending", what);
}

enum phase { UNCONFIGURED, OPENING, OPEN };

static unsigned phase_of(const void *owner)
{
	const struct agent *a = owner;

	return a->open ? OPEN : a->configured ? OPENING : UNCONFIGURED;
}

/* The supervisor is believed, but not more than it can say. */
static const struct dispatch_rule rules[] = {
	{ RECORD_AGENT_CONFIG, DISPATCH_IN(UNCONFIGURED), take_config, 0 },
	{ RECORD_ATTACH, DISPATCH_IN(OPEN), take_attach, 0 },
	{ RECORD_SET_CAPS, DISPATCH_ALWAYS, take_caps, 0 },
	{ RECORD_AGENT_FILES, DISPATCH_ALWAYS, take_files, 0 },
	{ RECORD_AGENT_COPIED_ASK, DISPATCH_ALWAYS, take_copied_ask, 0 },
	{ RECORD_DETACH, DISPATCH_ALWAYS, take_detach, 0 },
	{ RECORD_END, DISPATCH_ALWAYS, take_end, 0 },
};

static const struct dispatch dispatch = {
	.records = &agent_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse,
};

static void read_supervisor(struct agent *a)
{
	struct agent_record room;

	while (!a->ending) {
		int r = dispatch_next(&a->supervisor, &dispatch, a, &room);
		if (r == -EAGAIN)
			return;
		if (r < 0)
			agent_end(a);
	}
}

static void on_supervisor(uv_poll_t *poll, int status, int events)
{
	struct agent *a = poll->data;

	if (status < 0) {
		agent_end(a);
		return;
	}
	if (events & UV_WRITABLE) {
		int r = ipc_flush(&a->supervisor);
		if (r < 0 && r != -EAGAIN)
			agent_end(a);
	}
	if (events & UV_READABLE)
		read_supervisor(a);
	if (!a->ending)
		watch_supervisor(a);
}

/* --- life --- */

int agent_supervisor_watch(struct agent *a)
{
	int r = uv_poll_init(&a->loop, &a->supervisor_poll, a->supervisor.fd);

	if (r < 0)
		return r;
	a->supervisor_poll.data = a;
	watch_supervisor(a);
	return 0;
}

static void send_last_words(struct agent *a)
{
	struct pollfd p = { .fd = a->supervisor.fd, .events = POLLOUT };

	while (ipc_flush(&a->supervisor) == -EAGAIN && poll(&p, 1, LAST_WORDS_MS) > 0)
		continue;
}

void agent_supervisor_finish(struct agent *a)
{
	send_last_words(a);
	log_set_sink(NULL, NULL);
	ipc_channel_finish(&a->supervisor);
}
