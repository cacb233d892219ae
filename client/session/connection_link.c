/*
 * What farseat-link tells of a connection, record by record. It is read as untrusted: a record that
 * breaks the rules between our own processes ends it.
 */
#include "client/session/connection_state.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/dispatch.h"

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
	c->lost_by = 0;
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

static int on_wire(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	struct wire_message m;

	(void)fd;
	if (record_wire_message(body, &m) < 0)
		return -EPROTO;
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
		return 0;
	case WIRE_GOODBYE:
		on_goodbye(c, &m.goodbye);
		return 0;
	case WIRE_CLOCK:
	case WIRE_LEDS:
	case WIRE_CURSOR_MOVE:
	case WIRE_RENEWED:
	case WIRE_STATS:
		break;
	default:
		distrust(c, wire_type_name((uint8_t)m.type));
		return 0;
	}
	if (c->events.wire)
		c->events.wire(c->user, &m);
	return 0;
}

static int on_link_state(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_link_state *s = body;
	uint64_t now = clock_now_ms();

	(void)fd;
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
	return 0;
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

static int on_failed(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_link_failed *f = body;
	/* mbedTLS 3.6 offers no version but the session's, and so only that version's suites: the
	 * workstation may have another since. */
	bool nothing_in_common =
		f->fault == CRYPTO_WRONG_VERSION || f->fault == CRYPTO_NO_COMMON_SUITE;

	(void)fd;
	if (nothing_in_common && c->resumable) {
		connection_again_without_session(c);
		return 0;
	}
	c->fault = f->fault;
	if (f->code)
		c->goodbye = f->code;
	connection_say(c, f->reason, remedy_for(c->fault, c->goodbye));
	if (c->open_since_ms == 0 && remedy_by_way(c->fault, c->goodbye))
		blame_way(c);
	connection_end_link(
		c, f->renews ? OUTCOME_RENEW : outcome_of(c->fault, c->goodbye, f->retry), 200);
	return 0;
}

static int on_update(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_update *u = body;
	enum picture_age age = age_of(c, u->generation);
	const struct connection_picture *p = age == PICTURE_COMING ? &c->next : &c->picture;

	(void)fd;
	if (age == PICTURE_OLD) {
		/* The answer lets the link go on, and the workstation counts the frame as seen. */
		connection_presented(c, u->frame, 0);
		return 0;
	}
	for (size_t i = 0; i < u->rect_count; i++) {
		const struct record_rect *r = &u->rects[i];
		if (!p->pixels || r->x_px + r->width_px > p->width_px ||
			r->y_px + r->height_px > p->height_px) {
			distrust(c, "an update outside the picture");
			return 0;
		}
	}
	if (c->presenting) {
		distrust(c, "an update before the last one was shown");
		return 0;
	}
	c->presenting = true;
	if (age == PICTURE_COMING)
		connection_swap_picture(c);
	c->picture.updated_ms = clock_now_ms();
	if (c->events.update)
		c->events.update(c->user, u);
	return 0;
}

static int on_checksum(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	struct record_link_checksum answer = *(const struct record_link_checksum *)body;
	enum picture_age age = age_of(c, answer.generation);

	(void)fd;
	if (age == PICTURE_COMING)
		connection_swap_picture(c); /* black on purpose: nothing was drawn before it */
	else if (age == PICTURE_OLD)
		answer.settled = false; /* who asked asks again, about the picture that comes */
	if (c->events.checksum)
		c->events.checksum(c->user, &answer);
	return 0;
}

/* The cursor's memory is copied by the callback's owner; it is mapped for the call only. */
static int on_cursor(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_cursor *cursor = body;
	struct ipc_memory memory = { .fd = -1 };
	size_t size = (size_t)cursor->width_px * cursor->height_px * 4;

	if (size > 0) {
		if (cursor->width_px > WIRE_CURSOR_SIDE_MAX_PX ||
			cursor->height_px > WIRE_CURSOR_SIDE_MAX_PX || *fd < 0) {
			distrust(c, "a cursor without a picture");
			return 0;
		}
		int r = ipc_memory_map(&memory, *fd, size, false);
		*fd = -1; /* taken over */
		if (r < 0) {
			distrust(c, "a cursor in memory that is not sealed");
			return 0;
		}
	}
	if (c->events.cursor)
		c->events.cursor(c->user, cursor, memory.bytes);
	ipc_memory_finish(&memory);
	return 0;
}

static int on_ticket(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_ticket *ticket = body;

	(void)fd;
	if (ticket->session.len > WORKSTATION_SESSION_MAX_BYTES)
		return 0;
	int r = workstation_store_session(
		&c->workstation, ticket->session.bytes, ticket->session.len);
	if (r < 0)
		log_debug("the session to resume was not stored: %s", strerror(-r));
	return 0;
}

static int on_step(void *owner, const void *body, int *fd)
{
	const struct connection *c = owner;

	(void)fd;
	if (c->events.step)
		c->events.step(c->user, body);
	return 0;
}

static int on_stats(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;

	(void)fd;
	/* Once a second: a picture that stands still is as new as the last word of the other end. */
	if (c->state == CONNECTION_OPEN)
		c->picture.updated_ms = clock_now_ms();
	if (c->events.stats)
		c->events.stats(c->user, body);
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	const struct record_log *log = body;

	(void)owner;
	(void)fd;
	log_line(MIN(log->level, LOG_DEBUG), "link: %.*s", (int)log->line.len,
		(const char *)log->line.bytes);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)record;
	distrust(owner, what);
}

/* CHAIN is for an enrolment (enroll.c) and never comes here. */
static const struct dispatch_rule rules[] = {
	{ RECORD_WIRE, DISPATCH_ALWAYS, on_wire, 0 },
	{ RECORD_UPDATE, DISPATCH_ALWAYS, on_update, 0 },
	{ RECORD_LINK_CURSOR, DISPATCH_ALWAYS, on_cursor, 0 },
	{ RECORD_LINK_STATE, DISPATCH_ALWAYS, on_link_state, 0 },
	{ RECORD_LINK_STEP, DISPATCH_ALWAYS, on_step, 0 },
	{ RECORD_LINK_FAILED, DISPATCH_ALWAYS, on_failed, 0 },
	{ RECORD_TICKET, DISPATCH_ALWAYS, on_ticket, 0 },
	{ RECORD_LINK_CHECKSUM, DISPATCH_ALWAYS, on_checksum, 0 },
	{ RECORD_LINK_STATS, DISPATCH_ALWAYS, on_stats, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
};

static const struct dispatch dispatch = {
	.records = &link_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

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
	struct link_record room;

	if (ipc_wants_write(&c->link.channel) && ipc_flush(&c->link.channel) == -EPIPE) {
		log_debug(
			"farseat-link closed its channel"); /* what it said before is still read */
	}
	while (c->link.channel.fd >= 0) {
		int r = dispatch_next(&c->link.channel, &dispatch, c, &room);
		if (r == -EAGAIN)
			return;
		if (r < 0 && r != -EPROTO) /* EPROTO: refused, and ended by that */
			on_link_gone(c);
	}
}
