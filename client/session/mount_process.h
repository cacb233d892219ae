/*
 * The process farseat-mount: it mounts a folder of this laptop for farseat-paste, and unmounts it when its
 * channel is closed, also by our end of whatever kind. So it is not ended with us, and never killed.
 */
#pragma once

#include "common/base/process.h"
#include "common/ipc/records_files.h"

struct mount_process {
	struct process process;
	struct ipc_channel channel;
};

/* Whether this laptop has what files can be pasted by: both programs, and FUSE. */
bool mount_process_possible(void);

/* -ENOENT: the program is not installed. Finish is right in any case. */
int mount_process_start(struct mount_process *m) MUST_CHECK;

/* 1: it is mounted, at folder, and *fd (the caller's) is what answers for it; 0: not yet; -EPIPE: it could
 * not, and has said why on standard error; -EPROTO. */
int mount_process_read(struct mount_process *m, char folder[static WIRE_FILE_PATH_MAX_BYTES + 1],
	int *fd) MUST_CHECK;

/* It unmounts, and exits. */
void mount_process_finish(struct mount_process *m);
