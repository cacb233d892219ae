/* The agent: started with the daemon, started again when it dies, and connected to each worker that
 * has a session. */
#include "server/registry/audit.h"
#include "server/supervisor/child_log.h"
#include "server/supervisor/supervisor.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Before an agent that died is started again; doubles up to the maximum. */
#define AGENT_ATTEMPT_MS     250
#define AGENT_ATTEMPT_MAX_MS 8000
/* An agent that lived for so long starts the row of waits anew. */
#define AGENT_STEADY_MS 5000

static void attach(struct supervisor *s, struct worker_child *w)
{
	const struct agent_record record = { .type = RECORD_ATTACH,
		.attach = { .worker = w->id, .caps = w->caps } };

	child_send(&s->agent.child, &record, w->agent_fd);
	fd_close(&w->agent_fd);
}

int agents_connect(
	struct supervisor *s, struct worker_child *w, const struct worker_record *announce)
{
	int pair[2];
	int r = ipc_pair(pair);

	if (r < 0)
		return r;
	child_send(&w->child, announce, pair[0]);
	fd_close(&pair[0]);
	fd_close(&w->agent_fd);
	w->agent_fd = pair[1];
	if (s->agent.ready)
		attach(s, w);
	return 0;
}

void agents_set_caps(struct supervisor *s, const struct worker_child *w)
{
	const struct agent_record record = { .type = RECORD_SET_CAPS,
		.set_caps = { .worker = w->id, .caps = w->caps } };

	if (s->agent.ready)
		child_send(&s->agent.child, &record, -1);
}

void agents_put_files(
	struct supervisor *s, const struct worker_child *w, const struct record_blob *uris)
{
	const struct agent_record record = { .type = RECORD_AGENT_FILES,
		.agent_files = { .worker = w->id, .uris = *uris } };

	if (s->agent.ready)
		child_send(&s->agent.child, &record, -1);
}

bool agents_ask_copied(struct supervisor *s, const struct worker_child *w)
{
	const struct agent_record record = { .type = RECORD_AGENT_COPIED_ASK,
		.agent_copied_ask = { .worker = w->id } };

	if (s->agent.ready)
		child_send(&s->agent.child, &record, -1);
	return s->agent.ready;
}

static int on_copied(void *owner, const void *body, int *fd)
{
	const struct agent_child *a = owner;
	const struct record_agent_copied *copied = body;

	(void)fd;
	if (copied->worker == 0)
		return -EPROTO;
	files_answer_copied(a->supervisor, copied->worker, &copied->list);
	return 0;
}

void agents_detach(struct supervisor *s, const struct worker_child *w)
{
	const struct agent_record record = { .type = RECORD_DETACH, .detach = { .worker = w->id } };

	if (s->agent.ready && w->device[0] != '\0')
		child_send(&s->agent.child, &record, -1);
}

static int on_ready(void *owner, const void *body, int *fd)
{
	struct agent_child *a = owner;
	const struct record_agent_ready *ready = body;
	struct supervisor *s = a->supervisor;
	bool again = a->ready; /* with another size */

	(void)fd;
	a->screen = *ready;
	if (again)
		return 0;
	a->ready = true;
	a->failure[0] = '\0';
	log_info("the session is %s, %ux%u", ready->display, ready->width_px, ready->height_px);
	for (struct worker_child *w = s->workers.first; w; w = w->next)
		if (w->phase == WORKER_SESSION && w->agent_fd >= 0)
			attach(s, w);
	return 0;
}

static int on_failed(void *owner, const void *body, int *fd)
{
	struct agent_child *a = owner;
	const char *reason = ((const struct record_agent_failed *)body)->reason;
	char escaped[LOG_ESCAPED_MAX];
	bool ended = a->supervisor->settings.virtual_width_px > 0 && a->ready;

	(void)fd;
	log_escape(escaped, reason, strlen(reason));
	/* A virtual session ends with all its programs; a new one begins at once. */
	if (ended)
		log_info("the session has ended: %s", escaped);
	else
		log_error("the session cannot be shown: %s", escaped);
	/* Why there is nothing to show any more says more than how that was noticed. */
	if (!a->forbidden)
		snprintf(a->failure, sizeof(a->failure), "%s", ended ? "" : reason);
	workers_end_sessions(a->supervisor, WIRE_BYE_SESSION_ENDED,
		ended ? "the workstation's session has ended" : a->failure);
	return 0;
}

