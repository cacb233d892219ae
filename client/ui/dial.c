#include "client/ui/dial.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define ATTEMPT_DELAY_MS 250 /* RFC 8305, 5: recommended Connection Attempt Delay */
#define ADDRESSES_MAX    16

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* linux/in.h; older C libraries lack it */
#endif

struct dial {
	pthread_mutex_t lock;
	int event_fd;
	bool done, abandoned; /* under lock: whoever comes second frees */
	char host[256], service[8];
	struct dial_result result; /* the thread's until done */
};

struct race {
	struct dial_result *out;
	const struct addrinfo *order[ADDRESSES_MAX];
	size_t count, next;
	struct pollfd tries[ADDRESSES_MAX];
	size_t from[ADDRESSES_MAX]; /* which address a try is for */
	size_t open;
	uint64_t next_at_ms, until_ms;
};

static void dial_free(struct dial *d)
{
	fd_close(&d->result.fd);
	fd_close(&d->event_fd);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* Addresses of alternating families, the resolver's first one first (RFC 8305, 4). */
static void order_addresses(struct race *race, const struct addrinfo *all)
{
	int family = all->ai_family;
	const struct addrinfo *same = all, *other = all;

	for (bool turn = true; (same || other) && race->count < ADDRESSES_MAX; turn = !turn) {
		const struct addrinfo **from = turn ? &same : &other;
		while (*from && ((*from)->ai_family == family) != turn)
			*from = (*from)->ai_next;
		if (*from) {
			race->order[race->count++] = *from;
			*from = (*from)->ai_next;
		}
	}
}

static void address_text(const struct addrinfo *a, char *out, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";
	char port[8] = "";

	getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV);
	bool ipv6 = a->ai_family == AF_INET6;
	snprintf(out, size, "%s%s%s:%s", ipv6 ? "[" : "", host, ipv6 ? "]" : "", port);
}

static int open_socket(const struct addrinfo *a, bool *multipath)
{
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(a->ai_family, type, IPPROTO_MPTCP);

	*multipath = fd >= 0;
	if (fd < 0)
		fd = socket(a->ai_family, type, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	/* Before the handshake: with Nagle it takes 91-98 ms instead of 11 (security.md, 2.11). */
	int on = 1;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0) {
		int r = -errno;
		fd_close(&fd);
		return r;
	}
	return fd;
}

static void start_try(struct race *race)
{
	size_t i = race->next++;
	bool multipath = false;

	race->next_at_ms = clock_now_ms() + ATTEMPT_DELAY_MS;
	address_text(race->order[i], race->out->address, sizeof(race->out->address));
	int fd = open_socket(race->order[i], &multipath);
	if (fd < 0) {
		race->out->error = fd;
		return;
	}
	race->out->multipath = multipath;
	if (connect(fd, race->order[i]->ai_addr, race->order[i]->ai_addrlen) < 0 &&
		errno != EINPROGRESS) {
		race->out->error = -errno;
		fd_close(&fd);
		race->next_at_ms = 0; /* the next one at once */
		return;
	}
	race->tries[race->open] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	race->from[race->open++] = i;
}

static void end_try(struct race *race, size_t i)
{
	race->open--;
	race->tries[i] = race->tries[race->open];
	race->from[i] = race->from[race->open];
}

/* Looks at the tries that poll told of: the connected descriptor, or -1. */
static int collect(struct race *race)
{
	for (size_t i = 0; i < race->open;) {
		if (race->tries[i].revents == 0) {
			i++;
			continue;
		}
		int error = 0;
		socklen_t len = sizeof(error);
		if (getsockopt(race->tries[i].fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
			error = errno;
		int fd = race->tries[i].fd;
		address_text(
			race->order[race->from[i]], race->out->address, sizeof(race->out->address));
		end_try(race, i);
		if (error == 0)
			return fd;
		race->out->error = -error;
		race->next_at_ms = 0;
		fd_close(&fd);
	}
	return -1;
}

static int wait_ms(const struct race *race, uint64_t now)
{
	uint64_t until = race->until_ms;

	if (race->next < race->count)
		until = MIN(until, race->next_at_ms);
	return until <= now ? 0 : (int)(until - now);
}

static int run_race(struct race *race)
{
	int fd = -1;

	race->until_ms = clock_now_ms() + DIAL_TIMEOUT_MS;
	while (fd < 0) {
		uint64_t now = clock_now_ms();
		if (now >= race->until_ms) {
			race->out->error = -ETIMEDOUT;
			break;
		}
		if (race->next < race->count && (race->open == 0 || now >= race->next_at_ms)) {
			start_try(race);
			continue;
		}
		if (race->open == 0)
			break;
		if (poll(race->tries, (nfds_t)race->open, wait_ms(race, now)) > 0)
			fd = collect(race);
	}
	for (size_t i = 0; i < race->open; i++)
		fd_close(&race->tries[i].fd);
	return fd;
}

static void dial_all(struct dial *d)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG
	};
	struct addrinfo *all = NULL;
	struct dial_result *out = &d->result;
	uint64_t start = clock_now_us();

	int failed = getaddrinfo(d->host, d->service, &hints, &all);
	if (failed == EAI_NONAME || failed == EAI_ADDRFAMILY) {
		/* AI_ADDRCONFIG passes over loopback addresses where nothing else is configured. */
		hints.ai_flags = 0;
		failed = getaddrinfo(d->host, d->service, &hints, &all);
	}
	out->resolve_us = (uint32_t)(clock_now_us() - start);
	if (failed) {
		out->name_failed = true;
		snprintf(out->reason, sizeof(out->reason), "the name %.80s cannot be resolved: %s",
			d->host, gai_strerror(failed));
		return;
	}
	struct race race = { .out = out };
	order_addresses(&race, all);
	out->addresses = (unsigned)race.count;
	start = clock_now_us();
	out->fd = run_race(&race);
	out->connect_us = (uint32_t)(clock_now_us() - start);
	freeaddrinfo(all);
	if (out->fd < 0)
		snprintf(out->reason, sizeof(out->reason), "no connection to %s: %s", out->address,
			strerror(-out->error));
	else
		out->error = 0;
}

static void *dial_thread(void *user)
{
	struct dial *d = user;

	dial_all(d);
	pthread_mutex_lock(&d->lock);
	d->done = true;
	bool abandoned = d->abandoned;
	if (!abandoned && eventfd_write(d->event_fd, 1) < 0)
		abort(); /* an eventfd of ours with room for 2^64 - 2 */
	pthread_mutex_unlock(&d->lock);
	if (abandoned)
		dial_free(d);
	return NULL;
}

int dial_start(struct dial **out, const char *host, uint16_t port)
{
	pthread_attr_t attributes;
	pthread_t thread;
	struct dial *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->result.fd = -1;
	pthread_mutex_init(&d->lock, NULL);
	snprintf(d->host, sizeof(d->host), "%s", host);
	snprintf(d->service, sizeof(d->service), "%u", (unsigned)port);
	d->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->event_fd < 0) {
		int r = -errno;
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
