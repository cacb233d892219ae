/*
 * The command lines of the X servers without a screen that a virtual session can have.
 *
 * Xorg with its dummy driver has 16 outputs, takes any size, and as much memory as the screen needs;
 * it is preferred. Xvfb has one output, and takes memory for the largest screen at once: it can make
 * its screen smaller than it was started with, never larger. So it starts with the largest and is
 * shrunk to the one wanted.
 */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* The largest screen: 8K, 127 MiB. */
#define X11_SERVER_MAX_WIDTH_PX  7680
#define X11_SERVER_MAX_HEIGHT_PX 4320

#define X11_SERVER_ARGUMENTS_MAX 31

/* In the order in which they are tried. */
enum x11_server_kind {
	X11_SERVER_XORG,
	X11_SERVER_XVFB,
	X11_SERVER_KINDS,
};

struct x11_server_command {
	const char *name;       /* for sentences: "Xorg" */
	char program[PATH_MAX]; /* the file to run */
	bool is_talkative;      /* says much on standard error that is in its log as well */
	/* Files that it needs or leaves, to be removed after its end; empty: none. */
	char config_path[PATH_MAX], log_path[PATH_MAX];
	/* NULL at its end; points into this struct, to auth_path and to constants. */
	const char *argv[X11_SERVER_ARGUMENTS_MAX + 1];
	char screen[32];
};

/*
 * Fills *c in for a server that tells its display's number on descriptor 3, and writes what
 * configuration it needs into runtime_dir (which is there, and ours alone). auth_path is borrowed
 * for as long as argv is used. -ENOENT: such a server is not installed, or FARSEAT_X_SERVER names
 * another; or -errno.
 */
int x11_server_command_make(struct x11_server_command *c, enum x11_server_kind kind,
	const char *runtime_dir, const char *auth_path) MUST_CHECK;

/* Removes the files of a server that has ended. A zeroed one is fine. */
void x11_server_command_finish(struct x11_server_command *c);
