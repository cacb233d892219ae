/*
 * What workers ask of the supervisor: one table, each request with the phases in which it is
 * allowed. Anything out of turn ends that worker. Values are checked again here, as if the worker
 * were taken over.
 */
#include "server/registry/audit.h"
#include "server/supervisor/child_log.h"
#include "server/supervisor/requests_parts.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/clipboard/kind.h"

#include <stdio.h>
#include <string.h>

static int handle_ended(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_end *ended = body;
	char reason[LOG_ESCAPED_MAX], name[WORKER_CHILD_NAME_MAX_BYTES];

	(void)fd; /* workers pass none */
	log_escape(reason, ended->reason, strlen(ended->reason));
	if (w->phase == WORKER_GATEWAY && ended->code == WIRE_BYE_PROTOCOL)
		requests_refuse(w, reason, "");
	else if (w->phase != WORKER_ENDING) /* else it was said why */
		log_info("%s: %s", worker_child_name(w, &w->supervisor->registry, name), reason);
	w->phase = WORKER_ENDING;
	child_end(&w->child, 2 * CHILD_END_MS);
	return 0;
}

static int handle_files(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_files_ask *ask = body;
	struct worker_record reply = { .type = RECORD_FILES,
		.files = { .transfer = ask->transfer } };
	int channel = -1;

	(void)fd; /* workers pass none */
	reply.files.fault = (uint8_t)files_begin(w, ask, &channel);
	child_send(&w->child, &reply, channel);
	fd_close(&channel);
	return 0;
}

static int handle_sound(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	struct worker_record reply = { .type = RECORD_SOUND };
	int channel = -1;

	(void)body;
	(void)fd; /* workers pass none */
	reply.sound.reason = (uint8_t)sound_begin(w, &channel);
	child_send(&w->child, &reply, channel);
	fd_close(&channel);
	return 0;
}

static int handle_stats(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_stats *stats = body;

	(void)fd; /* workers pass none */
	w->stats = *stats;
	w->has_stats = true;
	return 0;
}

/* What has crossed, and how much of it: never what it was. */
static int handle_carried(void *owner, const void *body, int *fd)
{
	static const char *const ends[WIRE_CLIPBOARD_STATUSES] = { "stopped", "whole", "refused",
		"too large", "gone", "late", "unusable" };
	struct worker_child *w = owner;
	const struct record_carried *c = body;
	const char *selection = clipboard_selection_name((enum clipboard_selection)c->selection);
	const char *kind = clipboard_kind_name((enum clipboard_kind)c->kind);
	const char *way = c->out ? "out" : "in";

	(void)fd; /* workers pass none */
	log_info("%s (%s): %s %s: %s, %llu bytes, %s", w->device, w->peer, selection, way, kind,
		(unsigned long long)c->bytes, ends[c->status]);
	audit_write("clipboard",
		json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:s}", "device", w->device, "id",
			w->device_id, "session", (int)w->id, "way", way, "selection", selection,
			"kind", kind, "bytes", (json_int_t)c->bytes, "end", ends[c->status]));
	return 0;
}

static int handle_log(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_log *log = body;
	char who[WORKER_CHILD_NAME_MAX_BYTES + 32], name[WORKER_CHILD_NAME_MAX_BYTES];

	(void)fd; /* workers pass none */
	snprintf(who, sizeof(who), "worker %u (%s)", w->id,
		worker_child_name(w, &w->supervisor->registry, name));
	child_log(who, log);
	return 0;
}

static unsigned phase_of(const void *owner)
{
	const struct worker_child *w = owner;

	return (unsigned)w->phase;
}

static void refuse_request(void *owner, const char *record, const char *what)
{
	struct worker_child *w = owner;
	char name[WORKER_CHILD_NAME_MAX_BYTES];

	log_error("the worker of %s sent %s: it is ended",
		worker_child_name(w, &w->supervisor->registry, name), what);
	audit_write(
		"worker-violation", json_pack("{s:s, s:s}", "peer", w->peer, "request", record));
	w->phase = WORKER_ENDING;
}

/* What was under way when the worker was told to end is no offence. */
#define ENDING DISPATCH_IN(WORKER_ENDING)

static const struct dispatch_rule rules[] = {
	{ RECORD_PEER, DISPATCH_IN(WORKER_GATEWAY), requests_peer, ENDING },
	{ RECORD_ADMIT_QUERY, DISPATCH_IN(WORKER_HANDSHAKE), requests_admit, ENDING },
	{ RECORD_KEEPER_ASK, DISPATCH_IN(WORKER_HANDSHAKE), requests_keeper, ENDING },
	{ RECORD_HANDSHAKE, DISPATCH_IN(WORKER_HANDSHAKE), requests_handshake, ENDING },
	{ RECORD_PROOF, DISPATCH_IN(WORKER_PROOF), requests_proof, ENDING },
	{ RECORD_ENROLL, DISPATCH_IN(WORKER_ENROLL), requests_enroll, ENDING },
	{ RECORD_RENEW, DISPATCH_IN(WORKER_SESSION), requests_renew, ENDING },
	{ RECORD_STATS, DISPATCH_IN(WORKER_SESSION) | ENDING, handle_stats, 0 },
	{ RECORD_CARRIED, DISPATCH_IN(WORKER_SESSION) | ENDING, handle_carried, 0 },
	{ RECORD_ENDED, DISPATCH_ALWAYS, handle_ended, 0 },
	{ RECORD_FILES_ASK, DISPATCH_IN(WORKER_SESSION), handle_files, ENDING },
	{ RECORD_SOUND_ASK, DISPATCH_IN(WORKER_SESSION), handle_sound, ENDING },
	{ RECORD_LOG, DISPATCH_ALWAYS, handle_log, 0 },
};

const struct dispatch requests_dispatch = {
	.records = &worker_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse_request,
};
