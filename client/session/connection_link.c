/*
 * What farseat-link tells of a connection, record by record. It is read as untrusted: a record that
 * breaks the rules between our own processes ends it.
 */
#include "client/session/connection_state.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A picture that never changes from black brings no update: show it then. */
#define BLANK_AFTER_MS 500

/*
 * farseat-link broke the rules between our own processes: whatever it is now, it is not ours. A new
 * one takes its place by itself, unless this goes on: the person can do nothing about it, and what
 * was wrong is for the log.
 */
static void distrust(struct connection *c, const char *what)
{
	bool again = ++c->distrusted < CONNECTION_DISTRUST_MAX;

	log_error("farseat-link broke the rules and is ended: %s", what);
	connection_say(c, "the connection ended by a fault within Farseat (the log says which)",
		again ? "Try again; if it stays, report it with the log."
		      : "Update Farseat on both machines; if it stays, report it with both logs.");
	connection_end_link(c, again ? OUTCOME_RETRY : OUTCOME_FAILED, 0);
}

/* Which picture an update or a checksum of farseat-link speaks of. */
enum picture_age {
	PICTURE_COMING, /* announced, not yet shown */
	PICTURE_SHOWN,
	PICTURE_OLD, /* of a screen that is no more: it crossed the SCREEN that came after it */
};

static enum picture_age age_of(const struct connection *c, uint32_t generation)
{
	if (c->coming.bytes)
		return generation == c->coming_generation ? PICTURE_COMING : PICTURE_OLD;
	return c->shown_live && generation == c->shown_generation ? PICTURE_SHOWN : PICTURE_OLD;
}

/* The announced picture becomes the one that is shown. */
void connection_swap_picture(struct connection *c)
{
	if (!c->coming.bytes)
		return;
	ipc_memory_finish(&c->shown);
	c->shown = c->coming;
	c->coming = (struct ipc_memory){ .fd = -1 };
	c->blank_at_ms = 0;
	c->picture = c->next;
	c->shown_generation = c->coming_generation;
	c->shown_live = true;
	c->picture.updated_ms = clock_now_ms();
	if (c->events.screen)
		c->events.screen(c->user);
}

