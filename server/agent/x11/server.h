/*
 * An X server of our own without a screen (Xvfb), on a free display.
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

/* The largest screen: 8K, 127 MiB of address space. */
#define X11_SERVER_MAX_WIDTH_PX  7680
#define X11_SERVER_MAX_HEIGHT_PX 4320

struct x11_server {
	pid_t pid;        /* 0: not running */
	char display[16]; /* ":60" */
	char auth_path[PATH_MAX];
};

/*
 * Starts the X server and waits until it is ready (15 s at most); sets DISPLAY and XAUTHORITY of
 * this process. On failure a sentence for the administrator is written to reason. -errno.
 */
int x11_server_start(
	struct x11_server *s, const char *runtime_dir, char *reason, size_t reason_size) MUST_CHECK;

/* Whether the child that ended was the X server. */
bool x11_server_ended(struct x11_server *s, pid_t pid);

/* Ends the X server, with every other child of this process, and removes what it left. A zeroed one
 * is fine. */
void x11_server_finish(struct x11_server *s);
