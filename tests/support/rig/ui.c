/* The link's UI: gives it memory to draw into and keeps what it says. */
#include "tests/support/rig/rig_internal.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rig_ui_wire(struct rig *r, const struct wire_message *m)
{
	rig_must(record_send_wire(&r->ui, m) == 0, "WIRE to the link");
}

void rig_present(struct rig *r)
{
	struct link_record m = { .type = RECORD_PRESENTED };

	if (!r->present_owed || r->ui.fd < 0)
		return;
	r->present_owed = 0;
	m.presented.frame = r->update.frame;
	/* A link that has ended does not hear it; what it said before is still to be read. */
	rig_told(link_record_send(&r->ui, &m, -1), "PRESENTED");
}

static void on_screen(struct rig *r, const struct wire_screen *screen)
{
	struct link_record m = { .type = RECORD_PIXELS };

	r->screen = *screen;
	ipc_memory_finish(&r->pixels);
	m.pixels.generation = screen->generation;
	m.pixels.stride_bytes = (uint32_t)screen->width_px * 4;
	rig_must(ipc_memory_create(
			 &r->pixels, "rig", (size_t)m.pixels.stride_bytes * screen->height_px) == 0,
		"pixels");
	rig_told(link_record_send(&r->ui, &m, r->pixels.fd), "PIXELS");
}

static void ui_wire(struct rig *r, const struct link_record *m)
{
	struct wire_message w;

	rig_must(record_wire_message(&m->wire, &w) == 0, "WIRE from the link");
	if (w.type == WIRE_SCREEN) {
		on_screen(r, &w.screen);
	} else if (w.type == WIRE_WELCOME) {
		r->welcome = w.welcome;
		r->welcome_seen = true;
	} else if (w.type == WIRE_CAPS) {
		r->caps_seen = w.caps.caps;
	} else if (w.type == WIRE_ENROLLED) {
		r->enrolled.len = w.enrolled.cert_len;
		memcpy(r->enrolled.bytes, w.enrolled.cert, w.enrolled.cert_len);
		r->enrolled_seen = true;
	}
}

static void on_cursor(struct rig *r, const struct link_record *m, int *fd)
{
	struct ipc_memory memory;
	size_t len = (size_t)m->cursor.width_px * m->cursor.height_px * 4;

	r->cursor = m->cursor;
	r->cursor_seen = true;
	if (len == 0)
		return;
	rig_must(ipc_memory_map(&memory, *fd, len, false) == 0, "cursor's memory");
	*fd = -1;
	memcpy(r->cursor_bytes, memory.bytes, len);
	ipc_memory_finish(&memory);
}

static void on_chain(struct rig *r, const struct link_record *m)
{
	r->chain_len = m->chain.count;
	for (size_t i = 0; i < m->chain.count; i++) {
		r->chain[i].len = m->chain.certs[i].len;
		memcpy(r->chain[i].bytes, m->chain.certs[i].bytes, m->chain.certs[i].len);
	}
}

/* Each lies within its own screen; one of a screen that is no more is answered and not counted. */
static void on_update(struct rig *r, const struct record_update *u)
{
	r->update = *u;
	r->present_owed = 1;
	if (u->generation != r->screen.generation) {
		r->stale_count++;
		rig_present(r);
		return;
	}
	for (size_t i = 0; i < u->rect_count; i++)
		rig_must(u->rects[i].x_px + u->rects[i].width_px <= r->screen.width_px &&
				 u->rects[i].y_px + u->rects[i].height_px <= r->screen.height_px,
			"an update within its screen");
	r->update_us = clock_now_us();
	r->update_count++;
	if (!r->hold_present)
		rig_present(r);
}

void rig_from_link(struct rig *r, const struct link_record *m, int *fd)
{
	switch ((int)m->type) {
	case RECORD_WIRE:
		ui_wire(r, m);
		break;
	case RECORD_UPDATE:
		on_update(r, &m->update);
		break;
	case RECORD_LINK_STATE:
		r->state = m->link_state;
		r->open_seen |= m->link_state.phase == RECORD_LINK_OPEN;
		r->silent_seen |= m->link_state.phase == RECORD_LINK_SILENT;
		break;
	case RECORD_LINK_FAILED:
		r->failed = m->link_failed;
		r->failed_seen = true;
		break;
	case RECORD_LINK_CURSOR:
		on_cursor(r, m, fd);
		break;
	case RECORD_TICKET:
		r->session_len = m->ticket.session.len;
		memcpy(r->session, m->ticket.session.bytes, m->ticket.session.len);
		break;
	case RECORD_CHAIN:
		on_chain(r, m);
		break;
	case RECORD_LINK_CHECKSUM:
		r->checksum = m->link_checksum;
		r->checksum_seen = true;
		break;
	case RECORD_LINK_STATS:
		r->link_stats = m->link_stats;
		break;
	case RECORD_LOG:
		if (getenv("RIG_LOG"))
			fprintf(stderr, "link: %.*s\n", (int)m->log.line.len,
				(const char *)m->log.line.bytes);
		break;
	case RECORD_LINK_STEP:
		break;
	default:
		rig_must(false, record_type_name((uint8_t)m->type));
	}
}
