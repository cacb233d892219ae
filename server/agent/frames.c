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

static void on_rest(uv_timer_t *timer)
{
	struct frames *f = timer->data;
	uint64_t rested_ms = clock_now_ms() - f->stirred_ms;

	if (rested_ms < FRAMES_REST_MS)
		uv_timer_start(&f->rest, on_rest, FRAMES_REST_MS - rested_ms, 0);
	else
		f->look_due = true; /* frames_next begins it, before the loop sleeps */
}

void frames_init(struct frames *f, struct agent *agent, uv_loop_t *loop)
{
	/* Nobody has looked yet, and perhaps nothing ever stirs. */
	*f = (struct frames){ .agent = agent, .generation = 1, .look_due = true };
	uv_timer_init(loop, &f->hold);
	f->hold.data = f;
	uv_timer_init(loop, &f->rest);
	f->rest.data = f;
}

void frames_finish(struct frames *f)
{
	if (f->agent) {
		uv_close((uv_handle_t *)&f->hold, NULL);
		uv_close((uv_handle_t *)&f->rest, NULL);
	}
	f->agent = NULL;
}

void frames_damaged(struct frames *f, struct record_rect rect)
{
	for (struct viewer *v = f->agent->viewers; v; v = v->next)
		region_add(&v->damage, rect);
	frames_stirred(f);
}

void frames_stirred(struct frames *f)
{
	f->looked = false;
	f->look_due = false;
	f->stirred_ms = clock_now_ms();
	if (!uv_is_active((const uv_handle_t *)&f->rest))
		uv_timer_start(&f->rest, on_rest, FRAMES_REST_MS, 0);
}

void frames_look(struct frames *f)
{
	f->looked = false;
	f->look_due = true;
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
		v->unanswered_ms = 0;
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

/* Whether it has all that is known of, and waits for more. */
static bool is_up_to_date(const struct viewer *v)
{
	return v->wants && !v->closing && region_empty(&v->damage);
}

static void tell_looked(struct frames *f)
{
	for (struct viewer *v = f->agent->viewers; v; v = v->next)
		if (is_up_to_date(v) && v->look_told != f->looks) {
			v->look_told = f->looks;
			viewer_send_looked(v);
		}
}

static bool anybody_up_to_date(const struct frames *f)
{
	for (const struct viewer *v = f->agent->viewers; v; v = v->next)
		if (is_up_to_date(v))
			return true;
	return false;
}

static void begin_look(struct frames *f)
{
	struct display *d = f->agent->display;

	f->look_due = false;
	f->looking = true;
	f->looked = true; /* unless something stirs until it ends */
	if (!d->impl->look)
		frames_looked(f, 0);
	else if (d->impl->look(d) < 0)
		agent_fail(f->agent, "the connection to the display broke");
}

void frames_looked(struct frames *f, int status)
{
	f->looking = false;
	if (status < 0)
		frames_stirred(f); /* the screen became another meanwhile */
	if (f->looked && ++f->looks == 0)
		f->looks = 1;
	if (f->looked)
		tell_looked(f);
}

void frames_next(struct frames *f)
{
	struct display *d = f->agent->display;
	struct region all = { 0 };

	if (f->busy || held(f))
		return;
	gather(f, &all);
	if (region_empty(&all)) {
		if (f->look_due && !f->looking && anybody_up_to_date(f))
			begin_look(f);
		else if (f->looked && !f->looking)
			tell_looked(f);
		return;
	}
	if (f->looking) { /* the capture ends it */
		f->looking = false;
		frames_stirred(f);
	}
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
	f->looking = false;
	frames_stirred(f);
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
