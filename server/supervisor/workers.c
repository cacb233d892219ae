/* Connections: one confined worker each, from accept to reaping. */
#include "server/registry/audit.h"
#include "server/registry/seen.h"
#include "server/supervisor/supervisor.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* From accept to authorised; then the worker is ended. */
#define AUTH_MS 10000
/* How often connections that take too long and certificates that expire are looked for. */
#define DEADLINES_MS 1000

static void uncount(struct worker_child *w)
{
	if (w->counted)
		limiter_end(&w->supervisor->limiter, &w->source);
	w->counted = false;
}

static void unlink_worker(struct worker_child *w)
{
	for (struct worker_child **at = &w->supervisor->workers.first; *at; at = &(*at)->next) {
		if (*at == w) {
			*at = w->next;
			return;
		}
	}
}

static void on_ended(struct child *c, int status)
{
	struct worker_child *w = c->owner;
	struct supervisor *s = w->supervisor;
	char text[128], name[WORKER_CHILD_NAME_MAX_BYTES];

	if (WIFSIGNALED(status) && w->phase != WORKER_ENDING)
		log_error("the worker of %s %s", worker_child_name(w, &s->registry, name),
			process_status_text(status, text, sizeof(text)));
	if (w->device[0] != '\0') {
		log_info("%s (%s): session %u ended", w->device, w->peer, w->id);
		seen_note(w->device_id);
		audit_write("session-end",
			json_pack("{s:s, s:s, s:s, s:i, s:I}", "device", w->device, "device_id",
				w->device_id, "peer", w->peer, "session", (int)w->id, "seconds",
				(json_int_t)(clock_wall_s() - w->since_s)));
		agents_detach(w->supervisor, w);
		files_detach(w);
		sound_end(w);
	}
	uncount(w);
	unlink_worker(w);
	fd_close(&w->agent_fd);
	secure_wipe(w, sizeof(*w));
	free(w);
	/* The last goodbye has gone through the tunnel: nothing needs the tunnel any more. */
	if (s->stopping && !s->workers.first)
		relay_stop(s);
}

static struct record_blob blob_of(const struct crypto_der *der)
{
	return (struct record_blob){ .bytes = der->bytes, .len = der->len };
}

static void send_config(struct worker_child *w)
{
	const struct supervisor *s = w->supervisor;
	struct worker_record record = { .type = RECORD_WORKER_CONFIG };
	struct record_worker_config *c = &record.worker_config;

	c->worker = w->id;
	memcpy(c->server_id, s->registry.server_id, sizeof(s->registry.server_id));
	memcpy(c->peer, w->peer, sizeof(w->peer));
	memcpy(c->nonce, w->nonce, sizeof(c->nonce));
	for (size_t i = 0; i < s->identity.chain_len; i++)
		c->chain[c->chain_len++] = blob_of(&s->identity.chain[i]);
	/* A laptop that enrols looks for the CA in what it is shown; the first is the one that
	 * invitations name. */
	for (size_t i = 0; i < s->identity.ca_count && c->chain_len < RECORD_CERTS_MAX; i++)
		c->chain[c->chain_len++] = blob_of(&s->identity.cas[i]);
	for (size_t i = 0; i < s->identity.ca_count; i++)
		c->trusted[c->trusted_len++] = blob_of(&s->identity.cas[i]);
	c->ticket_lifetime_s = s->settings.resumption && tickets_ready(&s->tickets)
				       ? (uint32_t)s->settings.ticket_lifetime_s
				       : 0;
	c->allow_tls12 = s->settings.tls12;
	c->allow_tls13 = s->settings.tls13;
	c->codec_features = UINT32_MAX;
	c->gateway = w->phase == WORKER_GATEWAY;
	c->clipboard = s->settings.clipboard.rules;
	child_send(&w->child, &record, -1);
}

static void on_deadlines(uv_timer_t *timer)
{
	struct supervisor *s = timer->loop->data;
	uint64_t now_ms = clock_now_ms();
	int64_t now_s = clock_wall_s();
	char name[WORKER_CHILD_NAME_MAX_BYTES];

	for (struct worker_child *w = s->workers.first; w; w = w->next) {
		if (w->phase == WORKER_SESSION && now_s >= w->expires_s) {
			log_info("%s (%s): its certificate has expired, the session ends",
				w->device, w->peer);
			workers_end(w, WIRE_BYE_EXPIRED, "the device's certificate has expired");
		} else if (w->phase < WORKER_SESSION && now_ms - w->begun_ms > AUTH_MS) {
			log_warn("%s: not authorised within %d s: ended",
				worker_child_name(w, &s->registry, name), AUTH_MS / 1000);
			w->phase = WORKER_ENDING;
			child_end(&w->child, 0);
		}
	}
	if (!s->workers.first)
		uv_timer_stop(timer);
}

void workers_init(struct supervisor *s)
{
	s->workers.program = -1;
	s->workers.next_id = 1;
	uv_timer_init(&s->loop, &s->workers.deadlines);
}

