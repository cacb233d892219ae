/* farseat-link: descriptor 3 is the UI's channel, 4 the connected transport. Started by farseat
 * alone. */
#include "client/link/link.h"
#include "common/base/log.h"
#include "common/base/pages.h"
#include "common/crypto/random.h"
#include "common/ipc/child.h"
#include "common/ipc/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_FDS 2

/* Everything that must be done before confinement: descriptors, random numbers, threads. */
static int prepare(struct link *l)
{
	int r = sandbox_prepare(KEPT_FDS);
	if (r == 0)
		r = crypto_init();
	if (r == 0)
		r = link_init(l);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	log_set_sink(ipc_child_log, &l->ui);
	r = sandbox_enter(SANDBOX_LINK);
	if (r < 0)
		link_fail(l, (struct link_failure){ .fault = CRYPTO_INTERNAL },
			"farseat-link cannot be confined on this system (%s)", strerror(-r));
	return r < 0 ? r : 0;
}

int main(int argc, char **argv)
{
	(void)argv;
	log_init("farseat-link");
	if (argc != 1) {
		fputs("farseat-link is started by farseat\n", stderr);
		return 2;
	}
	pages_return_freed();
	struct link *l = malloc(sizeof(*l));
	int status = EXIT_FAILURE;
	if (l && prepare(l) == 0) {
		link_run(l);
		link_finish(l);
		status = EXIT_SUCCESS;
	}
	log_set_sink(NULL, NULL);
	free(l);
	crypto_finish();
	return status;
}
