/* Inside the sandbox: which paths a process may reach, by Landlock. */
#pragma once

#include "common/ipc/sandbox.h"

/* The kernel's version of Landlock; less than 1: it has none. */
int sandbox_landlock_abi(void);

/* A ruleset that leaves these folders and nothing else: no other path, no TCP, no abstract Unix socket.
 * Its descriptor, the caller's; -errno. */
int sandbox_landlock_folders(
	int abi, const struct sandbox_folder *folders, size_t count) MUST_CHECK;

/* Confines all that this process will open to them; no_new_privs was set. 0, -errno. */
int sandbox_landlock_enter(int abi, const struct sandbox_folder *folders, size_t count) MUST_CHECK;
