#include "server/agent/viewer.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/ipc/dispatch.h"
#include "server/agent/agent.h"
#include "server/agent/gate.h"
#include "server/agent/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Records read at once before the others' turn comes. */
#define RECORDS_A_TURN 64

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct viewer *v)
{
	int events = 0;

	if (v->closing)
		return;
	if (!v->stalled)
		events |= UV_READABLE;
	if (ipc_wants_write(&v->channel))
		events |= UV_WRITABLE;
	if (events)
		uv_poll_start(&v->poll, events, on_ready);
	else
		uv_poll_stop(&v->poll);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void viewer_close(struct viewer *v)
{
	struct agent *a = v->agent;

	if (v->closing)
		return;
	v->closing = true;
	input_release_all(&a->input, &v->holder);
	for (struct viewer **at = &a->viewers; *at; at = &(*at)->next)
		if (*at == v) {
			*at = v->next;
			break;
		}
	uv_poll_stop(&v->poll);
	ipc_channel_finish(&v->channel);
	uv_close((uv_handle_t *)&v->poll, on_closed);
	frames_released(&a->frames);
	agent_update_use(a);
	log_debug("worker %u is detached", v->worker);
}

/* --- to the worker --- */

/*
 * After any send. A failed one ends the viewer, but not while its list may be walked: its channel
 * is shut, which the loop sees next.
 */
static void sent(struct viewer *v, int r)
{
	if (r < 0) {
		log_debug("worker %u cannot be reached: %s", v->worker, strerror(-r));
		v->holding = false;
		v->wants = false;
		shutdown(v->channel.fd, SHUT_RDWR);
	}
	watch(v);
}

/* A worker may look at the memory, not write: another worker reads it too. */
static int readonly_fd(const struct ipc_memory *memory)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory->fd);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void send_memory(
	struct viewer *v, const struct view_record *record, const struct ipc_memory *memory)
{
	int fd = memory && memory->fd >= 0 ? readonly_fd(memory) : -1;
	int r = memory && memory->fd >= 0 && fd < 0 ? fd
						    : view_record_send(&v->channel, record, fd);

	fd_close(&fd);
	sent(v, r);
}

void viewer_send_framebuffer(struct viewer *v)
{
	const struct display *d = v->agent->display;
	struct view_record record = { .type = RECORD_FRAMEBUFFER };

	region_clear(&v->damage);
	region_add(&v->damage, (struct record_rect){ 0, 0, d->width_px, d->height_px });
	if (!(v->caps & WIRE_CAP_SEE))
		return;
	record.framebuffer.generation = v->agent->frames.generation;
	record.framebuffer.width_px = d->width_px;
	record.framebuffer.height_px = d->height_px;
	record.framebuffer.resizable = d->resizable && gate_may_resize(v->caps);
	send_memory(v, &record, &d->memory);
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
	sent(v, view_record_send(&v->channel, &record, -1));
}

void viewer_send_looked(struct viewer *v)
{
	const struct view_record record = { .type = RECORD_LOOKED };

	sent(v, view_record_send(&v->channel, &record, -1));
}

void viewer_send_cursor(struct viewer *v)
{
	const struct display_pointer *p = &v->agent->display->pointer;
	struct view_record record = { .type = RECORD_CURSOR, .cursor = p->shape };

	if (v->caps & WIRE_CAP_SEE)
		send_memory(v, &record, &p->image);
}

void viewer_send_place(struct viewer *v)
{
	const struct display_pointer *p = &v->agent->display->pointer;
	struct wire_message m = { .type = WIRE_CURSOR_MOVE };

	if (!(v->caps & WIRE_CAP_SEE) ||
		(v->place_known && v->x_px == p->x_px && v->y_px == p->y_px))
		return;
	v->place_known = true;
	v->x_px = p->x_px;
	v->y_px = p->y_px;
	m.cursor_move.x_px = p->x_px;
	m.cursor_move.y_px = p->y_px;
	sent(v, record_send_wire(&v->channel, &m));
}

void viewer_send_leds(struct viewer *v)
{
	struct wire_message m = { .type = WIRE_LEDS };

	m.leds.leds = v->agent->display->leds;
	sent(v, record_send_wire(&v->channel, &m));
}

/* --- from the worker --- */

/* Input of that serial was applied. */
static void applied(struct viewer *v, uint32_t serial)
{
	v->input_serial = serial;
	if (v->unanswered_ms)
		return;
	v->unanswered_ms = clock_now_ms();
	agent_wake_answers(v->agent);
}

