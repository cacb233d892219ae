/*
 * A session of our own: an X server without a screen (Xvfb) on a free display, and the session
 * command in it.
 *
 * Xvfb can make its screen smaller than it was started with, never larger: it is started with the
 * largest size we support and shrunk to the one wanted. Pages nothing was drawn on take no memory
 * (no background is painted at the start).
 */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Of a resizable screen: 8K, 127 MiB of address space. */
#define VIRTUAL_MAX_WIDTH_PX      7680
#define VIRTUAL_MAX_HEIGHT_PX     4320
#define VIRTUAL_COMMAND_MAX_BYTES 512 /* of virtual_default_command: two names and what waits */

struct virtual_session {
	pid_t server, session; /* 0: not running */
	char display[16];      /* ":60" */
	char auth_path[PATH_MAX];
};

/*
 * Starts the X server and waits until it is ready (15 s at most); sets DISPLAY and XAUTHORITY of
 * this process. reason as x11_open. -errno.
 */
int virtual_start_server(struct virtual_session *v, const char *runtime_dir, char *reason,
	size_t reason_size) MUST_CHECK;

/* Starts the session command in it; "" finds one. */
int virtual_start_session(struct virtual_session *v, const char *command, char *reason,
	size_t reason_size) MUST_CHECK;

/* A child ended: what to tell the supervisor when it was one of ours, else NULL. */
const char *virtual_child_ended(struct virtual_session *v, pid_t pid);

/* Ends all that was started, and removes what it left. A zeroed one is fine. */
void virtual_finish(struct virtual_session *v);

/* The command of this machine's desktop: its session, else a window manager and a terminal.
 * -ENOENT. */
int virtual_default_command(char *out, size_t size) MUST_CHECK;
