/* Connections: one confined worker each. */
#pragma once

#include "server/supervisor/worker_child.h"

struct workers {
	int program;                /* owned: farseat-worker as it was at our start */
	struct worker_child *first; /* owned; each freed when its process was reaped */
	uint32_t next_id;
	uv_timer_t deadlines; /* runs while there are workers */
};

/* The timer, which is there before anything can fail. */
void workers_init(struct supervisor *s);
void workers_finish(struct supervisor *s);

/* Opens the worker's program, before the confinement. An upgrade may exchange it while we run, and
 * records between processes are fixed within one version only. */
int workers_open(struct supervisor *s) MUST_CHECK;

/* Takes the accepted socket over (its copy is closed here in any case). source of no family: peer
 * is a gateway, which will name its client. */
void workers_start(
	struct supervisor *s, int client_fd, const struct limiter_source *source, const char *peer);

/* Ends one politely: END, then SIGKILL after CHILD_END_MS. */
void workers_end(struct worker_child *w, uint16_t code, const char *reason);
void workers_end_all(struct supervisor *s, uint16_t code, const char *reason);
/* The same, for those that show the session; a handshake or an enrolment does not need one. */
void workers_end_sessions(struct supervisor *s, uint16_t code, const char *reason);

struct worker_child *workers_find(struct supervisor *s, uint32_t id);
void workers_reap(struct supervisor *s);

/* The registry changed: ends what is no longer active, switches capabilities. Returns how many were
 * ended. */
unsigned workers_apply_registry(struct supervisor *s);
