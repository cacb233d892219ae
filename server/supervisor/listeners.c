/* Listening sockets: as configured, or handed over by systemd. */
#include "server/registry/address.h"
#include "server/supervisor/listen_systemd.h"
#include "server/supervisor/supervisor.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/net_tune.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG            128
#define ACCEPTS_AT_ONCE    16   /* before others get a turn */
#define REFUSED_MS         500  /* after the last refusal */
#define REFUSALS_LOGGED_MS 1000 /* one line a second: a flood must not fill the log */

void listeners_refused(enum limiter_verdict verdict, const char *peer)
{
	static uint64_t last_ms; /* of the log, as the log itself is the process's own */
	uint64_t now = clock_now_ms();

	if (last_ms != 0 && now - last_ms < REFUSALS_LOGGED_MS)
		return;
	last_ms = now;
	log_warn("refused %s: %s", peer, limiter_text(verdict));
}

/* A socket of both families, as systemd makes them, gives IPv4 clients as IPv6 ones that map
 * them. */
static bool unmap(const struct sockaddr *address, struct sockaddr_in *out)
{
	struct sockaddr_in6 in6;

	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&in6, address, sizeof(in6));
	if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		return false;
	*out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = in6.sin6_port };
	memcpy(&out->sin_addr, in6.sin6_addr.s6_addr + 12, sizeof(out->sin_addr));
	return true;
}