static void on_screen(struct connection *c, const struct wire_screen *s)
{
	struct link_record answer = { .type = RECORD_PIXELS };
	size_t stride = (size_t)s->width_px * 4;

	connection_forget_coming(c);
	int r = ipc_memory_create(&c->coming, "farseat-pixels", stride * s->height_px);
	if (r < 0) {
		connection_say(c, "not enough memory for the picture",
			"Close other programs and connect again.");
		connection_end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->next = (struct connection_picture){ .pixels = c->coming.bytes, .stride_bytes = stride };
	c->coming_generation = s->generation;
	c->next.width_px = s->width_px;
	c->next.height_px = s->height_px;
	c->next.resizable = s->resizable;
	c->blank_at_ms = clock_now_ms() + BLANK_AFTER_MS;
	c->presenting = false;
	answer.pixels.generation = s->generation;
	answer.pixels.stride_bytes = (uint32_t)stride;
	if (link_record_send(&c->link.channel, &answer, c->coming.fd) < 0)
		log_debug("farseat-link does not take the picture's memory"); /* its end is seen on
										 receiving */
}

static void on_goodbye(struct connection *c, const struct wire_goodbye *bye)
{
	c->goodbye = bye->code;
	connection_say(c, bye->reason, remedy_for(0, bye->code));
}

static void on_wire(struct connection *c, const struct record_wire *wire)
{
	struct wire_message m;

	if (record_wire_message(wire, &m) < 0) {
		distrust(c, "a malformed message");
		return;
	}
	switch ((int)m.type) {
	case WIRE_WELCOME:
		c->welcome = m.welcome;
		c->welcomed = true;
		c->caps = m.welcome.caps;
		break;
	case WIRE_CAPS:
		c->caps = m.caps.caps;
		break;
	case WIRE_SCREEN:
		on_screen(c, &m.screen);
		return;
	case WIRE_GOODBYE:
		on_goodbye(c, &m.goodbye);
		return;
	case WIRE_CLOCK:
	case WIRE_LEDS:
	case WIRE_CURSOR_MOVE:
	case WIRE_RENEWED:
	case WIRE_STATS:
		break;
	default:
		distrust(c, wire_type_name((uint8_t)m.type));
		return;
	}
	if (c->events.wire)
		c->events.wire(c->user, &m);
}

static void on_link_state(struct connection *c, const struct record_link_state *s)
{
	uint64_t now = clock_now_ms();

	switch (s->phase) {
	case RECORD_LINK_HANDSHAKE:
	case RECORD_LINK_PROVING:
		connection_set_state(c, CONNECTION_SECURING);
		break;
	case RECORD_LINK_OPEN:
		if (c->open_since_ms == 0)
			c->open_since_ms = now;
		c->lost_since_ms = 0;
		c->renewed_ms = 0;
		c->picture.updated_ms = now;
		if (c->attempt)
			way_opened(c->attempt);
		connection_set_state(c, CONNECTION_OPEN);
		break;
	case RECORD_LINK_SILENT:
		if (c->lost_since_ms == 0)
			c->lost_since_ms = now - MIN(now, (uint64_t)s->silent_ms);
		c->picture.updated_ms = now - MIN(now, (uint64_t)s->silent_ms);
		connection_set_state(c, CONNECTION_SILENT);
		break;
	default:
		break;
	}
	if (c->events.link_state)
		c->events.link_state(c->user, s);
}

/* A connection that never opened may have ended on the way there. */
static void blame_way(struct connection *c)
{
	char reason[WAY_REASON_BYTES];
	const char *remedy = "";

	c->way_failed = c->attempt && way_blame(c->attempt, reason, &remedy);
	if (c->way_failed)
		connection_say(c, reason, remedy);
}

static void on_failed(struct connection *c, const struct record_link_failed *f)
{
	/* mbedTLS 3.6 offers no version but the session's, and so only that version's suites: the
	 * workstation may have another since. */
	bool nothing_in_common =
		f->fault == CRYPTO_WRONG_VERSION || f->fault == CRYPTO_NO_COMMON_SUITE;
	if (nothing_in_common && c->resumable) {
		connection_again_without_session(c);
		return;
	}
	c->fault = f->fault;
	if (f->code)
		c->goodbye = f->code;
	connection_say(c, f->reason, remedy_for(c->fault, c->goodbye));
	if (c->open_since_ms == 0 && remedy_by_way(c->fault, c->goodbye))
		blame_way(c);
	connection_end_link(
		c, f->renews ? OUTCOME_RENEW : outcome_of(c->fault, c->goodbye, f->retry), 200);
}

static void on_update(struct connection *c, const struct record_update *u)
{
	enum picture_age age = age_of(c, u->generation);
	const struct connection_picture *p = age == PICTURE_COMING ? &c->next : &c->picture;

	if (age == PICTURE_OLD) {
		/* The answer lets the link go on, and the workstation counts the frame as seen. */
		connection_presented(c, u->frame, 0);
		return;
	}
	for (size_t i = 0; i < u->rect_count; i++) {
		const struct record_rect *r = &u->rects[i];
		if (!p->pixels || r->x_px + r->width_px > p->width_px ||
			r->y_px + r->height_px > p->height_px) {
			distrust(c, "an update outside the picture");
			return;
		}
	}
	if (c->presenting) {
		distrust(c, "an update before the last one was shown");
		return;
	}
	c->presenting = true;
	if (age == PICTURE_COMING)
		connection_swap_picture(c);
	c->picture.updated_ms = clock_now_ms();
	if (c->events.update)
		c->events.update(c->user, u);
}

static void on_checksum(struct connection *c, const struct record_link_checksum *checksum)
{
	struct record_link_checksum answer = *checksum;
	enum picture_age age = age_of(c, checksum->generation);

	if (age == PICTURE_COMING)
		connection_swap_picture(c); /* black on purpose: nothing was drawn before it */
	else if (age == PICTURE_OLD)
		answer.settled = false; /* who asked asks again, about the picture that comes */
	if (c->events.checksum)
		c->events.checksum(c->user, &answer);
}

/* The cursor's memory is copied by the callback's owner; it is mapped for the call only. */
static void on_cursor(struct connection *c, const struct record_cursor *cursor, int *fd)
{
	struct ipc_memory memory = { .fd = -1 };
	size_t size = (size_t)cursor->width_px * cursor->height_px * 4;

	if (size > 0) {
		if (cursor->width_px > WIRE_CURSOR_SIDE_MAX_PX ||
			cursor->height_px > WIRE_CURSOR_SIDE_MAX_PX || *fd < 0) {
			distrust(c, "a cursor without a picture");
			return;
		}
		int r = ipc_memory_map(&memory, *fd, size, false);
		*fd = -1; /* taken over */
		if (r < 0) {
			distrust(c, "a cursor in memory that is not sealed");
			return;
		}
	}
	if (c->events.cursor)
		c->events.cursor(c->user, cursor, memory.bytes);
	ipc_memory_finish(&memory);
}

static void on_ticket(struct connection *c, const struct record_ticket *ticket)
{
	if (ticket->session.len > WORKSTATION_SESSION_MAX_BYTES)
		return;
	int r = workstation_store_session(
		&c->workstation, ticket->session.bytes, ticket->session.len);
	if (r < 0)
		log_debug("the session to resume was not stored: %s", strerror(-r));
}

static void on_record(struct connection *c, const struct link_record *record, int *fd)
{
	switch ((int)record->type) {
	case RECORD_LINK_STATE:
		on_link_state(c, &record->link_state);
		break;
	case RECORD_LINK_STEP:
		if (c->events.step)
			c->events.step(c->user, &record->link_step);
		break;
	case RECORD_LINK_FAILED:
		on_failed(c, &record->link_failed);
		break;
	case RECORD_UPDATE:
		on_update(c, &record->update);
		break;
	case RECORD_LINK_CURSOR:
		on_cursor(c, &record->cursor, fd);
		break;
	case RECORD_TICKET:
		on_ticket(c, &record->ticket);
		break;
	case RECORD_LINK_CHECKSUM:
		on_checksum(c, &record->link_checksum);
		break;
	case RECORD_LINK_STATS:
		/* Once a second: a picture that stands still is as new as the last word of the
		 * other end. */
		if (c->state == CONNECTION_OPEN)
			c->picture.updated_ms = clock_now_ms();
		if (c->events.stats)
			c->events.stats(c->user, &record->link_stats);
		break;
	case RECORD_LOG:
		log_line(MIN(record->log.level, LOG_DEBUG), "link: %.*s", (int)record->log.line.len,
			(const char *)record->log.line.bytes);
		break;
	case RECORD_WIRE:
		on_wire(c, &record->wire);
		break;
	default:
		distrust(c, record_type_name((uint8_t)record->type));
		break;
	}
}

static void on_link_gone(struct connection *c)
{
	char status[128], text[CONNECTION_REASON_BYTES];

	link_process_finish(&c->link, 200, status);
	snprintf(
		text, sizeof(text), "farseat-link %s", status[0] ? status : "ended without a word");
	log_warn("%s", text);
	connection_say(c, text, "");
	connection_end_link(c, OUTCOME_RETRY, 0);
}

void connection_read_link(struct connection *c)
{
	struct link_record record;

	if (ipc_wants_write(&c->link.channel) && ipc_flush(&c->link.channel) == -EPIPE) {
		log_debug(
			"farseat-link closed its channel"); /* what it said before is still read */
	}
	while (c->link.channel.fd >= 0) {
		int fd = -1;
		int r = link_record_receive(&c->link.channel, &record, &fd);
		if (r == -EAGAIN)
			return;
		if (r == 1) {
			on_record(c, &record, &fd);
			fd_close(&fd);
		} else if (r == -EPROTO) {
			distrust(c, "a malformed record");
		} else {
			on_link_gone(c);
		}
	}
}
