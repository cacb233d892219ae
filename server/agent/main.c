/*
 * farseat-agent COMMAND: started by farseatd's starter with farseatd's channel as descriptor 3; see
 * agent.h. COMMAND is that of a virtual session, "" the desktop's own. farseatd does not choose it: a
 * session does what it likes, and farseatd may not.
 */
#include "common/base/log.h"
#include "common/base/process.h"
#include "server/agent/agent.h"
#include "server/agent/x11/display.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct agent agent;
	int type;
	socklen_t len = sizeof(type);

	log_init("farseat-agent");
	process_set_name("farseat-agent");
	if (argc != 2 || getsockopt(PROCESS_FIRST_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
		type != SOCK_SEQPACKET) {
		log_error("farseat-agent is started by farseatd; see farseatd(8)");
		return 2;
	}
	/* Keys of the person pass through here: not for other processes of the same user to read.
	 */
	prctl(PR_SET_DUMPABLE, 0);
	int r = agent_init(&agent, PROCESS_FIRST_FD, &x11_display_impl, argv[1]);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	agent_run(&agent);
	return agent_finish(&agent);
}
