/* The end of the audit log, of bounded length: what farseatd can read without keeping anybody waiting.
 * farseatctl reads all of it by itself. */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Some thousand events; reading and printing them takes milliseconds. */
#define AUDIT_TAIL_BYTES (256U * 1024)
/* As far back as log_keep keeps by default, and one more. */
#define AUDIT_TAIL_DAYS 401

/*
 * The events not older than since_s, oldest first, from the dated files. *cut: there may be older ones.
 * NULL: no memory. Lines that are not JSON are left out.
 */
json_t *audit_tail(int64_t since_s, bool *cut);
