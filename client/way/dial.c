#include "client/way/dial.h"

#include "client/way/resolve.h"
#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPT_DELAY_MS 250 /* RFC 8305, 5: recommended Connection Attempt Delay */
#define ADDRESSES_MAX    16

struct dial {
	pthread_mutex_t lock;
	int event_fd;
	bool done, abandoned; /* under lock: whoever comes second frees */
	char host[256];
	uint16_t port;
	struct net_address known;
	struct dial_result result; /* the thread's until done */
};

/* The kernel repeats a SYN without an answer after 1, 3 and 7 s, but sends a new socket's at once. A
 * new socket after this time finds a network that came back sooner. */
#define AGAIN_MS 1000
/* Sockets for one address at the same time; the oldest is given up. A round trip longer than so many
 * AGAIN_MS is of no use. */
#define TRIES_PER_ADDRESS 3

struct race {
	struct dial_result *out;
	struct net_address order[ADDRESSES_MAX];
	size_t count, next;
	struct fd_poll tries[ADDRESSES_MAX * TRIES_PER_ADDRESS + 1]; /* and the resolver */
	size_t from[ADDRESSES_MAX * TRIES_PER_ADDRESS]; /* which address a try is for */
	size_t open;                                    /* oldest first */
	uint64_t next_at_ms, until_ms;
	struct resolve *resolve; /* owned; NULL: answered */
};

