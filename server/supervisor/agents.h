/* The agent in the session: started with the daemon, started again when it dies, and connected to
 * each worker that has a session. */
#pragma once

#include "common/ipc/records_agent.h"
#include "server/supervisor/worker_child.h"

struct agent_child {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running, ready;
	bool forbidden; /* failure says why */
	struct record_agent_ready screen;
	char failure[RECORD_DETAIL_MAX_BYTES]; /* the last one; empty: none */
	uint64_t started_ms;
	unsigned wait_ms; /* before the next start */
	uv_timer_t restart;
};

/* The timer, which is there before anything can fail; closed by agents_stop. */
void agents_init(struct supervisor *s);
/* There is nothing to show, for this reason: agents_start starts no agent, and each
 * client is told the reason. */
void agents_forbid(struct supervisor *s, const char *reason);
/* There may be something to show again. */
void agents_permit(struct supervisor *s);
void agents_start(struct supervisor *s);
/* Another session is to be shown: the agent of the former one ends, and one of the other is started,
 * unless that is forbidden. */
void agents_restart(struct supervisor *s);
void agents_stop(struct supervisor *s);

/* Gives a worker a channel to the agent: as its first (in GRANTED) or a new one (AGENT). */
int agents_connect(struct supervisor *s, struct worker_child *w,
	const struct worker_record *announce) MUST_CHECK;
void agents_set_caps(struct supervisor *s, const struct worker_child *w);
/* What a transfer of that worker's device has brought is put into the session's clipboard as files. */
void agents_put_files(
	struct supervisor *s, const struct worker_child *w, const struct record_blob *uris);
/* Asks what files are copied in the session, for that worker's device: files_answer_copied follows. false:
 * there is no agent at the moment. */
bool agents_ask_copied(struct supervisor *s, const struct worker_child *w);
void agents_detach(struct supervisor *s, const struct worker_child *w);
