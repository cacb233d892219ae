/* The audit log as it is read: lines of JSON, from all of its files. */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One line for people: local time, event, then its details as "name value". entry: one object. */
void audit_log_print(const json_t *entry, FILE *out);

/* "1h", "7d" (that long ago), "2026-11-24", "2026-11-24 13:05" (local time). -EINVAL. */
int audit_log_since(const char *text, int64_t now_s, int64_t *out) MUST_CHECK;

/*
 * Reads all files (audit_files.h) and, with follow, all that comes until the process ends; take gets
 * each entry not older than since_s (borrowed). Lines that are not JSON are left out (a crash may
 * have cut one). *compressed: how many files were left out. -errno; -ENOENT: there is no log yet.
 */
int audit_log_read(int64_t since_s, bool follow, size_t *compressed,
	void (*take)(void *user, const json_t *entry), void *user) MUST_CHECK;
