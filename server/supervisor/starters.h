/* The daemon's side of farseat-starter (starter.h). */
#pragma once

#include "server/supervisor/starter.h"

#include <uv.h>

struct child;
struct supervisor;

struct starters {
	pid_t pid;
	struct ipc_channel channel;
	uv_poll_t poll;
	struct child *children[STARTER_KINDS]; /* borrowed; those that run */
	bool opened;                           /* channel and poll are there, for starters_close */
	bool lost;
};

/* Starts what c stands for, with fd as its channel and, unless it is -1, extra_fd as its 4; its end is
 * told by child_exited. */
int starters_start(struct starters *t, enum starter_kind kind, struct child *c, int fd,
	int extra_fd) MUST_CHECK;
void starters_kill(struct starters *t, enum starter_kind kind);

/* Kills it; its end is told to nobody. */
void starters_forget(struct starters *t, enum starter_kind kind);

/* Starts farseat-starter, before the confinement. */
int starters_open(struct supervisor *s) MUST_CHECK;
void starters_reap(struct supervisor *s);
void starters_close(struct supervisor *s);
