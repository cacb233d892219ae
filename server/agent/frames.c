#include "server/agent/frames.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/agent/agent.h"

#include <string.h>

/* The screen's size may change under a capture, hardly so often in a row. */
#define FAILURES_MAX 20

static void on_hold_timeout(uv_timer_t *timer)
{
	struct frames *f = timer->data;

	for (struct viewer *v = f->agent->viewers; v; v = v->next) {
		if (v->holding)
			log_debug("worker %u did not copy a picture within %d ms", v->worker,
				FRAMES_HOLD_MS);
		v->holding = false;
	}
}

void frames_init(struct frames *f, struct agent *agent, uv_loop_t *loop)
{
	*f = (struct frames){ .agent = agent, .generation = 1 };
	uv_timer_init(loop, &f->hold);
	f->hold.data = f;
}

void frames_finish(struct frames *f)
{
	if (f->agent)
		uv_close((uv_handle_t *)&f->hold, NULL);
	f->agent = NULL;
}

void frames_damaged(struct frames *f, struct record_rect rect)
{
	for (struct viewer *v = f->agent->viewers; v; v = v->next)
		region_add(&v->damage, rect);
}

static bool held(const struct frames *f)
{
	for (const struct viewer *v = f->agent->viewers; v; v = v->next)
		if (v->holding)
			return true;
	return false;
}

/* Moves what is due to taken; all of it goes to all. */
static void gather(struct frames *f, struct region *all)
{
	for (struct viewer *v = f->agent->viewers; v; v = v->next) {
		if (!v->wants || v->closing || region_empty(&v->damage))
			continue;
		v->taken = v->damage;
		v->taken_serial = v->input_serial;
		v->captured = true;
		v->wants = false;
		region_clear(&v->damage);
		region_add_region(all, &v->taken);
	}
}

/* As if the capture under way had not been asked for. */
static void give_back(struct frames *f)
{
	for (struct viewer *v = f->agent->viewers; v; v = v->next) {
		if (!v->captured)
			continue;
		v->captured = false;
		v->wants = true;
		region_add_region(&v->damage, &v->taken);
	}
}

void frames_next(struct frames *f)
{
	struct display *d = f->agent->display;
	struct region all = { 0 };

	if (f->busy || held(f))
		return;
	gather(f, &all);
	if (region_empty(&all))
		return;
	int r = d->impl->capture(d, all.rects, all.count);
	if (r < 0) {
		give_back(f);
		agent_fail(f->agent, "the connection to the display broke");
		return;
	}
	f->busy = true;
}

void frames_captured(struct frames *f, int status)
{
	bool any = false;

	f->busy = false;
	if (status < 0) {
		give_back(f);
		if (++f->failures > FAILURES_MAX)
			agent_fail(f->agent, "the display cannot be captured");
		return;
	}
	f->failures = 0;
	for (struct viewer *v = f->agent->viewers; v; v = v->next) {
		if (!v->captured)
			continue;
		v->captured = false;
		v->holding = true;
		viewer_send_frame(v);
		any |= v->holding;
	}
	if (any)
		uv_timer_start(&f->hold, on_hold_timeout, FRAMES_HOLD_MS, 0);
}

void frames_resized(struct frames *f)
{
	f->busy = false;
	f->generation++;
	for (struct viewer *v = f->agent->viewers; v; v = v->next) {
		v->wants |= v->captured;
		v->captured = false;
		v->holding = false;
		viewer_send_framebuffer(v);
	}
	frames_released(f);
}

void frames_released(struct frames *f)
{
	if (!held(f))
		uv_timer_stop(&f->hold);
}
