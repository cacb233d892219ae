#include "server/agent/children.h"

#include "common/base/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often a child that is being ended is looked for: it only delays our own end. */
#define LOOK_AGAIN_NS 2000000L
/* A process in uninterruptible sleep does not even die of SIGKILL: then we leave it to init. */
#define KILL_PATIENCE_MS 2000

int children_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0;
}

/* To each direct child, and to the group it leads if it leads one. */
static void signal_all(int signal)
{
	char path[64], word[24];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	FILE *list = fopen(path, "re");
	if (!list)
		return;
	while (fscanf(list, "%23s", word) == 1) {
		pid_t pid = (pid_t)strtol(word, NULL, 10);
		if (pid <= 1) /* never everybody, never init */
			continue;
		if (getpgid(pid) == pid)
			kill(-pid, signal);
		kill(pid, signal);
	}
	fclose(list);
}

/* Whether any child is left, when all that ended are reaped. */
static bool reap(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0 || (pid < 0 && errno == EINTR));
	return pid == 0;
}

void children_end(int grace_ms)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_NS };
	uint64_t start = clock_now_ms();

	signal_all(SIGHUP);
	signal_all(SIGTERM);
	signal_all(SIGCONT);
	while (reap()) {
		uint64_t passed = clock_now_ms() - start;
		if (passed > (uint64_t)grace_ms + KILL_PATIENCE_MS)
			return;
		if (passed > (uint64_t)grace_ms)
			signal_all(
				SIGKILL); /* again and again: those that they leave become ours */
		nanosleep(&pause, NULL);
	}
}

bool children_find_program(const char *name, char out[static PATH_MAX])
{
	const char *path = getenv("PATH");
	const char *at = path && *path ? path : "/usr/local/bin:/usr/bin:/bin";

	while (*at) {
		int len = (int)strcspn(at, ":");
		int n = snprintf(out, PATH_MAX, "%.*s/%s", len, at, name);
		if (len > 0 && n > 0 && n < PATH_MAX && access(out, X_OK) == 0)
			return true;
		at += len;
		at += *at == ':';
	}
	return false;
}
