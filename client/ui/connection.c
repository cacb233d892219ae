#include "client/ui/connection.h"

#include "client/ui/backoff.h"
#include "client/ui/link_process.h"
#include "client/ui/remedy.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The link has WIRE_AUTH_TIMEOUT_MS itself; one that says nothing for longer hangs. */
#define SECURING_TIMEOUT_MS (WIRE_AUTH_TIMEOUT_MS + 2000)
/* How long a link may take to send our last messages. */
#define GOODBYE_MS 1000
/* A picture that never changes from black brings no update: show it then. */
#define BLANK_AFTER_MS 500
#define REASON_BYTES   400

struct connection {
	struct workstation workstation;
	struct connection_options options;
	struct connection_events events;
	void *user;

	enum connection_state state;
	char reason[REASON_BYTES];
	const char *remedy; /* static */
	uint8_t fault;
	uint16_t goodbye;

	struct dial *dial; /* owned */
	struct link_process link;
	uint64_t deadline_ms;   /* of DIALING, SECURING; when to try again in LOST */
	uint64_t open_since_ms; /* 0 not open */
	uint64_t lost_since_ms;
	struct backoff backoff;
	bool resumable; /* a session was handed to the link */

	struct ipc_memory shown,
		coming; /* coming: announced by SCREEN, shown from its first UPDATE on */
	struct connection_picture picture, next;
	uint64_t blank_at_ms; /* 0: nothing is coming */
	bool presenting;

	bool welcomed;
	struct wire_welcome welcome;
	uint32_t caps;
	uint32_t serial;
};

static void set_state(struct connection *c, enum connection_state state)
{
	if (c->state == state)
		return;
	c->state = state;
	if (c->events.state)
		c->events.state(c->user, state);
}

static void say(struct connection *c, const char *reason, const char *remedy)
{
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	c->remedy = remedy ? remedy : "";
}

int connection_create(struct connection **out, const struct workstation *workstation,
	const struct connection_options *options, const struct connection_events *events,
	void *user)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->workstation = *workstation;
	c->options = *options;
	c->events = *events;
	c->user = user;
	c->remedy = "";
	c->shown.fd = -1;
	c->coming.fd = -1;
	link_process_init(&c->link);
	*out = c;
	return 0;
}

static void forget_coming(struct connection *c)
{
	ipc_memory_finish(&c->coming);
	c->coming = (struct ipc_memory){ .fd = -1 };
	c->blank_at_ms = 0;
}

/* Ends what is under way, but keeps the picture. */
static void drop_link(struct connection *c, int grace_ms, char *status_text)
{
	dial_destroy(c->dial);
	c->dial = NULL;
	link_process_finish(&c->link, grace_ms, status_text);
	forget_coming(c);
	c->presenting = false;
	c->welcomed = false;
	c->caps = 0;
}

void connection_destroy(struct connection *c)
{
	if (!c)
		return;
	connection_stop(c);
	drop_link(c, 0, NULL);
	ipc_memory_finish(&c->shown);
	free(c);
}

/* The link is gone: tries again later, or stays with that. */
static void end_link(struct connection *c, enum outcome outcome, int grace_ms)
{
	uint64_t now = clock_now_ms();
	bool was_open = c->open_since_ms != 0;

	if (was_open && now - c->open_since_ms >= BACKOFF_STEADY_MS)
		backoff_reset(&c->backoff);
	if (was_open && workstation_store_last_seen(c->workstation.name, clock_wall_s()) < 0)
		log_debug("last seen of %s was not stored", c->workstation.name);
	c->open_since_ms = 0;
	drop_link(c, grace_ms, NULL);
	if (c->lost_since_ms == 0)
		c->lost_since_ms = now;
	switch (outcome) {
	case OUTCOME_RETRY:
		if (!c->options.reconnect) {
			set_state(c, CONNECTION_FAILED);
			return;
		}
		c->deadline_ms = now + backoff_next(&c->backoff, (uint32_t)clock_now_ns());
		set_state(c, CONNECTION_LOST);
		return;
	case OUTCOME_REFUSED:
		if (c->resumable && workstation_store_session(&c->workstation, NULL, 0) < 0)
			log_debug("the stored session of %s was not removed", c->workstation.name);
		set_state(c, CONNECTION_REFUSED);
		return;
	case OUTCOME_ENDED:
		set_state(c, CONNECTION_ENDED);
		return;
	case OUTCOME_FAILED:
		set_state(c, CONNECTION_FAILED);
		return;
	}
}

