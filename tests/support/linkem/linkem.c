/*
 * A network link for tests: two network namespaces of its own, a TUN device in each, and between
 * them this program, which delays, limits, loses and cuts what passes. For kernels without netem,
 * and to change while running. Needs root (CAP_NET_ADMIN) and /dev/net/tun; touches nothing outside
 * of its namespaces, which end with it.
 *
 * Prints two lines, "near PATH" and "far PATH": `nsenter --net=PATH PROGRAM` runs there. Near has
 * the address 10.77.0.1, far 10.77.0.2. Then takes commands from standard input, answers each with
 * "done" or "what?", and ends with it:
 *
 *   cut | join            nothing passes; all passes again. Neither end is told
 *   down | up             the near device goes down and comes back: near's programs are told
 *   address A.B.C.D       the near end gets another address in place of its own
 *   delay MS              one way
 *   loss PERCENT          of each way, by chance
 *   rate BYTES_PER_S      of each way; 0 no limit
 *   block PORT            connections from near to this port of far get no answer; 0 none is
 * blocked
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PACKET_BYTES 2048 /* more than the devices' MTU of 1500 */
#define QUEUE_MAX    512  /* packets that wait in one direction; what comes then is lost */

struct packet {
	uint64_t due_ns;
	size_t len;
	uint8_t bytes[PACKET_BYTES];
};

struct direction {
	struct packet queue[QUEUE_MAX];
	size_t first, count;
	uint64_t free_ns; /* when the line has sent all that was given to it */
};

struct end {
	int namespace_fd, tun_fd, control_fd; /* control: any socket of the namespace, for ioctls */
	struct direction out;                 /* of what its programs send */
};

struct link {
	struct end near, far;
	bool cut;
	uint64_t delay_ns, rate;
	unsigned loss_percent, blocked_port;
};

static void fail(const char *what)
{
	fprintf(stderr, "linkem: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static void set_flags(const struct end *e, const char *device, bool up)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", device);
	if (ioctl(e->control_fd, SIOCGIFFLAGS, &r) < 0)
		fail("SIOCGIFFLAGS");
	r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
	if (ioctl(e->control_fd, SIOCSIFFLAGS, &r) < 0)
		fail("SIOCSIFFLAGS");
}

static bool set_address(const struct end *e, const char *address)
{
	struct ifreq r = { .ifr_name = "link" };
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, address, &in.sin_addr) != 1)
		return false;
	memcpy(&r.ifr_addr, &in, sizeof(in));
	if (ioctl(e->control_fd, SIOCSIFADDR, &r) < 0)
		fail("SIOCSIFADDR");
	in.sin_addr.s_addr = htonl(0xffffff00U);
	memcpy(&r.ifr_netmask, &in, sizeof(in));
	if (ioctl(e->control_fd, SIOCSIFNETMASK, &r) < 0)
		fail("SIOCSIFNETMASK");
	return true;
}

/* A namespace with a device; this process stays in it until the next one is made. */
static void make_end(struct end *e, const char *address)
{
	struct ifreq r = { .ifr_name = "link", .ifr_flags = IFF_TUN | IFF_NO_PI };

	if (unshare(CLONE_NEWNET) < 0)
		fail("a network namespace");
	e->namespace_fd = open("/proc/self/ns/net", O_RDONLY);
	e->control_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	e->tun_fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (e->namespace_fd < 0 || e->control_fd < 0 || e->tun_fd < 0 ||
		ioctl(e->tun_fd, TUNSETIFF, &r) < 0)
		fail("/dev/net/tun");
	set_address(e, address);
	set_flags(e, "link", true);
	set_flags(e, "lo", true);
}

/* Whether a packet of near's begins a TCP connection to the blocked port (or goes on with one). */
static bool is_blocked(const struct link *l, const uint8_t *p, size_t len)
{
	size_t head = (size_t)(p[0] & 0x0f) * 4;

	if (l->blocked_port == 0 || len < head + 4 || p[0] >> 4 != 4 || p[9] != IPPROTO_TCP)
		return false;
	return ((unsigned)p[head + 2] << 8 | p[head + 3]) == l->blocked_port;
}

