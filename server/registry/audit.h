/*
 * The audit log: who, from where, when, what; never content. JSON lines in the state folder, 0600,
 * appended; at AUDIT_FILE_MAX_BYTES it is renamed to audit.log.1 and begun anew.
 */
#pragma once

#include "common/base/macros.h"
#include "common/base/paths.h"

#include <jansson.h>

#define AUDIT_FILE_MAX_BYTES (8L * 1024 * 1024)

/* Where it is. */
int audit_path(char out[static PATH_MAX]) MUST_CHECK;

/*
 * Appends {"time": now, "event": event, ...details}. details is taken over (jansson reference), may
 * be NULL. A failure is logged: an audit log that cannot be written does not stop the service.
 */
void audit_write(const char *event, json_t *details);
