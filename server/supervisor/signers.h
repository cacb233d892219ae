/* The signer: the one process on the service's path that reads the CA's key (farseatctl signer). */
#pragma once

#include "common/ipc/records_signer.h"
#include "server/supervisor/worker_child.h"

struct signer_child {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running;
	uint64_t started_ms;
	unsigned wait_ms; /* before the last start */
	uv_timer_t restart;
};

/* The timer, which is there before anything can fail; closed by signers_stop. */
void signers_init(struct supervisor *s);
void signers_start(struct supervisor *s);
void signers_stop(struct supervisor *s);

/* Its answer goes to the worker that request names. -ESRCH: no signer is running. */
int signers_ask(struct supervisor *s, const struct record_sign *request) MUST_CHECK;
