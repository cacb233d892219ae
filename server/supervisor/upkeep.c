#include "server/supervisor/upkeep.h"

#include "common/base/clock.h"
#include "server/registry/audit.h"

/* A day's file goes at most so much later than it could. */
#define EACH_MS (3600U * 1000)

static void on_time(uv_timer_t *timer)
{
	const struct upkeep *u = timer->data;

	audit_expire(u->settings->log_keep_s);
	refusals_sum(u->refusals, clock_wall_s());
}

void upkeep_open(struct upkeep *u, uv_loop_t *loop, const struct settings *settings,
	struct refusals *refusals)
{
	u->settings = settings;
	u->refusals = refusals;
	uv_timer_init(loop, &u->timer);
	u->timer.data = u;
	on_time(&u->timer);
	uv_timer_start(&u->timer, on_time, EACH_MS, EACH_MS);
}

void upkeep_close(struct upkeep *u)
{
	uv_close((uv_handle_t *)&u->timer, NULL);
}
