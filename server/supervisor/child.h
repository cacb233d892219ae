/*
 * A child process with a channel: started by fork and exec, watched by the loop, reaped, and freed
 * in the close callback. What its records mean is its owner's.
 */
#pragma once

#include "common/base/process.h"
#include "common/ipc/dispatch.h"
#include "server/supervisor/starters.h"

#include <uv.h>

/* From being told to end to SIGKILL, where nothing else is said. */
#define CHILD_END_MS 1000

struct child;

/* It has ended and was reaped (status as waitpid), or could not be reached any more. The memory
 * goes right after. */
typedef void (*child_ended_fn)(struct child *c, int status);

struct child {
	const char *name; /* for the log; literal */
	void *owner;
	pid_t pid;
	struct ipc_channel channel;
	const struct dispatch *dispatch;
	void *taken; /* owned: the record that is being handled */
	uv_poll_t poll;
	uv_timer_t killer; /* armed by child_end */
	child_ended_fn on_ended;
	bool closing; /* its handles are being closed */
	bool deaf;    /* nothing more is read from it: it closed, or broke the rules */
	int status;
	int open_handles;
	struct starters *by; /* borrowed; NULL: our own child */
	enum starter_kind kind;
};

struct child_spec {
	const char *program;             /* farseat-worker, ... */
	const struct dispatch *dispatch; /* how its records are taken; the owner is the child's */
	const int *program_fd; /* the program, opened at the daemon's start; NULL: looked up.
				  Borrowed */
	const char *argument;  /* one, or NULL */
	int extra_fd;          /* becomes 4; -1 none. Borrowed */
	bool die_with_parent;
	bool new_session;
	struct starters *by; /* not NULL: farseat-starter starts the program of this kind */
	enum starter_kind kind;
};

/* Starts it; c stands in memory of the caller that on_ended may free. -errno: nothing was started.
 */
int child_start(struct child *c, uv_loop_t *loop, const struct child_spec *spec,
	child_ended_fn on_ended) MUST_CHECK;

/* Sends a record of its set; a failure kills the child (its end is told by on_ended). */
void child_send(struct child *c, const void *record, int fd);

/* The end of each refusal (struct dispatch): one sentence of what it sent. The child is killed when
 * the dispatch returns. */
void child_refused(const struct child *c, const char *what);

/* Lets it end by itself within ms, then SIGKILL. 0: now. */
void child_end(struct child *c, unsigned ms);

/* Closes the channel, which tells it to end; SIGKILL after CHILD_END_MS. */
void child_close(struct child *c);

/* Called on SIGCHLD for each child: reaps it if it has ended. */
void child_reap(struct child *c);

/* farseat-starter has reaped it. */
void child_exited(struct child *c, int status);
