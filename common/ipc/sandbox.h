/*
 * Confinement of the processes that read bytes from the other side (ARCHITECTURE.md, D-CONFINED):
 * no_new_privs, not dumpable, resource limits, Landlock without any path, seccomp with a list of
 * calls, default kill (a sanitizer build logs instead).
 *
 * The order: sandbox_prepare, which closes every descriptor but those named and opens what libraries
 * would open later (time zone, locale); threads; sandbox_enter; the first byte of the other side.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>

enum sandbox_role {
	SANDBOX_WORKER, /* farseat-worker */
	SANDBOX_LINK,   /* farseat-link */
	SANDBOX_TUNNEL, /* farseat-tunnel: as LINK, but it may also make pairs of Unix sockets */
	SANDBOX_PASTE,  /* farseat-paste: as LINK */
	SANDBOX_FILES,  /* farseat-files, by sandbox_enter_files */
	SANDBOX_SIGNER, /* farseatctl signer, by sandbox_enter_signer */
	SANDBOX_ROLES,
};

/* Keeps 0, 1, 2 and 3 .. 3 + kept_fds - 1. */
int sandbox_prepare(int kept_fds) MUST_CHECK;

/* Loads Landlock and seccomp for all threads (TSYNC). 0; 1: this kernel has no Landlock, the filter is
 * in force; -errno: do not go on. */
int sandbox_enter(enum sandbox_role role) MUST_CHECK;

/*
 * farseat-files: the same, but it reaches what lies beneath folders that it has open, and its files
 * may have the size of the protocol's limit. It opens by openat2 alone; folders of others do not
 * exist for it. writable: it may make, change and remove files, folders and links there, never run
 * one, nor make a device, socket or pipe. Errors as above.
 */
#define SANDBOX_FOLDERS_MAX 256
/* Files of farseat-files that wait for the disk at a time, with two descriptors each. */
#define SANDBOX_FILES_WAITING_MAX 256
struct sandbox_folder {
	int fd;
	bool writable;
	bool arrangeable; /* sandbox_make_box: folders may go, and names move between folders */
};
int sandbox_prepare_files(int kept_fds) MUST_CHECK;
int sandbox_enter_files(const struct sandbox_folder *folders, size_t count) MUST_CHECK;

/*
 * The box of a program of somebody else's, OpenSSH's sftp-server: these folders (a file among them is
 * fine) are all it can reach by a path, and it may start no program, make no socket, and change permissions and times of what it has
 * open alone, with no bit beyond 0777. What it may not is refused (EPERM).
 *
 * Its libraries have to be loaded first, so it enters by itself, through a library of ours that is
 * loaded with it (common/files/sftp_box_linux.c), from these two descriptors. -ENOSYS: this kernel has no
 * Landlock, and there is no such box; -errno.
 */
struct sandbox_box {
	int ruleset; /* owned: landlock_restrict_self */
	int filter;  /* owned: a file of struct sock_filter, from its beginning */
};
int sandbox_make_box(
	const struct sandbox_folder *folders, size_t count, struct sandbox_box *out) MUST_CHECK;

/* Whether the build kills (true) or only logs forbidden calls (sanitizers). */
bool sandbox_kills(void);

/*
 * For processes that need files (daemon, signer): Landlock rules by path. Each path may be read, and
 * written or executed where it says so; a path that is missing is skipped. Nothing else can be opened.
 * 0; 1: this kernel has no Landlock; -errno.
 */
struct sandbox_path {
	const char *path;
	bool writable;
	bool execute;
};
int sandbox_paths(const struct sandbox_path *paths, size_t count) MUST_CHECK;

/*
 * The signer: the same rules by path, and a list of calls that has those for files beside what all
 * have. No socket, program or other process is in its reach. Its descriptors are its own matter.
 * Errors as above.
 */
int sandbox_enter_signer(const struct sandbox_path *paths, size_t count) MUST_CHECK;
