#include "client/session/channel.h"

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

void connection_set_state(struct connection *c, enum connection_state state)
{
	if (c->state == state)
		return;
	c->state = state;
	if (c->events.state)
		c->events.state(c->user, state);
}

void connection_say(struct connection *c, const char *reason, const char *remedy)
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
	if (options->way)
		c->workstation.way = *options->way;
	c->options.way = NULL;
	c->events = *events;
	c->user = user;
	c->remedy = "";
	c->shown.fd = -1;
	c->coming.fd = -1;
	link_process_init(&c->link);
	c->network.fd = -1;
	c->backoff.first_ms = CONNECTION_RETRY_MS;
	c->backoff.max_ms = CONNECTION_RETRY_MAX_MS;
	if (options->reconnect)
		network_open(&c->network);
	*out = c;
	return 0;
}

/* Ends what is under way, but keeps the picture. */
static void drop_link(struct connection *c, int grace_ms, char *status_text)
{
	c->dialing = false;
	link_process_finish(&c->link, grace_ms, status_text);
	/* After the link, whose last words go through it. */
	way_close(c->attempt);
	c->attempt = NULL;
	connection_channels_ended(c);
}

void connection_destroy(struct connection *c)
{
	if (!c)
		return;
	connection_stop(c);
	drop_link(c, 0, NULL);
	network_close(&c->network);
	ipc_memory_finish(&c->shown);
	free(c);
}

/* The workstation has not judged us: it was busy, or closed before it had looked at anything. */
static bool came_too_soon(const struct connection *c)
{
	bool closed = c->goodbye == 0 && c->fault == CRYPTO_CLOSED && !c->way_failed;

	return (closed || c->goodbye == WIRE_BYE_BUSY) && c->backoff.tries + 1 < CONNECTION_TRIES;
}

/* The link is gone: tries again later, or gives up for good. */
void connection_end_link(struct connection *c, enum outcome outcome, int grace_ms)
{
	uint64_t now = clock_now_ms();
	bool was_open = c->open_since_ms != 0;
	bool was_steady = was_open && now - c->open_since_ms >= CONNECTION_STEADY_MS;

	if (was_steady) {
		backoff_reset(&c->backoff);
		c->distrusted = 0;
	} else if (outcome == OUTCOME_RENEW) {
		outcome = OUTCOME_RETRY; /* an honest link does not ask for it so soon */
	}
	if (c->shown_live || (was_open && c->goodbye != 0))
		c->lost_by = c->goodbye;
	if (was_open && workstation_store_last_seen(c->workstation.name, clock_wall_s()) < 0)
		log_debug("last seen of %s was not stored", c->workstation.name);
	c->open_since_ms = 0;
	drop_link(c, grace_ms, NULL);
	if (c->lost_since_ms == 0)
		c->lost_since_ms = now;
	c->renewed_ms = outcome == OUTCOME_RENEW ? now : 0;
	switch (outcome) {
	case OUTCOME_RENEW:
	case OUTCOME_RETRY:
		if (!c->options.reconnect && (was_open || !came_too_soon(c))) {
			connection_set_state(c, CONNECTION_FAILED);
			return;
		}
		c->deadline_ms = now;
		if (outcome == OUTCOME_RETRY)
			c->deadline_ms += backoff_next(&c->backoff, (uint32_t)clock_now_ns());
		connection_set_state(c, CONNECTION_LOST);
		return;
	case OUTCOME_REFUSED:
		if (c->resumable && workstation_store_session(&c->workstation, NULL, 0) < 0)
			log_debug("the stored session of %s was not removed", c->workstation.name);
		connection_set_state(c, CONNECTION_REFUSED);
		return;
	case OUTCOME_ENDED:
		connection_set_state(c, CONNECTION_ENDED);
		return;
	case OUTCOME_FAILED:
		connection_set_state(c, CONNECTION_FAILED);
		return;
	}
}

void connection_again_without_session(struct connection *c)
{
	if (workstation_store_session(&c->workstation, NULL, 0) < 0)
		c->options.no_resume = true; /* it is still stored: do not offer it again */
	drop_link(c, 0, NULL);
	c->deadline_ms = clock_now_ms();
	connection_set_state(c, CONNECTION_LOST);
}

