#include "client/window/online.h"

#include "common/base/fd.h"

static void stop(struct online *o, int *asking)
{
	if (!o->dial)
		return;
	dial_destroy(o->dial);
	o->dial = NULL;
	--*asking;
}

static void ask(struct online *o, const struct workstation *w, int *asking, uint64_t now_ms)
{
	o->since_ms = now_ms;
	if (dial_start(&o->dial, w->host, w->port, NULL) < 0)
		o->dial = NULL;
	else
		++*asking;
}

static enum online_state answer(struct online *o, uint64_t now_ms)
{
	struct dial_result result;

	if (dial_take(o->dial, &result) == 0) {
		bool connected = result.fd >= 0;
		fd_close(&result.fd);
		return connected ? ONLINE_ANSWERS : ONLINE_SILENT;
	}
	return now_ms - o->since_ms >= ONLINE_TIMEOUT_MS ? ONLINE_SILENT : ONLINE_UNKNOWN;
}

bool online_step(struct online *o, const struct workstation *w, int *asking, uint64_t now_ms)
{
	bool due = o->since_ms == 0 || now_ms - o->since_ms >= ONLINE_AGE_MS;

	if (!o->dial) {
		if (due && *asking < ONLINE_AT_ONCE && way_is_direct(&w->way, w->host))
			ask(o, w, asking, now_ms);
		return false;
	}
	enum online_state now = answer(o, now_ms);
	if (now == ONLINE_UNKNOWN)
		return false;
	stop(o, asking);
	bool changed = now != o->state;
	o->state = now;
	return changed;
}

void online_finish(struct online *o, int *asking)
{
	stop(o, asking);
	*o = (struct online){ 0 };
}
