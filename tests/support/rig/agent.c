/* The worker's agent: a framebuffer that the test draws into, and a log of the input that arrives.
 */
#include "tests/support/rig/rig_internal.h"

#include "common/base/clock.h"

#include <string.h>

void rig_make_framebuffer(struct rig *r, uint16_t width_px, uint16_t height_px)
{
	ipc_memory_finish(&r->framebuffer);
	r->width_px = width_px;
	r->height_px = height_px;
	r->framebuffer_generation++;
	rig_must(ipc_memory_create(&r->framebuffer, "rig", (size_t)width_px * height_px * 4) == 0,
		"framebuffer");
}

void rig_send_framebuffer(struct rig *r)
{
	struct view_record m = { .type = RECORD_FRAMEBUFFER };

	m.framebuffer.generation = r->framebuffer_generation;
	m.framebuffer.width_px = r->width_px;
	m.framebuffer.height_px = r->height_px;
	rig_told(view_record_send(&r->agent, &m, r->framebuffer.fd), "FRAMEBUFFER");
	r->requested = false;
	r->holding = false;
	rig_damage(r, 0, 0, r->width_px, r->height_px);
}

static void send_ready(struct rig *r)
{
	struct view_record m = { .type = RECORD_FRAME_READY, .frame_ready = r->damage };

	if (!r->requested || r->holding || r->damage.rect_count == 0 || r->agent.fd < 0)
		return;
	m.frame_ready.generation = r->framebuffer_generation;
	m.frame_ready.input_serial = r->input_serial;
	m.frame_ready.captured_ns = clock_now_ns();
	r->requested = false;
	r->holding = true;
	r->damage.rect_count = 0;
	r->ready_us = clock_now_us();
	r->ready_count++;
	rig_told(view_record_send(&r->agent, &m, -1), "FRAME_READY");
}

/* All that is to be seen was given: as the real agent says after a rest. */
static void send_looked(struct rig *r)
{
	const struct view_record m = { .type = RECORD_LOOKED };

	if (r->requested && r->damage.rect_count == 0 && r->agent.fd >= 0)
		rig_told(view_record_send(&r->agent, &m, -1), "LOOKED");
}

void rig_damage(struct rig *r, uint16_t x_px, uint16_t y_px, uint16_t width_px, uint16_t height_px)
{
	if (r->damage.rect_count == RECORD_RECTS_MAX) {
		r->damage.rect_count = 1;
		r->damage.rects[0] = (struct record_rect){ 0, 0, r->width_px, r->height_px };
	} else {
		r->damage.rects[r->damage.rect_count++] =
			(struct record_rect){ x_px, y_px, width_px, height_px };
	}
	send_ready(r);
}

void rig_new_framebuffer(struct rig *r, uint16_t width_px, uint16_t height_px)
{
	rig_make_framebuffer(r, width_px, height_px);
	r->damage.rect_count = 0;
	rig_send_framebuffer(r);
}

void rig_send_cursor(struct rig *r, uint16_t width_px, uint16_t height_px, const uint8_t *bytes)
{
	struct view_record m = { .type = RECORD_CURSOR };
	struct ipc_memory memory = { .fd = -1 };

	m.cursor.width_px = width_px;
	m.cursor.height_px = height_px;
	if (width_px) {
		size_t len = (size_t)width_px * height_px * 4;
		rig_must(ipc_memory_create(&memory, "rig", len) == 0, "cursor");
		memcpy(memory.bytes, bytes, len);
	}
	rig_told(view_record_send(&r->agent, &m, memory.fd), "CURSOR");
	ipc_memory_finish(&memory);
}

void rig_agent_from_worker(struct rig *r, const struct view_record *m)
{
	struct wire_message input;

	if (m->type == RECORD_FRAME_REQUEST) {
		r->requested = true;
		send_ready(r);
		send_looked(r);
	} else if (m->type == RECORD_LOOK) {
		send_looked(r);
	} else if (m->type == RECORD_FRAME_TAKEN) {
		r->holding = false;
		send_ready(r);
	} else if (m->type == RECORD_WIRE) {
		rig_must(record_wire_message(&m->wire, &input) == 0, "WIRE");
		r->inputs[r->input_count++ % RIG_WIRE_LOG] = input;
	}
}