/* farseat-link broke the rules between our own processes: whatever it is now, it is not ours. */
static void distrust(struct connection *c, const char *what)
{
	char text[REASON_BYTES];

	log_error("farseat-link: %s", what);
	snprintf(text, sizeof(text), "farseat-link broke the rules (%s) and was ended", what);
	say(c, text,
		"Connect again; if it happens again, reinstall Farseat and report it with the log.");
	end_link(c, OUTCOME_FAILED, 0);
}

void connection_start(struct connection *c)
{
	drop_link(c, 0, NULL);
	c->fault = 0;
	c->goodbye = 0;
	c->resumable = false;
	int r = dial_start(&c->dial, c->workstation.host, c->workstation.port);
	if (r < 0) {
		say(c, strerror(-r), "");
		end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->deadline_ms =
		clock_now_ms() + DIAL_TIMEOUT_MS + 20000; /* the resolver has its own, long ones */
	set_state(c, CONNECTION_DIALING);
}

void connection_stop(struct connection *c)
{
	struct wire_message bye = { .type = WIRE_GOODBYE };
	bool running = c->dial || c->link.pid > 0 || c->state == CONNECTION_LOST;

	if (!running)
		return;
	bye.goodbye.code = WIRE_BYE_CLOSED;
	int grace = 0;
	if (c->link.pid > 0 && record_send_wire(&c->link.channel, &bye) == 0)
		grace = GOODBYE_MS;
	say(c, "You ended the session.", "");
	end_link(c, OUTCOME_ENDED, grace);
}

static int send_config(struct connection *c)
{
	static struct workstation_secrets secrets; /* large; wiped below */
	struct record record = { .type = RECORD_LINK_CONFIG };
	struct record_link_config *config = &record.link_config;
	const char *what = "";

	int r = workstation_load_secrets(&c->workstation, &secrets, &what);
	if (r < 0) {
		char path[PATH_MAX] = "", text[REASON_BYTES];
		if (workstation_path(c->workstation.name, what, path) == 0) {
			snprintf(text, sizeof(text), "%.300s cannot be used: %s", path,
				strerror(-r));
			say(c, text, "Enrol again: 'farseat enroll INVITATION'.");
		}
		return r;
	}
	config->mode = RECORD_LINK_SESSION;
	config->steps = c->options.steps;
	snprintf(config->server_id, sizeof(config->server_id), "%s", c->workstation.server_id);
	snprintf(config->server_name, sizeof(config->server_name), "%s" CRYPTO_SERVER_SUFFIX,
		c->workstation.server_id);
	config->chain[0] = (struct record_blob){ secrets.cert.bytes, secrets.cert.len };
	config->chain_len = 1;
	config->key = (struct record_blob){ secrets.key_der, secrets.key_len };
	config->trusted[0] = (struct record_blob){ secrets.ca.bytes, secrets.ca.len };
	config->trusted_len = 1;
	if (!c->options.no_resume && secrets.session_len > 0) {
		config->session = (struct record_blob){ secrets.session, secrets.session_len };
		c->resumable = true;
	}
	config->width_px = c->options.width_px;
	config->height_px = c->options.height_px;
	config->codec_features = UINT32_MAX;
	r = record_send(&c->link.channel, &record, -1);
	workstation_secrets_wipe(&secrets);
	if (r < 0)
		say(c, "farseat-link does not listen", "");
	return r;
}

static void start_link(struct connection *c, int fd)
{
	int r = link_process_start(&c->link, fd);

	if (r < 0) {
		char text[REASON_BYTES];
		snprintf(text, sizeof(text), "farseat-link cannot be started: %s", strerror(-r));
		say(c, text, "Reinstall Farseat, or name the folder it is in by FARSEAT_LIBEXEC.");
	} else {
		r = send_config(c);
	}
	if (r < 0) {
		end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->deadline_ms = clock_now_ms() + SECURING_TIMEOUT_MS;
	set_state(c, CONNECTION_SECURING);
}

static void process_dial(struct connection *c)
{
	struct dial_result result;

	if (dial_take(c->dial, &result) < 0)
		return;
	dial_destroy(c->dial);
	c->dial = NULL;
	if (c->events.dialed)
		c->events.dialed(c->user, &result);
	if (result.fd >= 0) {
		start_link(c, result.fd);
		fd_close(&result.fd);
		return;
	}
	const char *remedy =
		"Check that the workstation is on and reachable, that farseatd runs there ('farseatctl status'), "
		"and that no firewall is in between.";
	if (result.name_failed)
		remedy = "Check the network and the address in workstation.conf.";
	say(c, result.reason, remedy);
	end_link(c, OUTCOME_RETRY, 0);
}

/* The announced picture becomes the one that is shown. */
static void swap_picture(struct connection *c)
{
	if (!c->coming.bytes)
		return;
	ipc_memory_finish(&c->shown);
	c->shown = c->coming;
	c->coming = (struct ipc_memory){ .fd = -1 };
	c->blank_at_ms = 0;
	c->picture = c->next;
	c->picture.updated_ms = clock_now_ms();
	if (c->events.screen)
		c->events.screen(c->user);
}

static void on_screen(struct connection *c, const struct wire_screen *s)
{
	struct record answer = { .type = RECORD_PIXELS };
	size_t stride = (size_t)s->width_px * 4;

	forget_coming(c);
	int r = ipc_memory_create(&c->coming, "farseat-pixels", stride * s->height_px);
	if (r < 0) {
		say(c, "not enough memory for the picture",
			"Close other programs and connect again.");
		end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->next = (struct connection_picture){ .pixels = c->coming.bytes, .stride_bytes = stride };
	c->next.width_px = s->width_px;
	c->next.height_px = s->height_px;
	c->next.resizable = s->resizable;
	c->blank_at_ms = clock_now_ms() + BLANK_AFTER_MS;
	c->presenting = false;
	answer.pixels.generation = s->generation;
	answer.pixels.stride_bytes = (uint32_t)stride;
	if (record_send(&c->link.channel, &answer, c->coming.fd) < 0)
		log_debug("farseat-link does not take the picture's memory"); /* its end is seen on
										 receiving */
}

static void on_goodbye(struct connection *c, const struct wire_goodbye *bye)
{
	c->goodbye = bye->code;
	say(c, bye->reason, remedy_for(0, bye->code));
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
		set_state(c, CONNECTION_SECURING);
		break;
	case RECORD_LINK_OPEN:
		if (c->open_since_ms == 0)
			c->open_since_ms = now;
		c->lost_since_ms = 0;
		c->picture.updated_ms = now;
		set_state(c, CONNECTION_OPEN);
		break;
	case RECORD_LINK_SILENT:
		if (c->lost_since_ms == 0)
			c->lost_since_ms = now - MIN(now, (uint64_t)s->silent_ms);
		set_state(c, CONNECTION_SILENT);
		break;
	default:
		break;
	}
	if (c->events.link_state)
		c->events.link_state(c->user, s);
}

static void on_failed(struct connection *c, const struct record_link_failed *f)
{
	c->fault = f->fault;
	if (f->code)
		c->goodbye = f->code;
	say(c, f->reason, remedy_for(c->fault, c->goodbye));
	end_link(c, outcome_of(c->fault, c->goodbye, f->retry), 200);
}

static void on_update(struct connection *c, const struct record_update *u)
{
	bool fresh = c->coming.bytes != NULL;
	const struct connection_picture *p = fresh ? &c->next : &c->picture;

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
	swap_picture(c);
	c->picture.updated_ms = clock_now_ms();
	if (c->events.update)
		c->events.update(c->user, u);
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

static void on_record(struct connection *c, const struct record *record, int *fd)
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
		swap_picture(c);
		if (c->events.checksum)
			c->events.checksum(c->user, &record->link_checksum);
		break;
	case RECORD_LINK_STATS:
		if (c->events.stats)
			c->events.stats(c->user, &record->link_stats);
		break;
	case RECORD_LOG:
		log_line(MIN(record->log.level, LOG_DEBUG), "link: %s", record->log.line);
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
	char status[128], text[REASON_BYTES];

	link_process_finish(&c->link, 200, status);
	snprintf(
		text, sizeof(text), "farseat-link %s", status[0] ? status : "ended without a word");
	log_warn("%s", text);
	say(c, text, "");
	end_link(c, OUTCOME_RETRY, 0);
}

static void process_link(struct connection *c)
{
	static struct record record; /* large; one thread */

	if (ipc_wants_write(&c->link.channel) && ipc_flush(&c->link.channel) == -EPIPE) {
		log_debug(
			"farseat-link closed its channel"); /* what it said before is still read */
	}
	while (c->link.channel.fd >= 0) {
		int fd = -1;
		int r = record_receive(&c->link.channel, &record, &fd);
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

static void process_deadline(struct connection *c)
{
	uint64_t now = clock_now_ms();

	if (c->blank_at_ms && now >= c->blank_at_ms)
		swap_picture(c);
	if (now < c->deadline_ms)
		return;
	if (c->state == CONNECTION_LOST) {
		connection_start(c);
	} else if (c->state == CONNECTION_DIALING) {
		say(c, "no connection in time",
			"Check the network and the address in workstation.conf.");
		end_link(c, OUTCOME_RETRY, 0);
	} else if (c->state == CONNECTION_SECURING) {
		say(c, "the other end did not finish the handshake in time",
			"'farseat doctor' shows each step.");
		end_link(c, OUTCOME_RETRY, 0);
	}
}

size_t connection_poll(
	const struct connection *c, struct pollfd out[static CONNECTION_FDS_MAX], int *timeout_ms)
{
	size_t n = 0;
	uint64_t until = UINT64_MAX, now = clock_now_ms();

	if (c->dial)
		out[n++] = (struct pollfd){ .fd = dial_fd(c->dial), .events = POLLIN };
	if (c->link.channel.fd >= 0) {
		short events = POLLIN;
		if (ipc_wants_write(&c->link.channel))
			events |= POLLOUT;
		out[n++] = (struct pollfd){ .fd = c->link.channel.fd, .events = events };
	}
	if (c->state == CONNECTION_LOST || c->state == CONNECTION_DIALING ||
		c->state == CONNECTION_SECURING)
		until = c->deadline_ms;
	if (c->blank_at_ms)
		until = MIN(until, c->blank_at_ms);
	*timeout_ms = until == UINT64_MAX ? -1 : until <= now ? 0 : (int)(until - now);
	return n;
}

void connection_process(struct connection *c)
{
	if (c->dial)
		process_dial(c);
	if (c->link.channel.fd >= 0)
		process_link(c);
	process_deadline(c);
}

enum connection_state connection_state(const struct connection *c)
{
	return c->state;
}

const char *connection_reason(const struct connection *c)
{
	return c->reason;
}

const char *connection_remedy(const struct connection *c)
{
	return c->remedy;
}

uint8_t connection_fault(const struct connection *c)
{
	return c->fault;
}

uint16_t connection_goodbye(const struct connection *c)
{
	return c->goodbye;
}

int connection_exit_status(const struct connection *c)
{
	switch (c->state) {
	case CONNECTION_REFUSED:
		return 3;
	case CONNECTION_ENDED:
		return c->goodbye == WIRE_BYE_DISCONNECTED ? 1 : 0;
	case CONNECTION_IDLE:
	case CONNECTION_OPEN:
		return 0;
	case CONNECTION_DIALING:
	case CONNECTION_SECURING:
	case CONNECTION_SILENT:
	case CONNECTION_LOST:
	case CONNECTION_FAILED:
		break;
	}
	return 1;
}

const struct connection_picture *connection_picture(const struct connection *c)
{
	return &c->picture;
}

bool connection_presenting(const struct connection *c)
{
	return c->presenting;
}

void connection_presented(struct connection *c, uint32_t frame, uint32_t present_us)
{
	struct record record = { .type = RECORD_PRESENTED };

	c->presenting = false;
	record.presented.frame = frame;
	record.presented.present_us = present_us;
	if (c->link.channel.fd >= 0 && record_send(&c->link.channel, &record, -1) < 0)
		log_debug("farseat-link does not listen"); /* its end is seen on receiving */
}

uint32_t connection_caps(const struct connection *c)
{
	return c->caps;
}

const struct wire_welcome *connection_welcome(const struct connection *c)
{
	return c->welcomed ? &c->welcome : NULL;
}

bool connection_send(struct connection *c, const struct wire_message *message)
{
	if ((c->state != CONNECTION_OPEN && c->state != CONNECTION_SILENT) ||
		c->link.channel.fd < 0)
		return false;
	return record_send_wire(&c->link.channel, message) == 0;
}

uint32_t connection_next_serial(struct connection *c)
{
	if (++c->serial == 0)
		c->serial = 1;
	return c->serial;
}

uint64_t connection_lost_since_ms(const struct connection *c)
{
	return c->lost_since_ms;
}

pid_t connection_link_pid(const struct connection *c)
{
	return c->link.pid;
}