int viewer_answer(struct viewer *v, uint64_t now_ms)
{
	if (!v->unanswered_ms || !(v->caps & WIRE_CAP_SEE))
		return -1;
	if (now_ms < v->unanswered_ms + VIEWER_ANSWER_MS)
		return (int)(v->unanswered_ms + VIEWER_ANSWER_MS - now_ms);
	/* Its capture comes back when the display has taken all that was asked of it before. */
	region_add(&v->damage, (struct record_rect){ 0, 0, 1, 1 });
	return -1;
}

static void take_pointer(struct viewer *v, const struct wire_pointer *pointer)
{
	struct agent *a = v->agent;

	v->input_serial = pointer->serial;
	input_pointer(&a->input, pointer);
	v->x_px = MIN(pointer->x_px, (uint16_t)(a->input.width_px - 1));
	v->y_px = MIN(pointer->y_px, (uint16_t)(a->input.height_px - 1));
	v->place_known = true;
	display_put_pointer(a->display, v->x_px, v->y_px); /* the others are told */
}

static void stall(struct viewer *v, const struct wire_message *m)
{
	if (m != &v->waiting) {
		v->waiting = *m;
		if (m->type == WIRE_TEXT) {
			memcpy(v->waiting_text, m->text.utf8, m->text.len);
			v->waiting.text.utf8 = v->waiting_text;
		}
	}
	v->stalled = true;
	agent_wake_rested(v->agent);
}

static void take_key(struct viewer *v, const struct wire_message *m)
{
	v->agent->display->impl->refresh_layout(v->agent->display);
	if (input_key(&v->agent->input, &v->holder, &m->key, clock_now_ms()) < 0)
		stall(v, m);
	else
		applied(v, m->key.serial);
}

static void take_text(struct viewer *v, const struct wire_message *m)
{
	size_t done = v->waiting.type ? v->waiting_done : 0;

	v->agent->display->impl->refresh_layout(v->agent->display);
	int r = input_text(&v->agent->input, m->text.utf8, m->text.len, &done, clock_now_ms());
	v->waiting_done = done;
	if (r < 0)
		stall(v, m);
	else
		applied(v, m->text.serial);
}

static void take_view(struct viewer *v, const struct wire_view *view)
{
	struct display *d = v->agent->display;

	if (!gate_may_resize(v->caps) || !d->resizable || view->paused || view->width_px == 0 ||
		view->height_px == 0)
		return;
	if (d->impl->resize(d, view->width_px, view->height_px) < 0)
		log_debug("the screen keeps its size");
}

static void take_message(struct viewer *v, const struct wire_message *m)
{
	struct input *in = &v->agent->input;

	if (gate_wire(m->type, WIRE_CAPS_ALL & ~(uint32_t)WIRE_CAP_INPUT) != GATE_PASS)
		frames_stirred(&v->agent->frames); /* input: programs will do something about it */
	switch ((int)m->type) {
	case WIRE_KEY:
		take_key(v, m);
		break;
	case WIRE_TEXT:
		take_text(v, m);
		break;
	case WIRE_POINTER:
		take_pointer(v, &m->pointer);
		break;
	case WIRE_POINTER_BY:
		v->input_serial = m->pointer_by.serial;
		input_pointer_by(in, &m->pointer_by);
		v->place_known = false;
		break;
	case WIRE_BUTTON:
		input_button(in, &v->holder, &m->button);
		applied(v, m->button.serial);
		break;
	case WIRE_WHEEL:
		input_wheel(in, &v->holder, &m->wheel);
		applied(v, m->wheel.serial);
		break;
	case WIRE_RELEASE_ALL:
		input_release_all(in, &v->holder);
		applied(v, m->release_all.serial);
		break;
	case WIRE_VIEW:
		take_view(v, &m->view);
		break;
	case WIRE_REFRESH:
		region_add(&v->damage, (struct record_rect){ 0, 0, v->agent->display->width_px,
					       v->agent->display->height_px });
		break;
	default:
		break;
	}
}

void viewer_resume(struct viewer *v)
{
	if (!v->stalled)
		return;
	v->stalled = false;
	take_message(v, &v->waiting);
	if (!v->stalled)
		v->waiting = (struct wire_message){ 0 };
	watch(v);
}

static bool in_grace(const struct viewer *v,
	enum gate (*judge)(const struct viewer *v, int type, uint32_t caps), int type)
{
	return v->lost_caps && clock_now_ms() < v->lost_until_ms &&
	       judge(v, type, v->caps | v->lost_caps) == GATE_PASS;
}

static enum gate judge_record(const struct viewer *v, int type, uint32_t caps)
{
	(void)v;
	return gate_record((enum record_type)type, caps);
}

static enum gate judge_wire(const struct viewer *v, int type, uint32_t caps)
{
	(void)v;
	return gate_wire((enum wire_type)type, caps);
}

