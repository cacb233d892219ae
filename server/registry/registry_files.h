/*
 * A registry's two files in one folder: registry.json and, of a large one, registry.journal. They
 * stand in the data folder, and once more in the state folder (REGISTRY_LATEST). Internal to this
 * folder.
 */
#pragma once

#include "common/base/buffer.h"
#include "server/registry/registry_journal.h"

struct registry_files {
	char file[PATH_MAX], journal[PATH_MAX];
};

/* Of this registry.json. */
int registry_files_of(const char *file, struct registry_files *out) MUST_CHECK;

/* Reads both into *out (zeroed). -EBADMSG, -EINVAL: damaged; others of the file. */
int registry_files_read(const struct registry_files *f, struct registry *out) MUST_CHECK;

/* Reads the journal's rest into r, which was read from here. 1: read everything anew. */
int registry_files_read_rest(const struct registry_files *f, struct registry *r) MUST_CHECK;

/* The latest number, from the file's first line and the journal's end. -ENOENT. */
int registry_files_number(const struct registry_files *f, int64_t *number) MUST_CHECK;

/* Replaces the file as a whole; the journal goes. mode of both: 0600. */
int registry_files_write(const struct registry_files *f, const struct buffer *text) MUST_CHECK;

/* Appends to the journal after its last whole line. -EFBIG: it is long enough; write the whole. */
int registry_files_append(const struct registry_files *f, const struct buffer *lines) MUST_CHECK;
