/*
 * Confinement of the processes that read bytes from the other side (security.md, section 5):
 * no_new_privs, not dumpable, resource limits, Landlock without any path, seccomp with a list of
 * calls, default kill (a sanitizer build logs instead).
 *
 * Call sandbox_prepare early (closes every descriptor but those named; touches what opens files
 * lazily: time zone, locale), then start threads, then sandbox_enter, then read the first byte.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

enum sandbox_role {
	SANDBOX_WORKER, /* farseat-worker */
	SANDBOX_LINK,   /* farseat-link */
	SANDBOX_TUNNEL, /* farseat-tunnel: as LINK, but it may also make pairs of Unix sockets */
};

/* Keeps 0, 1, 2 and 3 .. 3 + kept_fds - 1. */
int sandbox_prepare(int kept_fds) MUST_CHECK;

/* Loads Landlock and seccomp for all threads (TSYNC). -errno: do not go on. Where Landlock is not
 * there: 1, the filter is in force. */
int sandbox_enter(enum sandbox_role role) MUST_CHECK;

/* Whether the build kills (true) or only logs forbidden calls (sanitizers). */
bool sandbox_kills(void);

/*
 * For processes that need files (daemon, signer): Landlock rules by path on top of what the process
 * may do anyway. Each path may be read, or written too; paths that are missing are skipped.
 * Everything else in the file system is forbidden for opening for writing (and, with deny_read, for
 * reading). 0, or 1 where the kernel has no Landlock, or -errno.
 */
struct sandbox_path {
	const char *path;
	bool writable;
	bool execute;
};
int sandbox_paths(const struct sandbox_path *paths, size_t count) MUST_CHECK;
