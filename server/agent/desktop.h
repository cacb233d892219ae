/* The desktop of a virtual session: the session command, run by farseat-session on a display that is
 * there already. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <sys/types.h>

#define DESKTOP_COMMAND_MAX_BYTES 512 /* of desktop_default_command: two names and what waits */

struct desktop {
	pid_t pid; /* of farseat-session; 0: not running */
};

/*
 * Starts the session command; "" finds one. The environment names the display already; display is
 * for the log. On failure a sentence for the administrator is written to reason. -errno.
 */
int desktop_start(struct desktop *d, const char *command, const char *display, char *reason,
	size_t reason_size) MUST_CHECK;

/* Whether the child that ended was the desktop. */
bool desktop_ended(struct desktop *d, pid_t pid);

/* Ends it and every other child of this process. A zeroed one is fine. */
void desktop_finish(struct desktop *d);

/* The command of this machine's desktop: its session, else a window manager and a terminal.
 * -ENOENT. */
int desktop_default_command(char *out, size_t size) MUST_CHECK;
