/* Inside the sandbox: lists of system calls that a filter lets through, each with its reason. */
#pragma once

#include "common/base/macros.h"

#include <seccomp.h>
#include <stddef.h>

struct sandbox_call {
	int call;
	const char *reason;
};

/* With some arguments only: (argument & mask) == value. */
struct sandbox_condition {
	int call;
	unsigned argument;
	scmp_datum_t mask, value;
	const char *reason;
};

/* The mask by which a whole argument counts. */
#define SANDBOX_WHOLE (~(scmp_datum_t)0)

/* Let these through; what this architecture does not have is left out. -errno, as libseccomp has it. */
int sandbox_calls_allow(
	scmp_filter_ctx filter, const struct sandbox_call *calls, size_t count) MUST_CHECK;
int sandbox_conditions_allow(scmp_filter_ctx filter, const struct sandbox_condition *conditions,
	size_t count) MUST_CHECK;
