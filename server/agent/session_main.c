/*
 * farseat-session: runs the session command of a virtual session and ends all that came of it. A
 * process of its own, so that a session does not outlive an agent that was killed: the kernel sends
 * us SIGTERM then. Runs as the session's user, parses nothing.
 *
 *   farseat-session COMMAND      exits when the command ended, or on SIGTERM
 */
#include "common/base/log.h"
#include "common/base/process_linux.h"
#include "server/agent/children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Programs may ask "save?" for longer than we can wait: whoever ended the session knew. */
#define GRACE_MS 1500

static int start_command(const char *command, pid_t *pid)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	const struct process_spec spec = {
		.path = "/bin/sh",
		.argv = argv,
		.new_session = true,
		.die_with_parent = true, /* should we be killed ourselves */
		.death_signal = SIGTERM,
	};

	return process_start_pid(&spec, pid);
}

/* Whether the session's own process ended. */
static bool reap(pid_t session)
{
	bool ended = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		ended |= pid == session;
	return ended;
}

int main(int argc, char **argv)
{
	sigset_t waited;
	pid_t session = -1;

	log_init("farseat-session");
	if (argc != 2) {
		log_error("usage: farseat-session COMMAND (started by farseat-agent)");
		return 2;
	}
	sigemptyset(&waited);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGHUP);
	sigaddset(&waited, SIGCHLD);
	sigprocmask(SIG_BLOCK, &waited, NULL);
	int r = children_adopt();
	if (r == 0)
		r = start_command(argv[1], &session);
	if (r < 0) {
		log_error("cannot start the session: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	for (;;) {
		int signal = sigwaitinfo(&waited, NULL);
		if (signal == SIGCHLD ? reap(session) : signal > 0)
			break;
	}
	children_end(GRACE_MS);
	return EXIT_SUCCESS;
}