void connection_stop(struct connection *c)
{
	struct wire_message bye = { .type = WIRE_GOODBYE };
	bool running = c->attempt || c->link.process.id > 0 || c->state == CONNECTION_LOST;

	if (!running)
		return;
	bye.goodbye.code = WIRE_BYE_CLOSED;
	int grace = 0;
	if (c->link.process.id > 0 && record_send_wire(&c->link.channel, &bye) == 0)
		grace = GOODBYE_MS;
	connection_say(c, "You ended the session.", "");
	connection_end_link(c, OUTCOME_ENDED, grace);
}

/* One of the workstation's files. */
static void say_unusable(struct connection *c, const char *what, int error)
{
	char path[PATH_MAX] = "", text[CONNECTION_REASON_BYTES];

	if (workstation_path(c->workstation.name, what, path) < 0)
		return;
	snprintf(text, sizeof(text), "%.300s cannot be used: %s", path,
		error == -EINVAL ? "it is damaged" : crypto_key_error(error));
	connection_say(c, text,
		error == -EPERM
			? "Then renew the key, which somebody may have copied: 'farseat renew NAME'."
			: "Enrol again: 'farseat enroll INVITATION'.");
}

static int send_config(struct connection *c)
{
	static struct workstation_secrets secrets; /* large; wiped below */
	struct link_record record = { .type = RECORD_LINK_CONFIG };
	struct record_link_config *config = &record.link_config;
	const char *what = "";

	int r = workstation_load_secrets(&c->workstation, &secrets, &what);
	if (r < 0) {
		say_unusable(c, what, r);
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
	config->codec_features =
		c->options.clipboard ? UINT32_MAX : ~(uint32_t)WIRE_FEATURE_CLIPBOARD;
	r = link_record_send(&c->link.channel, &record, -1);
	workstation_secrets_wipe(&secrets);
	if (r < 0)
		connection_say(c, "farseat-link does not listen", "");
	return r;
}

static void start_link(struct connection *c, int fd)
{
	int r = link_process_start(&c->link, fd);

	if (r < 0) {
		char text[CONNECTION_REASON_BYTES];
		snprintf(text, sizeof(text), "farseat-link cannot be started: %s", strerror(-r));
		connection_say(c, text,
			"Reinstall Farseat, or name the folder it is in by FARSEAT_LIBEXEC.");
	} else {
		r = way_tell_link(c->attempt, &c->link.channel);
		if (r == 0)
			r = send_config(c);
		else
			connection_say(c, "farseat-link does not listen", "");
	}
	if (r < 0) {
		connection_end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->begun_ms = clock_now_ms();
	c->deadline_ms = c->begun_ms + SECURING_TIMEOUT_MS + way_patience_ms(c->attempt);
	connection_set_state(c, CONNECTION_SECURING);
}

static void process_way(struct connection *c)
{
	struct dial_result result;

	way_process(c->attempt);
	if (!c->dialing || way_take(c->attempt, &result) < 0)
		return;
	c->dialing = false;
	if (c->events.dialed)
		c->events.dialed(c->user, &result);
	if (result.fd >= 0) {
		c->known = result.peer;
		connection_note_socket(c, result.fd);
		start_link(c, result.fd);
		fd_close(&result.fd);
		return;
	}
	const char *remedy =
		"Check that the workstation is on and reachable, that farseatd runs there ('farseatctl status'), "
		"and that no firewall is in between.";
	if (result.to_proxy)
		remedy =
			"Check the network, and the proxy that --proxy, workstation.conf or https_proxy names ('--proxy none' goes without).";
	else if (result.name_failed)
		remedy = "Check the network and the address in workstation.conf.";
	connection_say(c, result.reason, result.remedy ? result.remedy : remedy);
	connection_end_link(c,
		result.refused ? OUTCOME_REFUSED
		: result.final ? OUTCOME_FAILED
			       : OUTCOME_RETRY,
		0);
}

void connection_start(struct connection *c)
{
	drop_link(c, 0, NULL);
	if (c->state != CONNECTION_LOST)
		c->distrusted = 0; /* a person asked for this try */
	c->fault = 0;
	c->goodbye = 0;
	c->way_failed = false;
	c->resumable = false;
	const char *wrong = way_wrong(&c->workstation.way, c->workstation.host);
	if (wrong) {
		connection_say(c, wrong,
			"Change it in workstation.conf, or give another way on the command line.");
		connection_end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	int r = way_open(&c->attempt, &c->workstation.way, c->workstation.host, c->workstation.port,
		&c->known);
	if (r < 0) {
		connection_say(c, strerror(-r), "");
		connection_end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->dialing = true;
	c->begun_ms = clock_now_ms();
	c->deadline_ms = c->begun_ms + DIAL_TIMEOUT_MS + 20000; /* hops and proxies */
	connection_set_state(c, CONNECTION_DIALING);
	process_way(c); /* a command has its descriptor at once */
}

static void process_deadline(struct connection *c)
{
	uint64_t now = clock_now_ms();

	if (c->blank_at_ms && now >= c->blank_at_ms)
		connection_swap_picture(c);
	if (c->state == CONNECTION_DIALING && c->attempt && way_asking(c->attempt))
		c->deadline_ms = MAX(c->deadline_ms, now + DIAL_TIMEOUT_MS + 20000);
	if (now < c->deadline_ms)
		return;
	if (c->state == CONNECTION_LOST) {
		connection_start(c);
	} else if (c->state == CONNECTION_DIALING) {
		connection_say(c, "no connection in time",
			"Check the network and the address in workstation.conf.");
		connection_end_link(c, OUTCOME_RETRY, 0);
	} else if (c->state == CONNECTION_SECURING) {
		connection_say(c, "the other end did not finish the handshake in time",
			"'farseat doctor' shows each step.");
		connection_end_link(c, OUTCOME_RETRY, 0);
	}
}

size_t connection_poll(
	const struct connection *c, struct fd_poll out[static CONNECTION_FDS_MAX], int *timeout_ms)
{
	size_t n = 0;
	uint64_t until = UINT64_MAX, now = clock_now_ms();

	if (c->attempt && way_fd(c->attempt) >= 0)
		out[n++] = (struct fd_poll){ .fd = way_fd(c->attempt), .want = FD_READ };
	if (c->link.channel.fd >= 0) {
		short want = FD_READ;
		if (ipc_wants_write(&c->link.channel))
			want |= FD_WRITE;
		out[n++] = (struct fd_poll){ .fd = c->link.channel.fd, .want = want };
	}
	if (network_fd(&c->network) >= 0)
		out[n++] = (struct fd_poll){ .fd = network_fd(&c->network), .want = FD_READ };
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
	connection_hear_network(c);
	if (c->attempt)
		process_way(c);
	if (c->link.channel.fd >= 0)
		connection_read_link(c);
	process_deadline(c);
}

enum connection_state connection_state(const struct connection *c)
{
	return c->state;
}

bool connection_is_up(const struct connection *c)
{
	return c->state == CONNECTION_OPEN || c->state == CONNECTION_SILENT;
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

bool connection_way_failed(const struct connection *c)
{
	return c->way_failed;
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
	if (!connection_is_up(c) || c->link.channel.fd < 0)
		return false;
	return record_send_wire(&c->link.channel, message) == 0;
}

uint32_t connection_next_serial(struct connection *c)
{
	if (++c->serial == 0)
		c->serial = 1;
	return c->serial;
}

uint16_t connection_lost_by(const struct connection *c)
{
	return c->lost_by;
}

uint64_t connection_lost_since_ms(const struct connection *c)
{
	return c->lost_since_ms;
}

bool connection_renewing(const struct connection *c)
{
	return c->renewed_ms != 0 && clock_now_ms() < c->renewed_ms + CONNECTION_RENEWAL_MS;
}

int connection_link_pid(const struct connection *c)
{
	return c->link.process.id;
}
