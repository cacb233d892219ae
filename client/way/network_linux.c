/* Linux: rtnetlink(7), and CLOCK_BOOTTIME, which goes on during suspend, against CLOCK_MONOTONIC,
 * which does not. Messages are the kernel's own structures in the machine's own byte order: they
 * are walked by the kernel's macros, which check each length against what is left. */
#include "client/way/network.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PACKET_BYTES    16384 /* of the kernel: at most a page or 8 KiB (netlink(7)) */
#define PACKETS_AT_ONCE 64
/* The two clocks are read one after the other; less than this is no sleep. */
#define SLEPT_MS 1000

static int64_t slept_ms(void)
{
	struct timespec boot, mono;

	if (clock_gettime(CLOCK_MONOTONIC, &mono) < 0 || clock_gettime(CLOCK_BOOTTIME, &boot) < 0)
		return 0;
	return (int64_t)(boot.tv_sec - mono.tv_sec) * 1000 +
	       (boot.tv_nsec - mono.tv_nsec) / 1000000;
}

void network_open(struct network *n)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };

	n->slept_ms = slept_ms();
	address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			    RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
	n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (n->fd < 0 || bind(n->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		log_debug("changes of the network are not told: %s", strerror(errno));
		fd_close(&n->fd);
	}
}

void network_close(struct network *n)
{
	fd_close(&n->fd);
}

int network_fd(const struct network *n)
{
	return n->fd;
}

static bool is_ours(int family, const void *bytes, size_t len, const struct net_address *ours)
{
	struct sockaddr_storage s = { 0 };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (ours)
		memcpy(&s, ours->bytes, MIN((size_t)ours->len, sizeof(s)));
	if (s.ss_family != family)
		return false;
	memcpy(&in, &s, sizeof(in));
	memcpy(&in6, &s, sizeof(in6));
	if (family == AF_INET)
		return len >= sizeof(in.sin_addr) && memcmp(bytes, &in.sin_addr, 4) == 0;
	return family == AF_INET6 && len >= sizeof(in6.sin6_addr) &&
	       memcmp(bytes, &in6.sin6_addr, 16) == 0;
}

/* The kernel's macros cast const and alignment away; messages stand aligned (NLMSG_ALIGN). */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wcast-align"

static unsigned address_went(const struct nlmsghdr *h, const struct net_address *ours)
{
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifaddrmsg)))
		return 0;
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	size_t left = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));

	for (const struct rtattr *a = IFA_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type == IFA_LOCAL || a->rta_type == IFA_ADDRESS) &&
			is_ours(m->ifa_family, RTA_DATA(a), RTA_PAYLOAD(a), ours))
			return NETWORK_WENT;
	return 0;
}

/* A link that goes down is no news: the connection may live on when it comes back. */
static unsigned link_came(const struct nlmsghdr *h)
{
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
		return 0;
	const struct ifinfomsg *m = NLMSG_DATA(h);
	return (m->ifi_flags & IFF_UP) && (m->ifi_flags & IFF_RUNNING) ? NETWORK_CAME : 0;
}

unsigned network_read(const void *bytes, size_t len, const struct net_address *ours)
{
	unsigned news = 0;

	for (const struct nlmsghdr *h = bytes; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		if (h->nlmsg_type == RTM_DELADDR)
			news |= address_went(h, ours);
		else if (h->nlmsg_type == RTM_NEWLINK)
			news |= link_came(h);
		else if (h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_NEWROUTE)
			news |= NETWORK_CAME;
	}
	return news;
}

#pragma GCC diagnostic pop

static unsigned read_packet(int fd, const struct net_address *ours, bool *more)
{
	union {
		struct nlmsghdr header; /* for its alignment */
		uint8_t bytes[PACKET_BYTES];
	} packet;
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);

	ssize_t n = recvfrom(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&from, &from_len);
	*more = n > 0 || (n < 0 && errno == ENOBUFS);
	if (n < 0 && errno == ENOBUFS)
		return NETWORK_CAME;    /* more happened than fitted: anything may have */
	if (n <= 0 || from.nl_pid != 0) /* of the kernel alone */
		return 0;
	return network_read(&packet, (size_t)n, ours);
}

unsigned network_take(struct network *n, const struct net_address *ours)
{
	unsigned news = 0;
	int64_t slept = slept_ms();
	bool more = n->fd >= 0;

	if (slept > n->slept_ms + SLEPT_MS)
		news |= NETWORK_WOKE_UP;
	n->slept_ms = slept;
	for (int i = 0; more && i < PACKETS_AT_ONCE; i++)
		news |= read_packet(n->fd, ours, &more);
	return news;
}
