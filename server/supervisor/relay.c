/*
 * The reverse tunnel of a workstation that nobody reaches from outside: farseat-tunnel, confined,
 * holds an SSH login on the relay and hands over each connection that comes there, which goes to a
 * worker like a listener's. It is started again when it ends, whatever the reason: a relay comes
 * back, a line is added to authorized_keys, a host key is recorded.
 */
#include "server/registry/audit.h"
#include "server/registry/relay_order.h"
#include "server/supervisor/child_log.h"
#include "server/supervisor/supervisor.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/crypto/random.h"
#include "common/ssh/tunnel_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Names, TCP, SSH: each has its own limit below this. */
#define RELAY_ATTEMPT_MS 180000
/* After the tunnel ended; doubles up to the maximum. */
#define RELAY_RETRY_MS     1000
#define RELAY_RETRY_MAX_MS 60000
/* A tunnel that stood for so long starts the row of retries anew. */
#define RELAY_STEADY_MS 30000

static const char *const states[] = {
	[RELAY_OFF] = "off",
	[RELAY_CONNECTING] = "connecting",
	[RELAY_OPEN] = "connected",
	[RELAY_WAITING] = "waiting",
};

/* "me@relay.example.org", with its port where that is another than 22. */
static void name_of(const struct settings_tunnel *t, char *out, size_t size)
{
	char host[SSH_HOST_MAX_BYTES];

	ssh_known_name(t->relay.host, t->relay.port, host);
	snprintf(out, size, "%s@%s", t->relay.user, host);
}

/* ---- what the tunnel says ---- */

static int on_open(void *owner, const void *body, int *fd)
{
	struct relay *r = owner;
	const struct record_tunnel_open *open = body;
	const struct settings_tunnel *t = &r->supervisor->settings.tunnel;

	(void)fd;
	uv_timer_stop(&r->timer);
	r->state = RELAY_OPEN;
	r->since_ms = clock_now_ms();
	r->since_s = clock_wall_s();
	r->failure[0] = '\0';
	memcpy(r->fingerprint, open->fingerprint, sizeof(r->fingerprint));
	log_info("the reverse tunnel stands: laptops come in at %s:%u of the relay %s",
		t->bind_host, (unsigned)t->bind_port, t->relay.host);
	audit_write("tunnel-open",
		json_pack("{s:s, s:s}", "relay", t->relay.host, "host_key", r->fingerprint));
	return 0;
}

/* reason: ours, or of a record, whose texts are clean. */
static void note_failure(struct relay *r, uint8_t fault, const char *reason)
{
	/* A reason that repeats is logged once. */
	log_line(strcmp(reason, r->failure) == 0 ? LOG_DEBUG : LOG_WARN, "the reverse tunnel: %s",
		reason);
	r->fault = fault;
	snprintf(r->failure, sizeof(r->failure), "%s", reason);
	r->told = true;
}

static int on_failed(void *owner, const void *body, int *fd)
{
	const struct record_tunnel_failed *failed = body;

	(void)fd;
	note_failure(owner, failed->fault, failed->reason);
	return 0;
}

