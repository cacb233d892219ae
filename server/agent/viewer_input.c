/* A viewer's keyboard and pointer: what its worker sends becomes the display's input, and is answered. */
#include "common/base/clock.h"
#include "server/agent/agent.h"
#include "server/agent/channel.h"

#include <string.h>

static void release(struct viewer *v)
{
	input_release_all(&v->agent->input, &v->holder);
}

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

static void take_pointer(struct viewer *v, const struct wire_message *m)
{
	const struct wire_pointer *pointer = &m->pointer;
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
	if (m->key.down)
		viewer_clipboard_gesture(v);
	v->agent->display->impl->refresh_layout(v->agent->display);
	if (input_key(&v->agent->input, &v->holder, &m->key, clock_now_ms()) < 0)
		stall(v, m);
	else
		applied(v, m->key.serial);
}

static void take_text(struct viewer *v, const struct wire_message *m)
{
	size_t done = v->waiting.type ? v->waiting_done : 0;

	viewer_clipboard_gesture(v);
	v->agent->display->impl->refresh_layout(v->agent->display);
	int r = input_text(&v->agent->input, m->text.utf8, m->text.len, &done, clock_now_ms());
	v->waiting_done = done;
	if (r < 0)
		stall(v, m);
	else
		applied(v, m->text.serial);
}

static void take_pointer_by(struct viewer *v, const struct wire_message *m)
{
	v->input_serial = m->pointer_by.serial;
	input_pointer_by(&v->agent->input, &m->pointer_by);
	v->place_known = false;
}

static void take_button(struct viewer *v, const struct wire_message *m)
{
	if (m->button.down)
		viewer_clipboard_gesture(v);
	input_button(&v->agent->input, &v->holder, &m->button);
	applied(v, m->button.serial);
}

static void take_wheel(struct viewer *v, const struct wire_message *m)
{
	input_wheel(&v->agent->input, &v->holder, &m->wheel);
	applied(v, m->wheel.serial);
}

static void take_release_all(struct viewer *v, const struct wire_message *m)
{
	release(v);
	applied(v, m->release_all.serial);
}

void viewer_resume(struct viewer *v)
{
	if (!v->stalled)
		return;
	v->stalled = false;
	viewer_channels_message(v, &v->waiting);
	if (!v->stalled)
		v->waiting = (struct wire_message){ 0 };
	viewer_watch(v);
}

static void send_leds(struct viewer *v)
{
	struct wire_message m = { .type = WIRE_LEDS };

	m.leds.leds = v->agent->display->leds;
	viewer_sent(v, record_send_wire(&v->channel, &m));
}

/* --- the channel --- */

static void lose(struct viewer *v)
{
	release(v);
	v->waiting = (struct wire_message){ 0 };
	v->stalled = false;
}

const struct viewer_channel viewer_input_channel = {
	.name = "input",
	.caps = WIRE_CAP_INPUT,
	.stirs = true,
	.messages = { { WIRE_KEY, take_key }, { WIRE_TEXT, take_text },
		{ WIRE_POINTER, take_pointer }, { WIRE_POINTER_BY, take_pointer_by },
		{ WIRE_BUTTON, take_button }, { WIRE_WHEEL, take_wheel },
		{ WIRE_RELEASE_ALL, take_release_all } },
	.attach = send_leds,
	.changes = { { DISPLAY_CHANGED_LEDS, send_leds } },
	.lost = lose,
	.finish = release,
};
