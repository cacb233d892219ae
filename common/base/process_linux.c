/* Linux: close_range, PR_SET_PDEATHSIG, pidfd. */
#include "common/base/process_linux.h"

#include "common/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the child; only async-signal-safe calls. Places the descriptors above their targets
 * first, so that no dup2 overwrites one that is still needed. Returns where the report is; the
 * program, if it is open, stands after it. */
static int place_fds(const struct process_spec *spec, int report_fd)
{
	int high[PROCESS_FDS_MAX];
	int base = PROCESS_FIRST_FD + PROCESS_FDS_MAX + 1;

	for (size_t i = 0; i < spec->fd_count; i++) {
		high[i] = fcntl(spec->fds[i], F_DUPFD, base);
		if (high[i] < 0)
			return -errno;
	}
	int report = fcntl(report_fd, F_DUPFD, base);
	if (report < 0)
		return -errno;
	int program = spec->program_fd ? fcntl(*spec->program_fd, F_DUPFD, base) : -1;
	if (spec->program_fd && program < 0)
		return -errno;
	int stdio[3] = { -1, -1, -1 };
	for (int i = 0; spec->stdio && i < 3; i++) {
		stdio[i] = fcntl(spec->stdio[i], F_DUPFD, base);
		if (stdio[i] < 0)
			return -errno;
	}
	for (int i = 0; spec->stdio && i < 3; i++)
		if (dup2(stdio[i], i) < 0)
			return -errno;
	for (size_t i = 0; i < spec->fd_count; i++)
		if (dup2(high[i], PROCESS_FIRST_FD + (int)i) < 0)
			return -errno;

	int report_at = PROCESS_FIRST_FD + (int)spec->fd_count;
	if (dup3(report, report_at, O_CLOEXEC) < 0)
		return -errno;
	int last = report_at;
	if (program >= 0 && dup3(program, ++last, O_CLOEXEC) < 0)
		return -errno;
	if (close_range((unsigned)last + 1, ~0U, 0) < 0)
		return -errno;
	return report_at;
}

int process_guard(void)
{
	const struct rlimit none = { 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, SANITIZED, 0, 0, 0) < 0 ? -errno : 0;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

NORETURN static void run_child(const struct process_spec *spec, int report_fd, pid_t parent)
{
	int error = 0;
	int null = open("/dev/null", O_RDONLY);

	reset_signals();
	if (spec->new_session)
		setsid();
	if (spec->new_group)
		setpgid(0, 0);
	if (spec->die_with_parent) {
		prctl(PR_SET_PDEATHSIG, spec->death_signal ? spec->death_signal : SIGKILL);
		if (getppid() != parent) /* it ended before we asked */
			_exit(127);
	}
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	int report = place_fds(spec, report_fd);
	if (report < 0) {
		error = -report;
		report = report_fd;
	} else {
		/* execve's signature predates const; it changes nothing (POSIX, exec, rationale).
		 */
		union {
			const char *const *in;
			char **out;
		} argv = { .in = spec->argv }, envp = { .in = spec->envp };
		char **environment = envp.in ? envp.out : environ;
		if (spec->program_fd)
			execveat(report + 1, "", argv.out, environment, AT_EMPTY_PATH);
		else
			execve(spec->path, argv.out, environment);
		error = errno;
	}
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

int process_start_pid(const struct process_spec *spec, pid_t *pid)
{
	int report[2];
	int error = 0;

	if (spec->fd_count > PROCESS_FDS_MAX)
		return -EINVAL;
	if (pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	pid_t parent = getpid();
	pid_t child = fork();
	if (child == 0)
		run_child(spec, report[1], parent);
	int r = child < 0 ? -errno : 0;
	fd_close(&report[1]);

	if (r == 0) {
		ssize_t n;
		do
			n = read(report[0], &error,
				sizeof(error)); /* nothing arrives when exec succeeds */
		while (n < 0 && errno == EINTR);
		if (n == (ssize_t)sizeof(error)) {
			waitpid(child, NULL, 0);
			r = -error;
		}
	}
	fd_close(&report[0]);
	if (r == 0)
		*pid = child;
	return r;
}

int process_start(const struct process_spec *spec, struct process *out)
{
	pid_t pid = 0;
	int r = process_start_pid(spec, &pid);

	if (r == 0)
		out->id = pid;
	return r;
}

/* Whether it has ended within timeout_ms; it is not reaped yet. */
static bool ends(pid_t pid, int timeout_ms)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0); /* glibc has it from 2.36 on */
	bool ended = fd >= 0 && fd_wait_one(fd, FD_READ, timeout_ms) > 0;

	fd_close(&fd);
	return ended;
}

int process_wait(struct process *p, int timeout_ms, int *status)
{
	int told = 0;
	pid_t got;

	if (p->id <= 0)
		return -ECHILD;
	if (timeout_ms > 0 && !ends(p->id, timeout_ms))
		return -ETIMEDOUT;
	do
		got = waitpid(p->id, &told, timeout_ms == 0 ? WNOHANG : 0);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return -ETIMEDOUT;
	p->id = 0;
	if (status)
		*status = got < 0 ? 0 : told;
	return 0;
}

void process_kill(struct process p)
{
	if (p.id > 0)
		kill(p.id, SIGKILL);
}

void process_end_group(struct process p, bool at_once)
{
	if (p.id > 0)
		kill(-p.id, at_once ? SIGKILL : SIGTERM);
}

const char *const *process_environment(void)
{
	/* const changes nothing in memory (as for execve, above). */
	union {
		char **out;
		const char *const *in;
	} list = { .out = environ };
	return list.in;
}

void process_set_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

const char *process_status_text(int status, char *out, size_t size)
{
	if (WIFEXITED(status))
		snprintf(out, size, "exited with status %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(out, size, "was killed by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "changed to status 0x%x", (unsigned)status);
	return out;
}