void workers_finish(struct supervisor *s)
{
	fd_close(&s->workers.program);
}

int workers_open(struct supervisor *s)
{
	char path[PATH_MAX];
	int r = path_of_program("farseat-worker", path);

	if (r < 0) {
		log_error("farseat-worker is not installed beside farseatd, nor in %s",
			FARSEAT_LIBEXECDIR);
		return r;
	}
	s->workers.program = open(path, O_PATH | O_CLOEXEC);
	if (s->workers.program < 0) {
		r = -errno;
		log_error("cannot open %s: %s", path, strerror(-r));
	}
	return r;
}

void workers_start(
	struct supervisor *s, int client_fd, const struct limiter_source *source, const char *peer)
{
	struct worker_child *w = calloc(1, sizeof(*w));
	int r = w ? crypto_random(w->nonce, sizeof(w->nonce)) : -ENOMEM;

	if (r == 0) {
		const struct child_spec spec = {
			.program = "farseat-worker",
			.dispatch = &requests_dispatch,
			.program_fd = &s->workers.program,
			.extra_fd = client_fd,
			.die_with_parent = true,
			.new_session = true,
		};
		w->supervisor = s;
		w->id = s->workers.next_id++;
		w->agent_fd = -1;
		w->source = *source;
		w->phase = limiter_source_is_unknown(source) ? WORKER_GATEWAY : WORKER_HANDSHAKE;
		w->begun_ms = clock_now_ms();
		strncpy(w->peer, peer, sizeof(w->peer) - 1);
		w->child.owner = w;
		r = child_start(&w->child, &s->loop, &spec, on_ended);
	}
	fd_close(&client_fd);
	if (r < 0) {
		log_error("cannot serve %s: %s", peer, strerror(-r));
		limiter_end(&s->limiter, source);
		free(w);
		return;
	}
	w->counted = true;
	w->next = s->workers.first;
	s->workers.first = w;
	if (!uv_is_active((uv_handle_t *)&s->workers.deadlines))
		uv_timer_start(&s->workers.deadlines, on_deadlines, DEADLINES_MS, DEADLINES_MS);
	send_config(w);
}

void workers_end(struct worker_child *w, uint16_t code, const char *reason)
{
	struct worker_record record = { .type = RECORD_END, .end = { .code = code } };

	if (w->phase == WORKER_ENDING)
		return;
	w->phase = WORKER_ENDING;
	strncpy(record.end.reason, reason, sizeof(record.end.reason) - 1);
	/* The agent stops listening to this device, whatever the worker does with END. */
	agents_detach(w->supervisor, w);
	child_send(&w->child, &record, -1);
	child_end(&w->child, CHILD_END_MS);
}

void workers_end_all(struct supervisor *s, uint16_t code, const char *reason)
{
	for (struct worker_child *w = s->workers.first; w; w = w->next)
		workers_end(w, code, reason);
}

void workers_end_sessions(struct supervisor *s, uint16_t code, const char *reason)
{
	for (struct worker_child *w = s->workers.first; w; w = w->next)
		if (w->phase == WORKER_SESSION)
			workers_end(w, code, reason);
}

struct worker_child *workers_find(struct supervisor *s, uint32_t id)
{
	for (struct worker_child *w = s->workers.first; w; w = w->next)
		if (w->id == id)
			return w;
	return NULL;
}

void workers_reap(struct supervisor *s)
{
	for (struct worker_child *w = s->workers.first; w; w = w->next)
		child_reap(&w->child);
}

static void apply_caps(struct worker_child *w, uint32_t caps)
{
	const struct worker_record record = { .type = RECORD_SET_CAPS,
		.set_caps = { .worker = w->id, .caps = caps } };

	w->caps = caps;
	agents_set_caps(w->supervisor, w); /* the agent first: it is what enforces them */
	child_send(&w->child, &record, -1);
	files_apply_caps(w);
	if (!(caps & WIRE_CAP_SOUND))
		sound_end(w);
	audit_write("caps", json_pack("{s:s, s:s, s:s}", "device", w->device, "device_id",
				    w->device_id, "role", registry_role_name(caps)));
}

unsigned workers_apply_registry(struct supervisor *s)
{
	unsigned ended = 0;

	for (struct worker_child *w = s->workers.first; w; w = w->next) {
		if (w->phase != WORKER_SESSION)
			continue;
		/* By its id: the certificate that it came with may have been replaced since. */
		const struct registry_device *d = registry_find_id(&s->registry, w->device_id);
		if (!d) {
			log_info("%s (%s): revoked, the session ends", w->device, w->peer);
			workers_end(w, WIRE_BYE_REVOKED, "this device was revoked");
			ended++;
		} else if (settings_caps(&s->settings, d->caps) != w->caps) {
			apply_caps(w, settings_caps(&s->settings, d->caps));
		}
	}
	return ended;
}
