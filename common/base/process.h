/*
 * Starting our other programs: fork and exec with exactly the descriptors they are given, on fixed
 * numbers. Nothing else is inherited: every other descriptor is closed, signals are reset, the
 * environment is a list.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <sys/types.h>

/* First descriptor number a child finds its own on: fds[0] becomes 3, fds[1] becomes 4, ... */
#define PROCESS_FIRST_FD 3
#define PROCESS_FDS_MAX  8

struct process_spec {
	const char *path; /* program */
	/* The program itself, opened before (O_PATH, or for reading): what stands at path may be
	 * another version by now. NULL: path counts. Borrowed. */
	const int *program_fd;
	const char *const *argv; /* NULL at its end; argv[0] included */
	const char *const *envp; /* NULL at its end; NULL: the caller's environment */
	const int *fds;          /* become 3, 4, ... ; borrowed, the caller still closes its own */
	size_t fd_count;         /* <= PROCESS_FDS_MAX */
	const int *stdio;     /* three that become 0, 1, 2; NULL: /dev/null and the caller's two */
	bool die_with_parent; /* SIGKILL when the thread that started it ends (PR_SET_PDEATHSIG) */
	int death_signal;     /* with die_with_parent: sent instead of SIGKILL; 0: SIGKILL */
	bool new_session;     /* setsid: a terminal's signals do not reach it */
	bool new_group;       /* a process group of its own, in the caller's session */
};

/* Starts it; *pid on success. stdin is /dev/null, stdout and stderr are the caller's, unless stdio
 * says otherwise. -errno, exec's own too. */
int process_start(const struct process_spec *spec, pid_t *pid) MUST_CHECK;

/* What ps shows. For programs that are started by program_fd: before Linux 6.14 those go by a
 * number. At most 15 characters count. */
void process_set_name(const char *name);

/* Text such as "exited with status 1" or "was killed by signal 11 (Segmentation fault)" for a wait
 * status. */
const char *process_status_text(int status, char *out, size_t size);
