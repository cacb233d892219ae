/* farseat-starter AGENT AGENT_WAYLAND SIGNER FILES SOUND SESSION: paths of the programs, "" of one that is not
 * installed; SESSION is the command of a virtual session, which the agent is given; descriptor 3 is
 * the daemon's channel. See starter.h. */
#include "server/supervisor/environment.h"
#include "server/supervisor/starter.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAEMON_FD     3
#define STATUS_FAILED (127 << 8) /* as a shell says that a program could not be started */

enum program {
	AGENT,
	AGENT_WAYLAND,
	SIGNER,
	FILES,
	SOUND,
	PROGRAMS,
};

struct starter {
	struct ipc_channel daemon;
	int signals; /* owned */
	int extra;   /* owned: for the next one started; -1 none */
	const char *paths[PROGRAMS];
	int programs[PROGRAMS]; /* owned: as they were at our start, whatever is installed
				      later */
	const char *session;
	pid_t pids[STARTER_KINDS]; /* 0: none runs */
};

static int tell_ended(struct starter *s, enum starter_kind kind, int status)
{
	const struct starter_packet packet = { STARTER_ENDED, kind, status };

	return starter_send(&s->daemon, &packet, -1);
}

static enum program program_of(enum starter_kind kind)
{
	if (kind >= STARTER_SOUND)
		return SOUND;
	if (kind >= STARTER_FILES)
		return FILES;
	if (kind == STARTER_SIGNER)
		return SIGNER;
	return kind == STARTER_AGENT ? AGENT : AGENT_WAYLAND;
}

static int start(struct starter *s, enum starter_kind kind, int fd)
{
	const char *const argv[PROGRAMS][3] = {
		[AGENT] = { "farseat-agent", s->session },
		[AGENT_WAYLAND] = { "farseat-agent-wayland", s->session },
		[SIGNER] = { "farseatctl", "signer" },
		[FILES] = { "farseat-files" },
		[SOUND] = { "farseat-sound" },
	};
	const char *environment[ENVIRONMENT_MAX];
	enum program program = program_of(kind);
	const int fds[] = { fd, s->extra };
	pid_t pid;
	bool is_agent = kind == STARTER_AGENT || kind == STARTER_AGENT_WAYLAND;

	environment_small(environment);
	/* When the daemon is killed, the agent sees its channel close, releases held keys and
	 * ends. So it must not die with its parent. */
	const struct process_spec spec = {
		.path = s->paths[program],
		.program_fd = s->programs[program] >= 0 ? &s->programs[program] : NULL,
		.argv = argv[program],
		/* The session's own: its display, its sound server. */
		.envp = is_agent || program == SOUND ? NULL : environment,
		.fds = fds,
		.fd_count = s->extra >= 0 ? 2 : 1,
		.die_with_parent = !is_agent,
		.new_session = true,
	};
	int r = process_start_pid(&spec, &pid);
	fd_close(&s->extra);
	if (r < 0) {
		log_error("cannot start %s: %s", spec.argv[0], strerror(-r));
		return tell_ended(s, kind, STATUS_FAILED);
	}
	s->pids[kind] = pid;
	return 0;
}

static int obey(struct starter *s)
{
	struct starter_packet p;
	int fd;

	int r = starter_receive(&s->daemon, &p, &fd);
	if (r != 1)
		return r == -EAGAIN ? 0 : r;
	if (p.op == STARTER_EXTRA) {
		fd_close(&s->extra);
		s->extra = fd;
		return 0;
	}
	if (p.op == STARTER_ENDED)
		r = -EPROTO;
	else if (s->pids[p.kind] != 0)
		kill(s->pids[p.kind], SIGKILL);
	if (p.op == STARTER_START) {
		if (s->pids[p.kind] != 0)
			waitpid(s->pids[p.kind], NULL, 0);
		s->pids[p.kind] = 0;
		r = start(s, p.kind, fd);
	}
	fd_close(&fd);
	return r < 0 ? r : 0;
}

static int reap(struct starter *s)
{
	struct signalfd_siginfo info;
	int status, r = 0;
	pid_t pid;

	while (read(s->signals, &info, sizeof(info)) > 0)
		;
	while (r == 0 && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int kind = 0; kind < STARTER_KINDS; kind++) {
			if (s->pids[kind] != pid)
				continue;
			s->pids[kind] = 0;
			r = tell_ended(s, (enum starter_kind)kind, status);
		}
	}
	return r;
}

static int run(struct starter *s)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = s->daemon.fd, .events = POLLIN },
			{ .fd = s->signals, .events = POLLIN },
		};
		if (poll(p, ARRAY_LEN(p), -1) < 0 && errno != EINTR)
			return -errno;
		int r = p[1].revents ? reap(s) : 0;
		if (r == 0 && p[0].revents)
			r = obey(s);
		if (r < 0)
			return r;
	}
}

int main(int argc, char **argv)
{
	struct starter s = { .signals = -1, .extra = -1 };
	sigset_t mask;

	log_init("farseat-starter");
	if (argc != 1 + PROGRAMS + 1) {
		fputs("farseat-starter is started by farseatd\n", stderr);
		return 2;
	}
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return EXIT_FAILURE;
	for (int i = 0; i < PROGRAMS; i++) {
		s.paths[i] = argv[1 + i];
		s.programs[i] = open(s.paths[i], O_PATH | O_CLOEXEC); /* -1: its start will fail */
	}
	s.session = argv[1 + PROGRAMS];
	s.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s.signals < 0 || ipc_channel_init(&s.daemon, DAEMON_FD) < 0)
		return EXIT_FAILURE;
	int r = run(&s);
	/* The daemon is gone: the agent sees that itself, and ends in order. */
	for (int kind = STARTER_SIGNER; kind < STARTER_KINDS; kind++)
		if (s.pids[kind] > 0)
			kill(s.pids[kind], SIGKILL);
	ipc_channel_finish(&s.daemon);
	fd_close(&s.signals);
	fd_close(&s.extra);
	for (int i = 0; i < PROGRAMS; i++)
		fd_close(&s.programs[i]);
	return r == -EPIPE ? EXIT_SUCCESS : EXIT_FAILURE;
}
