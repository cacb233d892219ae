/* farseat-worker: descriptor 3 is the supervisor's channel, 4 the accepted socket. Started by
 * farseatd alone. */
#include "common/base/log.h"
#include "common/crypto/random.h"
#include "common/ipc/child.h"
#include "server/worker/worker.h"

#include <string.h>

static int init(void *state)
{
	return worker_init(state);
}

static struct ipc_channel *channel(void *state)
{
	return &((struct worker *)state)->supervisor;
}

static void unconfined(void *state, int error)
{
	(void)state;
	log_error("cannot confine this process: %s", strerror(-error));
}

static void run(void *state)
{
	worker_run(state);
}

static void finish(void *state)
{
	worker_finish(state);
}

int main(int argc, char **argv)
{
	static const struct ipc_child child = {
		.name = "farseat-worker",
		.parent = "farseatd",
		.role = SANDBOX_WORKER,
		.kept_fds = 2,
		.state_bytes = sizeof(struct worker),
		.seed = crypto_init,
		.unseed = crypto_finish,
		.init = init,
		.channel = channel,
		.unconfined = unconfined,
		.run = run,
		.finish = finish,
	};

	(void)argv;
	return ipc_child_main(&child, argc);
}