/* A tunnel that was taken over can hand over any descriptor: only a stream socket is accepted. */
static int on_accepted(void *owner, const void *body, int *fd)
{
	struct relay *r = owner;
	const struct limiter_source source = limiter_source_of_relay();
	char peer[WIRE_NAME_MAX_BYTES];
	int type = 0;
	socklen_t len = sizeof(type);

	(void)body;
	if (*fd < 0 || getsockopt(*fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
		type != SOCK_STREAM || fd_set_nonblock(*fd) < 0)
		return -EPROTO;
	snprintf(peer, sizeof(peer), "relay %.100s", r->supervisor->settings.tunnel.relay.host);
	listeners_admit(r->supervisor, *fd, &source, peer);
	*fd = -1;
	return 0;
}

static int on_step(void *owner, const void *body, int *fd)
{
	const struct record_link_step *step = body;
	char line[LOG_ESCAPED_MAX];

	(void)fd;
	(void)owner;
	log_debug("tunnel: %s", log_escape(line, step->step, strlen(step->step)));
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	(void)owner;
	(void)fd;
	child_log("tunnel", body);
	return 0;
}

static unsigned state_of(const void *owner)
{
	const struct relay *r = owner;

	return (unsigned)r->state;
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct relay *r = owner;

	(void)record;
	child_refused(&r->child, what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_TUNNEL_OPEN, DISPATCH_IN(RELAY_CONNECTING), on_open, 0 },
	{ RECORD_TUNNEL_ACCEPTED, DISPATCH_IN(RELAY_OPEN), on_accepted, 0 },
	{ RECORD_TUNNEL_FAILED, DISPATCH_ALWAYS, on_failed, 0 },
	{ RECORD_LINK_STEP, DISPATCH_ALWAYS, on_step, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
};

static const struct dispatch dispatch = {
	.records = &tunnel_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = state_of,
	.refuse = refuse,
};

/* ---- starting, and starting again ---- */

static void start(struct relay *r);

static void on_restart(uv_timer_t *timer)
{
	start(timer->data);
}

static void start_later(struct relay *r)
{
	uint32_t dice = 0;

	if (crypto_random(&dice, sizeof(dice)) < 0)
		dice = 0;
	uint32_t wait_ms = backoff_next(&r->backoff, dice);
	r->state = RELAY_WAITING;
	r->retry_ms = clock_now_ms() + wait_ms;
	uv_timer_start(&r->timer, on_restart, wait_ms, 0);
}

static void on_ended(struct child *c, int status)
{
	struct relay *r = c->owner;
	char text[128];

	r->running = false;
	uv_timer_stop(&r->timer);
	if (r->supervisor->stopping)
		return;
	if (!r->told) {
		char reason[192];
		snprintf(reason, sizeof(reason), "farseat-tunnel %s",
			process_status_text(status, text, sizeof(text)));
		note_failure(r, RECORD_TUNNEL_INTERNAL, reason);
	}
	if (r->state == RELAY_OPEN && clock_now_ms() - r->since_ms >= RELAY_STEADY_MS)
		backoff_reset(&r->backoff);
	if (r->again) { /* told to: the settings changed, or somebody asked */
		r->again = false;
		start(r);
		return;
	}
	start_later(r);
}

/* farseat-tunnel has limits of its own for every step; this ends one that does not keep them. */
static void on_patience(uv_timer_t *timer)
{
	struct relay *r = timer->data;

	note_failure(r, RECORD_TUNNEL_INTERNAL, "farseat-tunnel did not come to an end");
	child_end(&r->child, 0);
}

static int start_child(struct relay *r, const struct tunnel_record *order)
{
	const struct child_spec spec = {
		.program = "farseat-tunnel",
		.dispatch = &dispatch,
		.program_fd = &r->program,
		.extra_fd = -1,
		.die_with_parent = true,
		.new_session = true,
	};

	if (r->program < 0)
		return -ENOENT;
	r->child.owner = r;
	int result = child_start(&r->child, &r->supervisor->loop, &spec, on_ended);
	if (result == 0)
		child_send(&r->child, order, -1);
	return result;
}

static void start(struct relay *r)
{
	struct tunnel_record order = { .type = RECORD_TUNNEL_CONFIG };

	if (r->supervisor->stopping)
		return;
	r->told = false;
	int result = relay_order(&r->supervisor->settings.tunnel, &order.tunnel_config);
	if (result == -ENOENT) {
		r->state = RELAY_OFF;
		return;
	}
	if (result == 0)
		result = start_child(r, &order);
	if (result < 0) {
		char reason[192];
		snprintf(reason, sizeof(reason), "farseat-tunnel cannot be started: %s",
			r->program < 0 ? "it is not installed beside farseatd" : strerror(-result));
		note_failure(r, RECORD_TUNNEL_INTERNAL, reason);
		start_later(r);
		return;
	}
	r->running = true;
	r->state = RELAY_CONNECTING;
	uv_timer_start(&r->timer, on_patience, RELAY_ATTEMPT_MS, 0);
}

void relay_init(struct supervisor *s)
{
	s->relay.supervisor = s;
	s->relay.program = -1;
	uv_timer_init(&s->loop, &s->relay.timer);
	s->relay.timer.data = &s->relay;
}

void relay_finish(struct supervisor *s)
{
	fd_close(&s->relay.program);
}

void relay_open(struct supervisor *s)
{
	char path[PATH_MAX];
	struct relay *r = &s->relay;

	r->backoff = (struct backoff){ .first_ms = RELAY_RETRY_MS, .max_ms = RELAY_RETRY_MAX_MS };
	r->program = tunnel_child_program(path) == 0 ? open(path, O_PATH | O_CLOEXEC) : -1;
}

void relay_start(struct supervisor *s)
{
	start(&s->relay);
}

void relay_again(struct supervisor *s)
{
	struct relay *r = &s->relay;

	if (s->stopping)
		return;
	backoff_reset(&r->backoff);
	if (!r->running) {
		uv_timer_stop(&r->timer);
		start(r);
		return;
	}
	r->again = true;
	r->told = true; /* it ends because we say so */
	child_close(&r->child);
}

void relay_reap(struct supervisor *s)
{
	if (s->relay.running)
		child_reap(&s->relay.child);
}

void relay_stop(struct supervisor *s)
{
	uv_timer_stop(&s->relay.timer);
	if (s->relay.running)
		child_close(&s->relay.child);
}

json_t *relay_to_json(const struct supervisor *s)
{
	const struct relay *r = &s->relay;
	const struct settings_tunnel *t = &s->settings.tunnel;
	char name[SSH_HOST_MAX_BYTES + sizeof(t->relay.user) + 1];
	uint64_t now = clock_now_ms();

	if (r->state == RELAY_OFF)
		return NULL;
	name_of(t, name, sizeof(name));
	json_t *o = json_pack("{s:s, s:s, s:s, s:i}", "relay", name, "state", states[r->state],
		"bind_address", t->bind_host, "bind_port", (int)t->bind_port);
	if (o && r->state == RELAY_OPEN) {
		json_object_set_new(o, "since", json_integer((json_int_t)r->since_s));
		json_object_set_new(o, "host_key", json_string(r->fingerprint));
	}
	if (o && r->failure[0] != '\0') {
		json_object_set_new(o, "fault", json_string(relay_fault_word(r->fault)));
		json_object_set_new(o, "reason", json_string(r->failure));
	}
	if (o && r->state == RELAY_WAITING)
		json_object_set_new(o, "retry_in_s",
			json_integer(r->retry_ms > now
					     ? (json_int_t)((r->retry_ms - now + 999) / 1000)
					     : 0));
	return o;
}
