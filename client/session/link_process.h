/* The process farseat-link: starting it on a transport, talking to it, ending it. farseat; trusts
 * nothing it says. */
#pragma once

#include "common/base/process.h"
#include "common/ipc/records_link.h"

#define LINK_PROCESS_ENVIRONMENT_MAX 64

/* What a confined program may see of our environment, which may hold a proxy's password or an agent's
 * socket; NULL at its end, borrowed. */
void link_process_environment(const char *out[static LINK_PROCESS_ENVIRONMENT_MAX]);

struct link_process {
	struct process process;
	struct ipc_channel channel;
};

/* Before anything else, so that a finish is always right. */
void link_process_init(struct link_process *l);

/* Starts farseat-link with a channel and transport_fd (which stays the caller's). -ENOENT: the
 * program is not installed. */
int link_process_start(struct link_process *l, int transport_fd) MUST_CHECK;

/*
 * Ends it: closes the channel, waits up to grace_ms for it to say its goodbye and exit, then kills
 * it. Always reaps. status_text (may be NULL, size 128) says how it ended.
 */
void link_process_finish(struct link_process *l, int grace_ms, char *status_text);
