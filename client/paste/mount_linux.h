/* Mounts of FUSE as an ordinary user makes them, by fusermount3. Linux alone. */
#pragma once

#include "common/base/macros.h"

/* Mounts at folder, read-only. *fuse_fd: what a file system answers by; the mount ends with its last copy
 * and with mount_end. -ENOENT: there is no fusermount3; -EIO: it could not, and has said why. */
int mount_begin(const char *folder, int *fuse_fd) MUST_CHECK;

/* Unmounts, also where programs still have something open there (they get errors), or where nobody
 * answers any more. Where nothing is mounted, nothing happens. */
void mount_end(const char *folder);
