/* Files as a whole, and folders. One file a system (D-PORTABLE). */
#pragma once

#include "common/base/buffer.h"

/*
 * Reads a whole file of at most limit_bytes into out (initialised here; the caller finishes it).
 * -E2BIG when it is longer, -ENOENT and the like from opening it.
 */
int file_read(const char *path, size_t limit_bytes, struct buffer *out) MUST_CHECK;

/*
 * Replaces path as a whole: a temporary file beside it, fsync, rename, fsync of the folder. After a
 * crash the old or the new content stands there, never a part. mode (permission bits, 0600) is
 * exact, whatever the umask.
 */
int file_replace(const char *path, const void *bytes, size_t len, unsigned mode) MUST_CHECK;

/* Opens what is to be read: a file, a folder or a pipe; not inherited. -errno. */
int file_open(const char *path, bool *is_folder) MUST_CHECK;
/* Opens a folder. -ENOTDIR: it is something else. */
int dir_open(const char *path) MUST_CHECK;

/* 1: nobody but its owner may read or write it; 0: others may; -errno. */
int file_is_private(const char *path) MUST_CHECK;

/* The same, but that the group of a file of root's may read it, as a company's keys are kept for
 * services (Debian's group ssl-cert). */
int file_is_secret(const char *path) MUST_CHECK;

/* Whether something of that name is there. */
bool file_is_there(const char *path);

/* One that is not there is removed already. */
int file_remove(const char *path) MUST_CHECK;

/* Adds a line (given without its end) to a file, which is made if it is not there. A last line
 * without an end gets one first, so that it does not swallow this one. */
int file_append_line(const char *path, const char *line, unsigned mode) MUST_CHECK;

/* Makes path and the folders above it (mode for those it makes). -ENOTDIR where something else
 * stands. */
int dir_make(const char *path, unsigned mode) MUST_CHECK;

/* Makes an empty folder of an unused name, for its owner alone. path ends in XXXXXX, which becomes
 * the rest of its name. */
int dir_make_fresh(char *path) MUST_CHECK;

/* Removes an empty folder. */
int dir_remove(const char *path) MUST_CHECK;

/*
 * The folder fresh is called path from now on, in one step. Is there one already: -EEXIST, or
 * (replace) the two change their names and fresh is what stood there: 1.
 */
int dir_put(const char *fresh, const char *path, bool replace) MUST_CHECK;

/* Calls each with the name of everything in a folder, in no order, until one returns an error, which
 * it hands on. -ENOENT: there is no such folder. */
int dir_each(const char *path, int (*each)(void *user, const char *name), void *user) MUST_CHECK;
