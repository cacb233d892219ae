/* farseat-worker: descriptor 3 is the supervisor's channel, 4 the accepted socket. Started by
 * farseatd alone. */
#include "common/base/log.h"
#include "common/base/pages.h"
#include "common/base/process.h"
#include "common/crypto/random.h"
#include "common/ipc/child.h"
#include "common/ipc/sandbox.h"
#include "server/worker/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_FDS 2

/* Everything that must be done before confinement: descriptors, random numbers, threads. */
static int prepare(struct worker *w)
{
	int r = sandbox_prepare(KEPT_FDS);
	if (r == 0)
		r = crypto_init();
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	r = worker_init(w);
	if (r < 0) {
		log_error("no configuration: %s", strerror(-r));
		return r;
	}
	log_set_sink(ipc_child_log, &w->supervisor);
	r = sandbox_enter(SANDBOX_WORKER);
	if (r < 0)
		log_error("cannot confine this process: %s", strerror(-r));
	return r;
}

int main(int argc, char **argv)
{
	(void)argv;
	log_init("farseat-worker");
	process_set_name("farseat-worker");
	if (argc != 1) {
		fputs("farseat-worker is started by farseatd\n", stderr);
		return 2;
	}
	pages_return_freed();
	struct worker *w = malloc(sizeof(*w));
	int status = EXIT_FAILURE;
	if (w && prepare(w) == 0) {
		worker_run(w);
		worker_finish(w);
		status = EXIT_SUCCESS;
	}
	log_set_sink(NULL, NULL);
	free(w);
	crypto_finish();
	return status;
}
