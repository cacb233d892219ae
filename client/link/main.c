/* farseat-link: descriptor 3 is the UI's channel, 4 the connected transport. Started by farseat
 * alone. */
#include "client/link/link.h"
#include "common/crypto/random.h"
#include "common/ipc/child.h"

#include <string.h>

static int init(void *state)
{
	return link_init(state);
}

static struct ipc_channel *channel(void *state)
{
	return &((struct link *)state)->ui;
}

static void unconfined(void *state, int error)
{
	link_fail(state, (struct link_failure){ .fault = CRYPTO_INTERNAL },
		"farseat-link cannot be confined on this system (%s)", strerror(-error));
}

static void run(void *state)
{
	link_run(state);
}

static void finish(void *state)
{
	link_finish(state);
}

int main(int argc, char **argv)
{
	static const struct ipc_child child = {
		.name = "farseat-link",
		.parent = "farseat",
		.role = SANDBOX_LINK,
		.kept_fds = 2,
		.state_bytes = sizeof(struct link),
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
