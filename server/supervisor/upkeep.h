/* Regular work that no connection causes: old files of the audit log are removed. */
#pragma once

#include "server/registry/settings.h"

#include <uv.h>

struct upkeep {
	uv_timer_t timer;
	const struct settings *settings; /* borrowed; looked at each time */
};

/* Does it at once for the first time. */
void upkeep_open(struct upkeep *u, uv_loop_t *loop, const struct settings *settings);
void upkeep_close(struct upkeep *u);