/* 0: go on with it; 1: drop it; -EPERM, -EPROTO: the viewer ends. */
static int judge(struct viewer *v, enum gate (*by)(const struct viewer *v, int type, uint32_t caps),
	int type, uint8_t wire_type)
{
	switch (by(v, type, v->caps)) {
	case GATE_PASS:
		return 0;
	case GATE_VIOLATION:
		if (in_grace(v, by, type))
			return 1;
		agent_report_violation(v->agent, v->worker, wire_type);
		return -EPERM;
	case GATE_PROTOCOL:
		break;
	}
	return -EPROTO;
}

static int take_request(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;
	int r = judge(v, judge_record, RECORD_FRAME_REQUEST, 0);

	(void)body;
	(void)fd;
	if (r == 0)
		v->wants = true;
	return MIN(r, 0);
}

static int take_taken(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;
	int r = judge(v, judge_record, RECORD_FRAME_TAKEN, 0);

	(void)body;
	(void)fd;
	if (r == 0) {
		v->holding = false;
		frames_released(&v->agent->frames);
	}
	return MIN(r, 0);
}

static int take_look(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;
	int r = judge(v, judge_record, RECORD_LOOK, 0);

	(void)body;
	(void)fd;
	if (r == 0)
		frames_look(&v->agent->frames);
	return MIN(r, 0);
}

static int take_wire(void *owner, const void *body, int *fd)
{
	struct viewer *v = owner;
	struct wire_message m;
	int r = judge(v, judge_record, RECORD_WIRE, 0);

	(void)fd;
	if (r == 0)
		r = record_wire_message(body, &m);
	if (r == 0)
		r = judge(v, judge_wire, (int)m.type, (uint8_t)m.type);
	if (r == 0)
		take_message(v, &m);
	return MIN(r, 0);
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct viewer *v = owner;

	(void)record;
	log_warn("worker %u sent %s: it is detached", v->worker, what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_WIRE, DISPATCH_ALWAYS, take_wire, 0 },
	{ RECORD_FRAME_REQUEST, DISPATCH_ALWAYS, take_request, 0 },
	{ RECORD_FRAME_TAKEN, DISPATCH_ALWAYS, take_taken, 0 },
	{ RECORD_LOOK, DISPATCH_ALWAYS, take_look, 0 },
};

static const struct dispatch dispatch = {
	.records = &view_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

static int read_records(struct viewer *v)
{
	struct view_record room;

	for (int i = 0; i < RECORDS_A_TURN && !v->stalled; i++) {
		int r = dispatch_next(&v->channel, &dispatch, v, &room);
		if (r < 0)
			return r == -EAGAIN ? 0 : r;
	}
	return 0;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct viewer *v = poll->data;
	int r = status < 0 ? -EPIPE : 0;

	if (r == 0 && (events & UV_WRITABLE)) {
		r = ipc_flush(&v->channel);
		if (r == -EAGAIN)
			r = 0;
	}
	if (r == 0 && (events & UV_READABLE))
		r = read_records(v);
	if (r < 0) {
		viewer_close(v);
		return;
	}
	watch(v);
}

/* --- attaching --- */

void viewer_set_caps(struct viewer *v, uint32_t caps)
{
	bool sees = !(v->caps & WIRE_CAP_SEE) && (caps & WIRE_CAP_SEE);

	v->lost_caps = v->caps & ~caps;
	v->lost_until_ms = clock_now_ms() + VIEWER_GRACE_MS;
	v->caps = caps;
	if (!(caps & WIRE_CAP_INPUT)) {
		input_release_all(&v->agent->input, &v->holder);
		v->waiting = (struct wire_message){ 0 };
		v->stalled = false;
	}
	if (!(caps & WIRE_CAP_SEE)) {
		v->wants = false;
		v->holding = false;
		v->captured = false;
		frames_released(&v->agent->frames);
	}
	if (sees) {
		viewer_send_framebuffer(v);
		viewer_send_cursor(v);
	}
	watch(v);
	agent_update_use(v->agent);
}

int viewer_attach(struct agent *a, uint32_t worker, uint32_t caps, int fd)
{
	struct viewer *v = calloc(1, sizeof(*v));
	if (!v) {
		fd_close(&fd);
		return -ENOMEM;
	}
	v->agent = a;
	v->worker = worker;
	v->caps = caps;
	int r = ipc_channel_init(&v->channel, fd);
	if (r == 0)
		r = uv_poll_init(&a->loop, &v->poll, v->channel.fd);
	if (r < 0) {
		ipc_channel_finish(&v->channel);
		free(v);
		return r;
	}
	v->poll.data = v;
	v->next = a->viewers;
	a->viewers = v;
	viewer_send_framebuffer(v);
	viewer_send_cursor(v);
	viewer_send_place(v);
	viewer_send_leds(v);
	agent_update_use(a);
	return 0;
}
