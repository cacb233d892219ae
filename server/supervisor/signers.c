/* The signer: the one process on the service's path that reads the CA's key (farseatctl signer). */
#include "server/registry/audit.h"
#include "server/supervisor/child_log.h"
#include "server/supervisor/supervisor.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Before a signer that ended is started again: at once for one that had lived for a while, else longer
 * each time up to the maximum. */
#define STEADY_MS      5000
#define RESTART_MS     250
#define RESTART_MAX_MS 8000

static void answer(struct worker_child *w, const struct record_signed *reply)
{
	const struct supervisor *s = w->supervisor;
	struct worker_record record = { .type = RECORD_CERT };

	w->signing = false;
	if (w->phase != WORKER_ENROLL && w->phase != WORKER_SESSION)
		return;
	if (reply->code != 0) {
		char reason[LOG_ESCAPED_MAX], name[WORKER_CHILD_NAME_MAX_BYTES];
		log_warn("refused a certificate to %s: %s",
			worker_child_name(w, &s->registry, name),
			log_escape(reason, reply->reason, strlen(reply->reason)));
		record.type = RECORD_DENIED;
		record.denied.code = reply->code;
		memcpy(record.denied.reason, reply->reason, sizeof(record.denied.reason));
		child_send(&w->child, &record, -1);
		if (w->phase == WORKER_ENROLL) {
			w->phase = WORKER_ENDING;
			child_end(&w->child, 2 * CHILD_END_MS);
		}
		return;
	}
	record.cert.cert = reply->cert;
	record.cert.ca = reply->ca;
	memcpy(record.cert.device, reply->device, sizeof(record.cert.device));
	snprintf(record.cert.workstation, sizeof(record.cert.workstation), "%s",
		s->registry.workstation);
	log_info("%s a certificate for %s (%s)", w->phase == WORKER_ENROLL ? "signed" : "renewed",
		reply->device, w->peer);
	child_send(&w->child, &record, -1);
	/* An enrolment's connection is its only one; a session goes on. */
	if (w->phase == WORKER_ENROLL) {
		w->phase = WORKER_ENDING;
		child_end(&w->child, 5 * CHILD_END_MS);
	}
}

static int on_signed(void *owner, const void *body, int *fd)
{
	struct signer_child *signer = owner;
	const struct record_signed *reply = body;

	(void)fd;
	/* The signer changed the registry. The reply's views stay where they are. */
	supervisor_reload(signer->supervisor);
	struct worker_child *w = workers_find(signer->supervisor, reply->request);
	if (w && w->signing)
		answer(w, reply);
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	(void)owner;
	(void)fd;
	child_log("signer", body);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct signer_child *signer = owner;

	(void)record;
	child_refused(&signer->child, what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_SIGNED, DISPATCH_ALWAYS, on_signed, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
};

static const struct dispatch dispatch = {
	.records = &signer_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

static void on_restart(uv_timer_t *timer)
{
	struct signer_child *signer = timer->data;

	signers_start(signer->supervisor);
}

static void start_later(struct signer_child *signer)
{
	bool steady = clock_now_ms() - signer->started_ms >= STEADY_MS;

	signer->wait_ms = steady ? 0 : MIN(MAX(2 * signer->wait_ms, RESTART_MS), RESTART_MAX_MS);
	uv_timer_start(&signer->restart, on_restart, signer->wait_ms, 0);
}

static void on_ended(struct child *c, int status)
{
	struct signer_child *signer = c->owner;
	struct supervisor *s = signer->supervisor;
	char text[128];

	signer->running = false;
	for (struct worker_child *w = s->workers.first; w; w = w->next) {
		const struct record_signed failed = { .code = WIRE_BYE_INTERNAL,
			.reason = "the signer ended; try again" };
		if (w->signing)
			answer(w, &failed);
	}
	if (s->stopping)
		return;
	log_warn("the signer %s; it is started again",
		process_status_text(status, text, sizeof(text)));
	start_later(signer);
}

void signers_init(struct supervisor *s)
{
	uv_timer_init(&s->loop, &s->signer.restart);
	s->signer.restart.data = &s->signer;
}

void signers_start(struct supervisor *s)
{
	struct signer_child *signer = &s->signer;
	const struct child_spec spec = {
		.program = "farseatctl",
		.dispatch = &dispatch,
		.extra_fd = -1,
		.by = &s->starters,
		.kind = STARTER_SIGNER,
	};

	signer->supervisor = s;
	signer->child.owner = signer;
	signer->started_ms = clock_now_ms();
	int r = child_start(&signer->child, &s->loop, &spec, on_ended);
	signer->running = r == 0;
	if (r < 0) {
		log_error("cannot start the signer: %s; nobody can enrol or renew", strerror(-r));
		start_later(signer);
	}
}

void signers_stop(struct supervisor *s)
{
	uv_close((uv_handle_t *)&s->signer.restart, NULL);
	if (s->signer.running)
		child_end(&s->signer.child, 0);
}

int signers_ask(struct supervisor *s, const struct record_sign *request)
{
	const struct signer_record record = { .type = RECORD_SIGN, .sign = *request };

	if (!s->signer.running)
		return -ESRCH;
	child_send(&s->signer.child, &record, -1);
	return 0;
}
