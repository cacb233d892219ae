/* An X server of our own without a screen, on a free display. Which one: server_command.h. */
#pragma once

#include "common/base/macros.h"
#include "server/agent/x11/server_command.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct x11_server {
	pid_t pid;        /* 0: not running */
	char display[16]; /* ":60" */
	char auth_path[PATH_MAX];
	struct x11_server_command command;
};

/*
 * Starts the best X server that is installed, the next one where it fails, and waits until it is
 * ready (15 s at most for each); sets DISPLAY and XAUTHORITY of this process. On failure a sentence
 * for the administrator is written to reason. -errno.
 */
int x11_server_start(
	struct x11_server *s, const char *runtime_dir, char *reason, size_t reason_size) MUST_CHECK;

/* Whether the child that ended was the X server. */
bool x11_server_ended(struct x11_server *s, pid_t pid);

/* Ends the X server, with every other child of this process, and removes what it left. A zeroed one
 * is fine. */
void x11_server_finish(struct x11_server *s);
