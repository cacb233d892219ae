/*
 * Why farseatd's last start failed, for `farseatctl status`: one line of text beside the audit log,
 * where farseatd may still write when it is confined. A start that succeeds and an orderly end remove
 * it.
 */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

#define START_FAILURE_MAX_BYTES 512

/* A longer reason is cut. What cannot be written is left out: it stands in the log as well. */
void start_failure_keep(const char *why);
void start_failure_forget(void);

/* The reason, and when it was written (seconds since 1970). -ENOENT: there is none. */
int start_failure_read(char out[static START_FAILURE_MAX_BYTES], int64_t *when_s) MUST_CHECK;
