/* The requests of the control socket (control.h). */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct supervisor;

/*
 * Carries a request out, and answers: {"ok": true, ...}, or {"ok": false, "error": ...}. text comes
 * from whoever may use the socket. may_change: else only what reads is done. NULL: no memory.
 */
json_t *control_carry_out(
	struct supervisor *s, const char *text, size_t len, bool may_change) MUST_CHECK;
