/*
 * OpenSSH's sftp-server, in a box of its own (sandbox_make_box): the second door to the folders of
 * copies, for programs that speak SFTP. farseat-files starts it before it confines itself, and passes
 * bytes on.
 */
#pragma once

#include "common/ipc/sandbox.h"

struct files_sftp {
	int from; /* owned: what it says */
	int to;   /* owned: what it hears; it ends when that is closed, or this process ends */
};

/*
 * Starts it, and waits until it is in the box. start: the folder in which relative paths begin. It
 * writes nowhere unless one of the folders is writable. -ENOENT: sftp-server or our library is not
 * installed; -ENOSYS: the kernel cannot confine it.
 */
int files_sftp_start(const struct sandbox_folder *folders, size_t count, const char *start,
	struct files_sftp *out) MUST_CHECK;

/* Lets it do what it has heard, for wait_ms at most, then ends it. */
void files_sftp_finish(struct files_sftp *s, int wait_ms);
