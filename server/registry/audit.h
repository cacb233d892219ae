/*
 * The audit log: who, from where, when, what; never content. JSON lines in the state folder, 0600,
 * one file a day (UTC). Files are only ever appended to, so that they may be made append-only
 * (chattr +a); whoever renames one (logrotate) gets a new one beside it.
 */
#pragma once

#include "common/base/macros.h"
#include "common/base/paths.h"

#include <jansson.h>
#include <stdint.h>

/* Of one day: from here on refusals, which strangers can cause, are no longer written. */
#define AUDIT_DAY_MAX_BYTES (64L * 1024 * 1024)
/* Names: audit-2026-11-27.log; audit.log is from before there were dates. */
#define AUDIT_PREFIX "audit"

/* Where the files are. */
int audit_folder(char out[static PATH_MAX]) MUST_CHECK;
/* The file of that day. */
int audit_path(int64_t when_s, char out[static PATH_MAX]) MUST_CHECK;

/*
 * Appends {"time": now, "event": event, ...details}. details is taken over (jansson reference), may
 * be NULL. A failure is logged: an audit log that cannot be written does not stop the service.
 */
void audit_write(const char *event, json_t *details);

/* Removes the files whose day ended more than keep_s ago; 0: none. What cannot be removed is told. */
void audit_expire(int64_t keep_s);
