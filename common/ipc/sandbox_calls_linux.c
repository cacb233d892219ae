#include "common/ipc/sandbox_calls.h"

#include <errno.h>

int sandbox_calls_allow(scmp_filter_ctx filter, const struct sandbox_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].call, 0);
		if (r < 0 && r != -EDOM) /* not on this architecture */
			return r;
	}
	return 0;
}

int sandbox_conditions_allow(
	scmp_filter_ctx filter, const struct sandbox_condition *conditions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct sandbox_condition *c = &conditions[i];
		const struct scmp_arg_cmp masked = { c->argument, SCMP_CMP_MASKED_EQ, c->mask,
			c->value };
		int r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, c->call, 1, &masked);
		if (r < 0 && r != -EDOM)
			return r;
	}
	return 0;
}
