/* Descriptors: closing, flags, reading and writing whole files safely. */
#pragma once

#include "common/base/buffer.h"

#include <sys/types.h>

/* Closes *fd if it is open and sets it to -1. Keeps errno. */
void fd_close(int *fd);

/* -errno on failure. */
int fd_set_nonblock(int fd) MUST_CHECK;
int fd_set_cloexec(int fd, bool on) MUST_CHECK;

/*
 * Reads a whole file of at most limit_bytes into out (initialised here; the caller finishes it).
 * -E2BIG when it is longer, -ENOENT and the like from open(2).
 */
int file_read(const char *path, size_t limit_bytes, struct buffer *out) MUST_CHECK;

/*
 * Replaces path as a whole: a temporary file beside it, fsync, rename, fsync of the folder. After a
 * crash the old or the new content stands there, never a part. mode is exact, whatever the umask.
 */
int file_replace(const char *path, const void *bytes, size_t len, mode_t mode) MUST_CHECK;

/* Makes path and the folders above it (mode for those it makes). -ENOTDIR where something else
 * stands. */
int dir_make(const char *path, mode_t mode) MUST_CHECK;