static void take_one(struct link *l, struct end *from, size_t len, const uint8_t *bytes)
{
	struct direction *d = &from->out;
	uint64_t now = now_ns();

	if (l->cut || d->count == QUEUE_MAX || (unsigned)(rand() % 100) < l->loss_percent ||
		(from == &l->near && is_blocked(l, bytes, len)))
		return;
	struct packet *p = &d->queue[(d->first + d->count++) % QUEUE_MAX];
	d->free_ns = d->free_ns > now ? d->free_ns : now;
	if (l->rate > 0)
		d->free_ns += len * 1000000000U / l->rate;
	p->due_ns = d->free_ns + l->delay_ns;
	p->len = len;
	memcpy(p->bytes, bytes, len);
}

static void take(struct link *l, struct end *from)
{
	uint8_t bytes[PACKET_BYTES];
	ssize_t n;

	while ((n = read(from->tun_fd, bytes, sizeof(bytes))) > 0)
		take_one(l, from, (size_t)n, bytes);
}

/* Hands over what is due; when the next one is, or UINT64_MAX. */
static uint64_t give(const struct link *l, struct direction *d, const struct end *to)
{
	while (d->count > 0) {
		struct packet *p = &d->queue[d->first];
		if (p->due_ns > now_ns())
			return p->due_ns;
		/* A device that is down takes nothing: lost, as on a real one. */
		if (!l->cut && write(to->tun_fd, p->bytes, p->len) < 0 && errno == EINVAL)
			fail("a packet");
		d->first = (d->first + 1) % QUEUE_MAX;
		d->count--;
	}
	return UINT64_MAX;
}

static bool obey(struct link *l, char *line)
{
	char *value = strchr(line, ' ');
	long number = value ? strtol(value + 1, NULL, 10) : 0;

	if (value)
		*value++ = '\0';
	if (strcmp(line, "cut") == 0 || strcmp(line, "join") == 0)
		l->cut = line[0] == 'c';
	else if (strcmp(line, "down") == 0 || strcmp(line, "up") == 0)
		set_flags(&l->near, "link", line[0] == 'u');
	else if (strcmp(line, "address") == 0 && value)
		return set_address(&l->near, value);
	else if (strcmp(line, "delay") == 0 && number >= 0)
		l->delay_ns = (uint64_t)number * 1000000U;
	else if (strcmp(line, "loss") == 0 && number >= 0 && number <= 100)
		l->loss_percent = (unsigned)number;
	else if (strcmp(line, "rate") == 0 && number >= 0)
		l->rate = (uint64_t)number;
	else if (strcmp(line, "block") == 0 && number >= 0 && number <= 65535)
		l->blocked_port = (unsigned)number;
	else
		return false;
	return true;
}

/* Commands that came; false at the end of them. */
static bool take_commands(struct link *l)
{
	static char text[256];
	static size_t len;
	ssize_t n = read(0, text + len, sizeof(text) - 1 - len);

	if (n <= 0)
		return false;
	len += (size_t)n;
	text[len] = '\0';
	for (char *end; (end = strchr(text, '\n'));) {
		*end = '\0';
		puts(obey(l, text) ? "done" : "what?");
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len + 1);
	}
	return len < sizeof(text) - 1;
}

static void run(struct link *l)
{
	struct pollfd fds[] = {
		{ .fd = 0, .events = POLLIN },
		{ .fd = l->near.tun_fd, .events = POLLIN },
		{ .fd = l->far.tun_fd, .events = POLLIN },
	};

	for (;;) {
		uint64_t a = give(l, &l->near.out, &l->far), b = give(l, &l->far.out, &l->near);
		uint64_t due = a < b ? a : b, now = now_ns();
		uint64_t wait = due <= now ? 0 : due - now;
		const struct timespec t = { .tv_sec = (time_t)(wait / 1000000000U),
			.tv_nsec = (long)(wait % 1000000000U) };
		if (ppoll(fds, 3, due == UINT64_MAX ? NULL : &t, NULL) < 0 && errno != EINTR)
			fail("poll");
		if (fds[0].revents && !take_commands(l))
			return;
		/* A device that is down says so for ever. */
		if (fds[1].revents & POLLIN)
			take(l, &l->near);
		if (fds[2].revents & POLLIN)
			take(l, &l->far);
	}
}

int main(void)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		fail("memory");
	setvbuf(stdout, NULL, _IOLBF, 0);
	srand((unsigned)now_ns());
	make_end(&l->near, "10.77.0.1");
	make_end(&l->far, "10.77.0.2");
	printf("near /proc/%d/fd/%d\n", (int)getpid(), l->near.namespace_fd);
	printf("far /proc/%d/fd/%d\n", (int)getpid(), l->far.namespace_fd);
	run(l);
	free(l);
	return 0;
}
