#include "server/agent/program.h"

#include "common/base/log.h"
#include "common/base/process.h"
#include "server/agent/agent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int program_run(int argc, char **argv, const char *name, const struct display_impl *display_impl)
{
	struct agent agent;
	int type;
	socklen_t len = sizeof(type);

	log_init(name);
	process_set_name(name);
	if (argc != 2 || getsockopt(PROCESS_FIRST_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
		type != SOCK_SEQPACKET) {
		log_error("%s is started by farseatd; see farseatd(8)", name);
		return 2;
	}
	/* Keys of the person pass through here: not for other processes of the same user to read.
	 */
	prctl(PR_SET_DUMPABLE, 0);
	int r = agent_init(&agent, PROCESS_FIRST_FD, display_impl, argv[1]);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	agent_run(&agent);
	return agent_finish(&agent);
}
