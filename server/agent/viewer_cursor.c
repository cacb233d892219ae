/* The pointer's shape and place, as a viewer is told of them. Its client draws it (D-CURSOR). */
#include "server/agent/agent.h"
#include "server/agent/channel.h"

static void send_shape(struct viewer *v)
{
	const struct display_pointer *p = &v->agent->display->pointer;
	struct view_record record = { .type = RECORD_CURSOR, .cursor = p->shape };

	if (v->caps & WIRE_CAP_SEE)
		viewer_send_memory(v, &record, &p->image);
}

static void send_place(struct viewer *v)
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
	viewer_sent(v, record_send_wire(&v->channel, &m));
}

static void attach(struct viewer *v)
{
	send_shape(v);
	send_place(v);
}

const struct viewer_channel viewer_cursor_channel = {
	.name = "cursor",
	.caps = WIRE_CAP_SEE,
	.attach = attach,
	.gained = send_shape,
	.changes = { { DISPLAY_CHANGED_SHAPE, send_shape }, { DISPLAY_CHANGED_PLACE, send_place } },
};
