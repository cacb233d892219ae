/*
 * Our other programs: starting them, waiting for their end. One file a system (D-PORTABLE); what
 * the server does with the system's own numbers stands in process_linux.h.
 *
 * Starting is fork and exec with exactly the descriptors they are given, on fixed
 * numbers. Nothing else is inherited: every other descriptor is closed, signals are reset, the
 * environment is a list.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

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

/* One that we started. Plain: to be copied and compared with none. */
struct process {
	int id; /* the system's number, for messages; 0: none */
};

/* Starts it; *out on success. stdin is /dev/null, stdout and stderr are the caller's, unless stdio
 * says otherwise. -errno, those of exec too. */
int process_start(const struct process_spec *spec, struct process *out) MUST_CHECK;

/*
 * Waits until it has ended, timeout_ms at most (0: looks only; negative: for ever). 0: it has, and
 * *p is none from now on; *status (may be NULL) is what process_status_text reads, 0 where it ended
 * well. -ETIMEDOUT: it still runs.
 */
int process_wait(struct process *p, int timeout_ms, int *status) MUST_CHECK;

/* Ends it at once, whatever it is doing. It is still to be waited for. */
void process_kill(struct process p);

/* The same of the group that it leads (new_group); at_once false: asks (SIGTERM). */
void process_end_group(struct process p, bool at_once);

/* Our own environment, as envp takes it. */
const char *const *process_environment(void);

/* What ps shows. For programs that are started by program_fd: before Linux 6.14 those go by a
 * number. At most 15 characters count. */
void process_set_name(const char *name);

/*
 * For a process that holds secrets: it leaves no core, and no other process of its user may look
 * into it. What it starts inherits the limit of the core. Sanitizer builds only have the limit,
 * since their check for leaks looks into the process. -errno.
 */
int process_guard(void) MUST_CHECK;

/* Text such as "exited with status 1" or "was killed by signal 11 (Segmentation fault)" for a wait
 * status. */
const char *process_status_text(int status, char *out, size_t size);
