/*
 * What our child processes (worker, link, agent, signer, tunnel) have in common: the channel to the
 * process that started them.
 */
#pragma once

#include "common/base/log.h"
#include "common/ipc/channel.h"
#include "common/ipc/sandbox.h"

/* log_sink_fn; user is the struct ipc_channel to the parent, which writes the line with the child's
 * name. One thread alone may log. A parent that is gone is not told. */
void ipc_child_log(void *parent, enum log_level level, const char *line);

/*
 * A program that is confined before it reads the first byte of the other side (worker, link). Its
 * order is the same for each (ARCHITECTURE.md, D-EXEC, D-CONFINED): descriptors, random numbers,
 * configuration and threads, then the log goes to the parent, then the sandbox, then run.
 */
struct ipc_child {
	const char *name;   /* of the program */
	const char *parent; /* the program that starts it: told to a person who tries */
	enum sandbox_role role;
	int kept_fds; /* 3 .. 3 + kept_fds - 1: the parent's channel first */
	size_t state_bytes;
	int (*seed)(void);
	void (*unseed)(void);
	/* Takes the descriptors, reads the configuration from the parent, starts threads. Reads no
	 * byte of the other side. */
	int (*init)(void *state);
	struct ipc_channel *(*channel)(void *state);
	/* It could not be confined: tells whoever can be told. */
	void (*unconfined)(void *state, int error);
	void (*run)(void *state);
	void (*finish)(void *state);
};

/* main of such a program; its exit status. */
int ipc_child_main(const struct ipc_child *child, int argc);
