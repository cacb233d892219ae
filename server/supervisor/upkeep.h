/* Regular work that no connection causes: old files of the audit log are removed, and sums of
 * refusals written. */
#pragma once

#include "server/registry/settings.h"
#include "server/supervisor/refusals.h"

#include <uv.h>

struct upkeep {
	uv_timer_t timer;
	const struct settings *settings; /* borrowed; looked at each time */
	struct refusals *refusals;       /* borrowed */
};

/* Does it at once for the first time. */
void upkeep_open(struct upkeep *u, uv_loop_t *loop, const struct settings *settings,
	struct refusals *refusals);
void upkeep_close(struct upkeep *u);
