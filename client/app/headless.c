#include "client/app/headless.h"

#include "client/session/remedy.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/cli/complaint.h"
#include "common/cli/nearest.h"
#include "common/cli/options.h"

#include <errno.h>
#include <string.h>

/* A question is repeated so often while the picture is not settled. */
#define ASK_AGAIN_MS 30

bool headless_known(const char *name)
{
	char **names;
	size_t count;
	bool known = false;

	if (workstation_list(&names, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++)
		known |= strcmp(names[i], name) == 0;
	workstation_list_free(names, count);
	return known;
}

/* Says that there is no such workstation, and which one may have been meant. */
static void say_unknown(const char *name)
{
	struct nearest n;
	char **names;
	size_t count;

	nearest_init(&n, name, strlen(name));
	bool listed = workstation_list(&names, &count) == 0;
	for (size_t i = 0; listed && i < count; i++)
		nearest_offer(&n, names[i]);
	complaint_say("farseat",
		"no workstation is known as '%s'.%s%s%s 'farseat list' shows those that are; 'farseat enroll INVITATION' adds one.",
		name, n.best ? " Did you mean '" : "", n.best ? n.best : "", n.best ? "'?" : "");
	if (listed)
		workstation_list_free(names, count);
}

int headless_find(const char *name, struct workstation *out)
{
	const char *why;
	char shown[LOG_ESCAPED_MAX]; /* a name from the command line may have any bytes */
	int r = workstation_load(name, out, &why);

	if (r == 0)
		return EXIT_OK;
	if (r == -ENOENT)
		say_unknown(name);
	else
		complaint_say("farseat", "'%s' cannot be used: %s.",
			workstation_name_valid(name) ? name : log_escape(shown, name, strlen(name)),
			why);
	return EXIT_FAILED;
}

int headless_complain(const struct connection *c, const char *name)
{
	const char *reason = connection_reason(c);
	const char *remedy = connection_remedy(c);

	if (!*reason)
		reason = "the connection ended";
	complaint_say("farseat", "%s: %s%s%s%s", name, reason, sentence_end(reason),
		*remedy ? "\n" : "", remedy);
	int status = connection_exit_status(c);
	return status ? status : EXIT_FAILED; /* it ended before the command was done */
}

static void on_state(void *user, enum connection_state state)
{
	struct headless *h = user;

	/* A question goes with its link, and what an earlier link answered is no news of this one. */
	if (!connection_is_up(h->connection)) {
		h->asked = 0;
		h->matches = false;
	}
	if (h->more && h->more->state)
		h->more->state(h->more_user, state);
}

static void on_update(void *user, const struct record_update *u)
{
	struct headless *h = user;

	h->updates++;
	h->updated_ms = clock_now_ms();
	h->exact = u->exact;
	h->input_serial = u->input_serial;
	if (h->more && h->more->update)
		h->more->update(h->more_user, u);
	connection_presented(h->connection, u->frame, 0);
}

static void on_checksum(void *user, const struct record_link_checksum *c)
{
	struct headless *h = user;

	if (c->id != h->asked)
		return;
	/* A picture between question and answer would make the answer one about another picture. */
	h->matches = c->settled && c->local == c->remote && h->updates == h->updates_asked;
	h->asked = 0;
	if (h->more && h->more->checksum)
		h->more->checksum(h->more_user, c);
}

static void on_stats(void *user, const struct record_link_stats *s)
{
	struct headless *h = user;

	h->rtt_us = s->rtt_us;
	h->stats = *s;
	h->stats_count++;
}

static void on_wire(void *user, const struct wire_message *m)
{
	struct headless *h = user;

	if (h->more && h->more->wire)
		h->more->wire(h->more_user, m);
}

static void on_step(void *user, const struct record_link_step *s)
{
	struct headless *h = user;

	if (h->more && h->more->step)
		h->more->step(h->more_user, s);
}

static void on_dialed(void *user, const struct dial_result *d)
{
	struct headless *h = user;

	if (h->more && h->more->dialed)
		h->more->dialed(h->more_user, d);
}

static void on_link_state(void *user, const struct record_link_state *s)
{
	struct headless *h = user;

	if (h->more && h->more->link_state)
		h->more->link_state(h->more_user, s);
}

int headless_open(struct headless *h, const char *name, const struct connection_options *options,
	const struct connection_events *more, void *more_user, uint32_t timeout_ms)
{
	static const struct connection_events events = { .state = on_state,
		.update = on_update,
		.checksum = on_checksum,
		.stats = on_stats,
		.wire = on_wire,
		.step = on_step,
		.dialed = on_dialed,
		.link_state = on_link_state };

	memset(h, 0, sizeof(*h));
	h->more = more;
	h->more_user = more_user;
	h->until_ms = clock_now_ms() + timeout_ms;
	fd_no_pipe_signal(); /* the link may be gone when we write */
	int status = headless_find(name, &h->workstation);
	if (status)
		return status;
	int r = connection_create(&h->connection, &h->workstation, options, &events, h);
	if (r < 0) {
		complaint_say("farseat", "%s", strerror(-r));
		return EXIT_FAILED;
	}
	connection_start(h->connection);
	return EXIT_OK;
}

static bool is_over(const struct headless *h)
{
	enum connection_state s = connection_state(h->connection);

	return s == CONNECTION_REFUSED || s == CONNECTION_ENDED || s == CONNECTION_FAILED;
}

void headless_turn(struct headless *h, uint64_t until_ms)
{
	struct fd_poll fds[CONNECTION_FDS_MAX];
	int ms;
	uint64_t now = clock_now_ms();
	size_t count = connection_poll(h->connection, fds, &ms);
	int left = until_ms > now ? (int)(until_ms - now) : 0;

	if (ms < 0 || ms > left)
		ms = left;
	int r = fd_wait(fds, count, ms);
	if (r >= 0 || r == -EINTR)
		connection_process(h->connection);
}

bool headless_is_open(struct headless *h)
{
	return connection_state(h->connection) == CONNECTION_OPEN;
}

bool headless_is_settled(struct headless *h)
{
	struct wire_message m = { .type = WIRE_CHECKSUM_ASK };

	if (h->matches && connection_picture(h->connection)->pixels)
		return true;
	if (h->asked == 0 && headless_is_open(h)) {
		static uint32_t id; /* any number that was not used before */
		h->asked = ++id;
		h->updates_asked = h->updates;
		m.checksum_ask.id = h->asked;
		if (!connection_send(h->connection, &m))
			h->asked = 0;
	}
	return false;
}

int headless_wait(struct headless *h, bool (*done)(struct headless *h), const char *what)
{
	h->matches = false;
	if (!done)
		done = headless_is_open;
	while (!done(h)) {
		uint64_t now = clock_now_ms();
		if (is_over(h))
			return headless_complain(h->connection, h->workstation.name);
		if (now >= h->until_ms) {
			return complaint_say(
				"farseat", "%s: %s: not in time.", h->workstation.name, what);
		}
		headless_turn(h, MIN(h->until_ms, now + ASK_AGAIN_MS));
	}
	return EXIT_OK;
}

int headless_run_ms(struct headless *h, uint32_t ms)
{
	uint64_t until = clock_now_ms() + ms;

	while (clock_now_ms() < until) {
		if (is_over(h))
			return headless_complain(h->connection, h->workstation.name);
		headless_turn(h, until);
	}
	return EXIT_OK;
}

void headless_close(struct headless *h)
{
	connection_destroy(h->connection);
	h->connection = NULL;
}