static int on_violation(void *owner, const void *body, int *fd)
{
	struct agent_child *a = owner;
	const struct record_violation *v = body;
	struct worker_child *w = workers_find(a->supervisor, v->worker);

	(void)fd;
	if (!w)
		return 0;
	log_warn("%s (%s): sent %s, which its role '%s' does not allow; its session ends",
		w->device, w->peer, wire_type_name(v->wire_type), registry_role_name(w->caps));
	audit_write("violation",
		json_pack("{s:s, s:s, s:s, s:s}", "device", w->device, "device_id", w->device_id,
			"peer", w->peer, "message", wire_type_name(v->wire_type)));
	workers_end(w, WIRE_BYE_NOT_ALLOWED, "this device may not do that");
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	(void)owner;
	(void)fd;
	child_log("agent", body);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct agent_child *a = owner;

	(void)record;
	child_refused(&a->child, what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_AGENT_READY, DISPATCH_ALWAYS, on_ready, 0 },
	{ RECORD_AGENT_FAILED, DISPATCH_ALWAYS, on_failed, 0 },
	{ RECORD_VIOLATION, DISPATCH_ALWAYS, on_violation, 0 },
	{ RECORD_AGENT_COPIED, DISPATCH_ALWAYS, on_copied, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
};

static const struct dispatch dispatch = {
	.records = &agent_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

static void on_restart(uv_timer_t *timer)
{
	struct agent_child *a = timer->data;

	agents_start(a->supervisor);
}

static void start_later(struct agent_child *a)
{
	if (clock_now_ms() - a->started_ms > AGENT_STEADY_MS)
		a->wait_ms = AGENT_ATTEMPT_MS;
	if (a->wait_ms >= AGENT_ATTEMPT_MAX_MS && a->failure[0] == '\0') {
		snprintf(a->failure, sizeof(a->failure), "farseat-agent ends again and again");
		log_error("%s; farseatd goes on and tries every %d s", a->failure,
			AGENT_ATTEMPT_MAX_MS / 1000);
	}
	uv_timer_start(&a->restart, on_restart, a->wait_ms, 0);
	a->wait_ms = MIN(a->wait_ms * 2, AGENT_ATTEMPT_MAX_MS);
}

static void on_ended(struct child *c, int status)
{
	struct agent_child *a = c->owner;
	struct supervisor *s = a->supervisor;
	char text[128];

	a->running = false;
	a->ready = false;
	if (s->stopping)
		return;
	files_answer_copied(s, 0, &(struct record_blob){ 0 });
	if (status != 0 || a->failure[0] == '\0')
		log_warn("farseat-agent %s; it is started again",
			process_status_text(status, text, sizeof(text)));
	/* Sessions go on over their connections: each gets a channel to the next agent. */
	const struct worker_record again = { .type = RECORD_AGENT };
	for (struct worker_child *w = s->workers.first; w; w = w->next)
		if (w->phase == WORKER_SESSION && w->agent_fd < 0 &&
			agents_connect(s, w, &again) < 0)
			workers_end(w, WIRE_BYE_INTERNAL, "out of descriptors");
	start_later(a);
}

/* Copies a setting into a record's field; what does not fit would name something else, so it is
 * left out and said. */
static void put(char *out, size_t size, const char *value, const char *what)
{
	if (strlen(value) >= size) {
		log_error("%s is too long and is not used", what);
		return;
	}
	memcpy(out, value, strlen(value) + 1);
}

static void send_config(struct agent_child *a)
{
	const struct settings *s = &a->supervisor->settings;
	struct agent_record record = { .type = RECORD_AGENT_CONFIG };
	struct record_agent_config *c = &record.agent_config;
	const char *xauthority = getenv("XAUTHORITY");
	char runtime[PATH_MAX];

	c->virtual_session = s->virtual_width_px > 0;
	c->width_px = s->virtual_width_px;
	c->height_px = s->virtual_height_px;
	if (!c->virtual_session)
		put(c->display, sizeof(c->display), s->wayland[0] ? s->wayland : s->display,
			"the display's name");
	put(c->xauthority, sizeof(c->xauthority), xauthority ? xauthority : "", "XAUTHORITY");
	c->await_dpi = true;
	c->clipboard_history = s->clipboard.history;
	if (path_of(PATH_RUNTIME, NULL, runtime) == 0)
		put(c->runtime_dir, sizeof(c->runtime_dir), runtime, "the runtime folder's path");
	child_send(&a->child, &record, -1);
}

void agents_init(struct supervisor *s)
{
	uv_timer_init(&s->loop, &s->agent.restart);
	s->agent.restart.data = &s->agent;
	s->agent.wait_ms = AGENT_ATTEMPT_MS;
}

void agents_forbid(struct supervisor *s, const char *reason)
{
	struct agent_child *a = &s->agent;

	a->forbidden = true;
	snprintf(a->failure, sizeof(a->failure), "%s", reason);
	log_error("%s", reason);
}

void agents_permit(struct supervisor *s)
{
	struct agent_child *a = &s->agent;

	if (a->forbidden)
		a->failure[0] = '\0';
	a->forbidden = false;
}

void agents_restart(struct supervisor *s)
{
	const struct agent_record record = { .type = RECORD_END,
		.end = { .code = WIRE_BYE_SESSION_ENDED, .reason = "another session is shown" } };

	s->agent.wait_ms = AGENT_ATTEMPT_MS;
	if (!s->agent.running) {
		uv_timer_stop(&s->agent.restart);
		agents_start(s);
		return;
	}
	child_send(&s->agent.child, &record, -1);
	child_end(&s->agent.child, CHILD_END_MS);
}

void agents_start(struct supervisor *s)
{
	struct agent_child *a = &s->agent;
	bool wayland = choice_is_wayland(s);
	const struct child_spec spec = {
		.program = wayland ? "farseat-agent-wayland" : "farseat-agent",
		.dispatch = &dispatch,
		.extra_fd = -1,
		.by = &s->starters,
		.kind = wayland ? STARTER_AGENT_WAYLAND : STARTER_AGENT,
	};

	if (a->running || a->forbidden || s->stopping)
		return;
	a->supervisor = s;
	a->child.owner = a;
	a->started_ms = clock_now_ms();
	int r = child_start(&a->child, &s->loop, &spec, on_ended);
	if (r < 0) {
		log_error("cannot start farseat-agent: %s", strerror(-r));
		snprintf(a->failure, sizeof(a->failure), "cannot start farseat-agent: %s",
			strerror(-r));
		start_later(a);
		return;
	}
	a->running = true;
	a->ready = false;
	send_config(a);
}

void agents_stop(struct supervisor *s)
{
	const struct agent_record record = { .type = RECORD_END,
		.end = { .code = WIRE_BYE_SHUTDOWN, .reason = "farseatd stops" } };

	uv_close((uv_handle_t *)&s->agent.restart, NULL);
	if (!s->agent.running)
		return;
	child_send(&s->agent.child, &record, -1);
	child_end(&s->agent.child,
		3 * CHILD_END_MS); /* it ends the virtual session's programs first */
}