void listeners_describe(
	const struct sockaddr *address, socklen_t len, char out[static WIRE_NAME_MAX_BYTES])
{
	char host[64], port[16];
	struct sockaddr_in plain;

	if (unmap(address, &plain)) {
		address = (const struct sockaddr *)&plain;
		len = sizeof(plain);
	}
	if (getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		snprintf(out, WIRE_NAME_MAX_BYTES, "somebody");
		return;
	}
	snprintf(out, WIRE_NAME_MAX_BYTES, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* ---- refusing ---- */

/*
 * "Not now": a fatal alert internal_error in a record of its own, before any handshake
 * (PROTOCOL.md, section 2). TLS has no alert that says it better, and the supervisor reads nothing
 * of a client.
 */
static const uint8_t busy_alert[] = { 21, 3, 3, 0, 2, 2, 80 };

static void close_refused(struct listeners *l)
{
	for (size_t i = 0; i < LISTENERS_REFUSED_MAX; i++)
		fd_close(&l->refused[i]);
}

static void on_refused_timer(uv_timer_t *timer)
{
	struct supervisor *s = timer->loop->data;

	close_refused(&s->listeners);
}

/* Takes fd. With its hello unread it is reset when it is closed, and a reset can overtake the
 * alert: it stays for a moment, or until so many more were refused. */
static void refuse(struct supervisor *s, int fd)
{
	struct listeners *l = &s->listeners;

	if (s->stopping || send(fd, busy_alert, sizeof(busy_alert), MSG_NOSIGNAL | MSG_DONTWAIT) !=
				   (ssize_t)sizeof(busy_alert)) {
		fd_close(&fd);
		return;
	}
	shutdown(fd, SHUT_WR);
	fd_close(&l->refused[l->refused_at]);
	l->refused[l->refused_at] = fd;
	l->refused_at = (l->refused_at + 1) % LISTENERS_REFUSED_MAX;
	uv_timer_start(&l->refused_timer, on_refused_timer, REFUSED_MS, 0);
}

void listeners_init(struct supervisor *s)
{
	struct listeners *l = &s->listeners;

	for (size_t i = 0; i < LISTENERS_REFUSED_MAX; i++)
		l->refused[i] = -1;
	uv_timer_init(&s->loop, &l->refused_timer);
}

/* ---- accepting ---- */

void listeners_admit(
	struct supervisor *s, int fd, const struct limiter_source *source, const char *peer)
{
	uint32_t dice = 0;

	int r = crypto_random(&dice, sizeof(dice));
	enum limiter_verdict verdict =
		r < 0 || s->stopping ? LIMITER_FULL
				     : limiter_begin(&s->limiter, source, clock_now_ms(), dice);
	if (verdict == LIMITER_ADMIT) {
		workers_start(s, fd, source, peer);
		return;
	}
	listeners_refused(verdict, peer);
	refuse(s, fd);
}

static bool accept_one(struct supervisor *s, int listening)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	char peer[WIRE_NAME_MAX_BYTES];
	int one = 1;

	int fd =
		accept4(listening, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			log_error("out of descriptors: nobody can connect");
		return errno == ECONNABORTED || errno == EINTR;
	}
	const struct sockaddr *from = (const struct sockaddr *)&address;
	listeners_describe(from, len, peer);
	/* A gateway's own address is not the client's: the source stays unknown until it is said.
	 */
	struct limiter_source source = { 0 };
	if (!gateways_have(&s->settings.gateways, from))
		source = limiter_source_of(from);
	/* Before the handshake: with Nagle's algorithm it takes 90 ms longer. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	listeners_admit(s, fd, &source, peer);
	return true;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct listener *l = poll->data;
	struct supervisor *s = poll->loop->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++)
		if (!accept_one(s, l->fd))
			return;
}

static int add(struct supervisor *s, int fd)
{
	struct listener *l = &s->listeners.list[s->listeners.count];

	if (s->listeners.count == SETTINGS_LISTEN_MAX) {
		fd_close(&fd);
		return -E2BIG;
	}
	int r = fd_set_nonblock(fd);
	if (r == 0)
		r = uv_poll_init(&s->loop, &l->poll, fd);
	if (r < 0) {
		fd_close(&fd);
		return r;
	}
	l->fd = fd;
	l->poll.data = l;
	s->listeners.count++;
	return uv_poll_start(&l->poll, UV_READABLE, on_readable);
}

/* Clients without Multipath TCP get plain TCP of the same socket. -1. */
static int open_socket(int family)
{
	int fd = net_open_multipath(family);

	return fd >= 0 ? fd
		       : socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

static int open_address(struct supervisor *s, const struct addrinfo *a, const char *text)
{
	int one = 1;
	int fd = open_socket(a->ai_family);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
		int r = -errno;
		fd_close(&fd);
		return r;
	}
	int r = add(s, fd);
	if (r == 0)
		log_info("listening on %s", text);
	return r;
}

static int open_one(struct supervisor *s, const char *text)
{
	char host[INVITATION_HOST_MAX_BYTES], service[8];
	uint16_t port = INVITATION_DEFAULT_PORT;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *list = NULL;
	int opened = 0, last = -EADDRNOTAVAIL;

	int r = address_parse(text, host, &port);
	if (r < 0)
		return r; /* settings_take_listen has seen it */
	snprintf(service, sizeof(service), "%u", (unsigned)port);
	bool all = host[0] == '\0' || strcmp(host, "*") == 0; /* of both families */
	int e = getaddrinfo(all ? NULL : host, service, &hints, &list);
	if (e != 0) {
		log_error("cannot listen on '%s': %s", text, gai_strerror(e));
		return -EINVAL;
	}
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		r = open_address(s, a, text);
		if (r == 0)
			opened++;
		else if (r != -EAFNOSUPPORT)
			last = r;
	}
	freeaddrinfo(list);
	if (opened == 0) {
		log_error("cannot listen on '%s': %s%s", text, strerror(-last),
			last == -EADDRINUSE
				? " (another program listens there; where it is another user's, 'farseatctl init' chooses another port)"
				: "");
		return last;
	}
	return 0;
}

int listeners_open(struct supervisor *s)
{
	char text[CONFIG_TEXT_MAX_BYTES];
	char *rest = NULL;
	int fd;

	while ((fd = listen_systemd_next()) >= 0) {
		int r = add(s, fd);
		if (r < 0)
			return r;
	}
	if (s->listeners.count > 0)
		return 0; /* systemd decides where */
	snprintf(text, sizeof(text), "%s", s->settings.listen);
	for (char *one = strtok_r(text, " ,", &rest); one; one = strtok_r(NULL, " ,", &rest)) {
		int r = open_one(s, one);
		if (r < 0)
			return r;
	}
	if (s->listeners.count == 0) {
		log_error("there is no address to listen on");
		return -EINVAL;
	}
	return 0;
}

void listeners_text(const struct supervisor *s, char out[static CONFIG_TEXT_MAX_BYTES])
{
	char one[WIRE_NAME_MAX_BYTES];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->listeners.count; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t len = sizeof(address);
		if (getsockname(s->listeners.list[i].fd, (struct sockaddr *)&address, &len) < 0)
			continue;
		listeners_describe((const struct sockaddr *)&address, len, one);
		int n = snprintf(
			out + at, CONFIG_TEXT_MAX_BYTES - at, "%s%s", at > 0 ? " " : "", one);
		if (n < 0 || (size_t)n >= CONFIG_TEXT_MAX_BYTES - at) {
			out[at] = '\0'; /* whole addresses alone */
			return;
		}
		at += (size_t)n;
	}
}

void listeners_close(struct supervisor *s)
{
	for (size_t i = 0; i < s->listeners.count; i++) {
		uv_poll_stop(&s->listeners.list[i].poll);
		uv_close((uv_handle_t *)&s->listeners.list[i].poll, NULL);
		fd_close(&s->listeners.list[i].fd);
	}
	s->listeners.count = 0;
	close_refused(&s->listeners);
	uv_close((uv_handle_t *)&s->listeners.refused_timer, NULL);
}