static void dial_free(struct dial *d)
{
	fd_close(&d->result.fd);
	fd_close(&d->event_fd);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static bool is_known(const struct race *race, const struct net_address *a)
{
	for (size_t i = 0; i < race->count; i++)
		if (net_address_equal(&race->order[i], a))
			return true;
	return false;
}

static void add_address(struct race *race, const struct net_address *a)
{
	if (race->count < ADDRESSES_MAX && !is_known(race, a))
		race->order[race->count++] = *a;
}

/* The next one from at on that is, or is not, of the family. */
static size_t next_of(const struct resolve_result *all, size_t at, enum net_family family, bool is)
{
	while (at < all->count && (net_address_family(&all->addresses[at]) == family) != is)
		at++;
	return at;
}

/* Addresses of alternating families, the resolver's first one first (RFC 8305, 4). */
static void order_addresses(struct race *race, const struct resolve_result *all)
{
	enum net_family family = net_address_family(&all->addresses[0]);
	size_t same = 0, other = 0;

	for (bool turn = true; same < all->count || other < all->count; turn = !turn) {
		size_t *from = turn ? &same : &other;
		*from = next_of(all, *from, family, turn);
		if (*from < all->count)
			add_address(race, &all->addresses[(*from)++]);
	}
}

/*
 * Only where the person asks for it: a caret or a key took 2 to 20 ms longer over Multipath TCP
 * (Linux 6.18, one subflow, the end-to-end bench), and both ends four times the CPU.
 */
#define MULTIPATH_ASKED "FARSEAT_MULTIPATH"

static void end_try(struct race *race, size_t i)
{
	race->open--;
	memmove(&race->tries[i], &race->tries[i + 1], (race->open - i) * sizeof(race->tries[0]));
	memmove(&race->from[i], &race->from[i + 1], (race->open - i) * sizeof(race->from[0]));
}

/* Makes room for one more try of this address: the oldest is given up. */
static void end_oldest(struct race *race, size_t address)
{
	size_t count = 0, oldest = 0;

	for (size_t i = race->open; i-- > 0;) {
		if (race->from[i] == address) {
			count++;
			oldest = i;
		}
	}
	if (count < TRIES_PER_ADDRESS)
		return;
	fd_close(&race->tries[oldest].fd);
	end_try(race, oldest);
}

/* After a try that failed: the next address at once; after the last one the pause stays. */
static void next_at_once(struct race *race)
{
	if (race->next < race->count)
		race->next_at_ms = 0;
}

static void start_try(struct race *race)
{
	size_t i = race->next++;
	bool multipath = false;
	const struct net_address *a = &race->order[i];

	race->next_at_ms =
		clock_now_ms() + (race->next < race->count ? ATTEMPT_DELAY_MS : AGAIN_MS);
	net_address_text(a, race->out->address);
	end_oldest(race, i);
	int fd = -1;
	int r = net_connect(a, getenv(MULTIPATH_ASKED) != NULL, &fd, &multipath);
	if (r < 0) {
		race->out->error = r;
		next_at_once(race);
		return;
	}
	race->out->multipath = multipath;
	race->tries[race->open] = (struct fd_poll){ .fd = fd, .want = FD_WRITE };
	race->from[race->open++] = i;
}

/* Looks at the tries that poll told of: the connected descriptor, or -1. */
static int collect(struct race *race)
{
	for (size_t i = 0; i < race->open;) {
		if (race->tries[i].got == 0) {
			i++;
			continue;
		}
		int error = net_connected(race->tries[i].fd);
		int fd = race->tries[i].fd;
		const struct net_address *a = &race->order[race->from[i]];
		net_address_text(a, race->out->address);
		end_try(race, i);
		if (error == 0) {
			race->out->peer = *a;
			return fd;
		}
		race->out->error = error;
		next_at_once(race);
		fd_close(&fd);
	}
	return -1;
}

static int wait_ms(const struct race *race, uint64_t now)
{
	uint64_t until = race->until_ms;

	if (race->open > 0 || race->next < race->count)
		until = MIN(until, race->next_at_ms);
	return until <= now ? 0 : (int)(until - now);
}

/* What the resolver says, once it says something. */
static void take_names(struct race *race, const char *host)
{
	struct dial_result *out = race->out;
	struct resolve_result all;

	if (!race->resolve || resolve_take(race->resolve, &all) == -EAGAIN)
		return;
	resolve_destroy(race->resolve);
	race->resolve = NULL;
	out->resolve_us = all.took_us;
	if (all.count == 0) {
		/* An address that answered before may do so again without the name. */
		out->name_failed = race->count == 0;
		snprintf(out->reason, sizeof(out->reason), "the name %.80s cannot be resolved: %s",
			host, all.why);
		return;
	}
	size_t tried = race->next, known = race->count;
	order_addresses(race, &all);
	out->addresses = (unsigned)race->count;
	if (tried == known && race->count > known)
		race->next_at_ms = 0; /* there is another one, and nothing else to wait for */
}

/* Nothing is under way and nothing is left to begin. */
static bool exhausted(const struct race *race)
{
	return race->open == 0 && race->next == race->count && !race->resolve;
}

static int run_race(struct race *race, const char *host)
{
	int fd = -1;

	race->until_ms = clock_now_ms() + DIAL_TIMEOUT_MS;
	while (fd < 0) {
		uint64_t now = clock_now_ms();
		if (now >= race->until_ms) {
			race->out->error = -ETIMEDOUT;
			break;
		}
		take_names(race, host);
		if (exhausted(race))
			break;
		if (race->open > 0 && race->next == race->count && now >= race->next_at_ms)
			race->next = 0; /* nobody answered: all of them again */
		if (race->next < race->count && (race->open == 0 || now >= race->next_at_ms)) {
			start_try(race);
			continue;
		}
		size_t polled = race->open;
		if (race->resolve)
			race->tries[polled++] = (struct fd_poll){ .fd = resolve_fd(race->resolve),
				.want = FD_READ };
		if (fd_wait(race->tries, polled, wait_ms(race, now)) > 0)
			fd = collect(race);
	}
	for (size_t i = 0; i < race->open; i++)
		fd_close(&race->tries[i].fd);
	resolve_destroy(race->resolve);
	return fd;
}

static void dial_all(struct dial *d)
{
	struct dial_result *out = &d->result;
	struct race race = { .out = out };
	uint64_t start = clock_now_us();

	int r = resolve_start(&race.resolve, d->host, d->port);
	if (r < 0) {
		out->error = r;
		snprintf(out->reason, sizeof(out->reason), "no connection: %s", strerror(-r));
		return;
	}
	if (d->known.len > 0)
		race.order[race.count++] = d->known;
	out->fd = run_race(&race, d->host);
	uint32_t took_us = (uint32_t)(clock_now_us() - start);
	out->connect_us = took_us - MIN(out->resolve_us, took_us);
	if (out->fd >= 0)
		out->error = 0;
	else if (race.count > 0)
		snprintf(out->reason, sizeof(out->reason), "no connection to %s: %s", out->address,
			strerror(-out->error));
	else if (!out->name_failed) {
		out->name_failed = true;
		snprintf(out->reason, sizeof(out->reason),
			"the name %.80s was not resolved within %d s", d->host,
			DIAL_TIMEOUT_MS / 1000);
	}
}

static void *dial_thread(void *user)
{
	struct dial *d = user;

	dial_all(d);
	pthread_mutex_lock(&d->lock);
	d->done = true;
	bool abandoned = d->abandoned;
	if (!abandoned)
		fd_event_tell(d->event_fd);
	pthread_mutex_unlock(&d->lock);
	if (abandoned)
		dial_free(d);
	return NULL;
}

int dial_start(struct dial **out, const char *host, uint16_t port, const struct net_address *known)
{
	pthread_attr_t attributes;
	pthread_t thread;
	struct dial *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->result.fd = -1;
	pthread_mutex_init(&d->lock, NULL);
	snprintf(d->host, sizeof(d->host), "%s", host);
	d->port = port;
	if (known)
		d->known = *known;
	d->event_fd = -1;
	int r = fd_event_open(&d->event_fd);
	if (r < 0) {
		dial_free(d);
		return r;
	}
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	int error = pthread_create(&thread, &attributes, dial_thread, d);
	pthread_attr_destroy(&attributes);
	if (error) {
		dial_free(d);
		return -error;
	}
	*out = d;
	return 0;
}

int dial_fd(const struct dial *d)
{
	return d->event_fd;
}

int dial_take(struct dial *d, struct dial_result *out)
{
	pthread_mutex_lock(&d->lock);
	bool done = d->done;
	pthread_mutex_unlock(&d->lock);
	if (!done)
		return -EAGAIN;
	*out = d->result;
	d->result.fd = -1;
	return 0;
}

void dial_destroy(struct dial *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->abandoned = true;
	bool done = d->done;
	pthread_mutex_unlock(&d->lock);
	if (done)
		dial_free(d);
}
