/* The picture, as a viewer asks for it and is told of it; frames.c decides when (D-PULL). */
#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/agent/agent.h"
#include "server/agent/channel.h"
#include "server/agent/gate.h"

#include <string.h>

/* --- to the worker --- */

static void add_all(struct viewer *v)
{
	const struct display *d = v->agent->display;

	region_add(&v->damage, (struct record_rect){ 0, 0, d->width_px, d->height_px });
}

void viewer_send_framebuffer(struct viewer *v)
{
	const struct display *d = v->agent->display;
	struct view_record record = { .type = RECORD_FRAMEBUFFER };

	region_clear(&v->damage);
	add_all(v);
	if (!(v->caps & WIRE_CAP_SEE))
		return;
	record.framebuffer.generation = v->agent->frames.generation;
	record.framebuffer.width_px = d->width_px;
	record.framebuffer.height_px = d->height_px;
	record.framebuffer.resizable = d->resizable && gate_may_resize(v->caps);
	viewer_send_memory(v, &record, &d->memory);
}

void viewer_send_frame(struct viewer *v)
{
	struct view_record record = { .type = RECORD_FRAME_READY };
	struct record_frame_ready *ready = &record.frame_ready;

	ready->generation = v->agent->frames.generation;
	ready->input_serial = v->taken_serial;
	ready->captured_ns = clock_now_ns();
	ready->rect_count = v->taken.count;
	memcpy(ready->rects, v->taken.rects, v->taken.count * sizeof(ready->rects[0]));
	viewer_sent(v, view_record_send(&v->channel, &record, -1));
}

void viewer_send_looked(struct viewer *v)
{
	const struct view_record record = { .type = RECORD_LOOKED };

	viewer_sent(v, view_record_send(&v->channel, &record, -1));
}

/* --- from the worker --- */

static int take_request(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;

	(void)body;
	(void)fd;
	v->wants = true;
	return 0;
}

static int take_taken(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;

	(void)body;
	(void)fd;
	v->holding = false;
	frames_released(&v->agent->frames);
	return 0;
}

static int take_look(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;

	(void)body;
	(void)fd;
	frames_look(&v->agent->frames);
	return 0;
}

static void take_view(struct viewer *v, const struct wire_message *m)
{
	const struct wire_view *view = &m->view;
	struct display *d = v->agent->display;

	viewer_clipboard_shown(v, !view->paused);
	if (!gate_may_resize(v->caps) || !d->resizable || view->paused || view->width_px == 0 ||
		view->height_px == 0)
		return;
	if (d->impl->resize(d, view->width_px, view->height_px) < 0)
		log_debug("the screen keeps its size");
}

/* Who may not resize the session does not say how large its programs draw either. */
static void take_dpi(struct viewer *v, const struct wire_message *m)
{
	agent_take_dpi(v->agent, gate_may_resize(v->caps) ? m->dpi.dpi : 0);
}

static void take_refresh(struct viewer *v, const struct wire_message *m)
{
	(void)m;
	add_all(v);
}

/* --- the channel --- */

/* It takes no picture any more: nobody waits for it. */
static void forget(struct viewer *v)
{
	v->wants = false;
	v->holding = false;
	v->captured = false;
	frames_released(&v->agent->frames);
}

const struct viewer_channel viewer_picture_channel = {
	.name = "picture",
	.caps = WIRE_CAP_SEE,
	.messages = { { WIRE_VIEW, take_view }, { WIRE_DPI, take_dpi },
		{ WIRE_REFRESH, take_refresh } },
	.records = { { RECORD_FRAME_REQUEST, DISPATCH_ALWAYS, take_request, 0 },
		{ RECORD_FRAME_TAKEN, DISPATCH_ALWAYS, take_taken, 0 },
		{ RECORD_LOOK, DISPATCH_ALWAYS, take_look, 0 } },
	.attach = viewer_send_framebuffer,
	.gained = viewer_send_framebuffer,
	.lost = forget,
	.finish = forget,
};
