/* The files of the audit log in their order: dated ones, what logrotate renamed, and those from
 * before there were dates. */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct audit_file {
	char path[PATH_MAX];
	int64_t first_s; /* of its first entry */
};

/*
 * Lists those in which something is not older than since_s, oldest first. *out is the caller's to
 * free; *compressed: how many were left out since they are compressed. -ENOENT: there is no log.
 */
int audit_files_list(
	int64_t since_s, struct audit_file **out, size_t *count, size_t *compressed) MUST_CHECK;

/* The time of a line as audit_write writes it, or -1 when it does not begin so. */
int64_t audit_line_time(const char *line, size_t len);
