/* News of the network, from packets as the kernel makes them, whole and cut. */
#include "client/way/network.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct packet {
	_Alignas(struct nlmsghdr) uint8_t bytes[256];
	size_t len;
};

/* A message with a body and one attribute. */
static void add(struct packet *p, uint16_t type, const void *body, size_t body_len,
	uint16_t attribute, const void *value, size_t value_len)
{
	struct nlmsghdr h = { .nlmsg_type = type };
	struct rtattr a = { .rta_type = attribute };
	size_t at = p->len + NLMSG_HDRLEN + NLMSG_ALIGN(body_len);

	a.rta_len = (unsigned short)RTA_LENGTH(value_len);
	h.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(body_len) + RTA_SPACE(value_len));
	assert_true(p->len + h.nlmsg_len <= sizeof(p->bytes));
	memcpy(p->bytes + p->len, &h, sizeof(h));
	memcpy(p->bytes + p->len + NLMSG_HDRLEN, body, body_len);
	memcpy(p->bytes + at, &a, sizeof(a));
	memcpy(p->bytes + at + RTA_LENGTH(0), value, value_len);
	p->len += h.nlmsg_len;
}

static void add_address(struct packet *p, uint16_t type, int family, const char *text)
{
	const struct ifaddrmsg body = { .ifa_family = (uint8_t)family };
	uint8_t bytes[16];

	assert_int_equal(inet_pton(family, text, bytes), 1);
	add(p, type, &body, sizeof(body), IFA_LOCAL, bytes, family == AF_INET ? 4 : 16);
}

static struct net_address address(int family, const char *text)
{
	struct net_address out = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (family == AF_INET) {
		assert_int_equal(inet_pton(family, text, &in.sin_addr), 1);
		memcpy(out.bytes, &in, sizeof(in));
		out.len = sizeof(in);
	} else {
		assert_int_equal(inet_pton(family, text, &in6.sin6_addr), 1);
		memcpy(out.bytes, &in6, sizeof(in6));
		out.len = sizeof(in6);
	}
	return out;
}

static void test_address(void **state)
{
	static const struct {
		int family;
		const char *ours, *other;
	} cases[] = { { AF_INET, "192.0.2.7", "192.0.2.8" },
		{ AF_INET6, "2001:db8::7", "2001:db8::8" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct packet ours = { .len = 0 }, other = { .len = 0 }, came = { .len = 0 };
		struct net_address a = address(cases[i].family, cases[i].ours);
		add_address(&ours, RTM_DELADDR, cases[i].family, cases[i].ours);
		add_address(&other, RTM_DELADDR, cases[i].family, cases[i].other);
		add_address(&came, RTM_NEWADDR, cases[i].family, cases[i].other);
		assert_int_equal(network_read(ours.bytes, ours.len, &a), NETWORK_WENT);
		assert_int_equal(network_read(ours.bytes, ours.len, NULL), 0);
		assert_int_equal(network_read(other.bytes, other.len, &a), 0);
		assert_int_equal(network_read(came.bytes, came.len, &a), NETWORK_CAME);
		const sa_family_t local = AF_UNIX; /* a tunnel's: no address of it can go */
		memcpy(a.bytes, &local, sizeof(local));
		assert_int_equal(network_read(ours.bytes, ours.len, &a), 0);
		add_address(&ours, RTM_NEWADDR, cases[i].family, cases[i].other);
		a = address(cases[i].family, cases[i].ours);
		assert_int_equal(
			network_read(ours.bytes, ours.len, &a), NETWORK_WENT | NETWORK_CAME);
	}
}

static void test_link(void **state)
{
	struct packet p = { .len = 0 }, down = { .len = 0 };
	struct ifinfomsg m = { .ifi_flags = IFF_UP | IFF_RUNNING };

	(void)state;
	add(&p, RTM_NEWLINK, &m, sizeof(m), IFLA_IFNAME, "lan", 4);
	assert_int_equal(network_read(p.bytes, p.len, NULL), NETWORK_CAME);
	m.ifi_flags = IFF_UP; /* no carrier: it may come back, and the connection with it */
	add(&down, RTM_NEWLINK, &m, sizeof(m), IFLA_IFNAME, "lan", 4);
	assert_int_equal(network_read(down.bytes, down.len, NULL), 0);
}

/* Every cut, in memory of just that size, and lengths that lie. */
static void test_malformed(void **state)
{
	struct packet p = { .len = 0 };
	struct net_address a = address(AF_INET, "192.0.2.7");

	(void)state;
	add_address(&p, RTM_DELADDR, AF_INET, "192.0.2.7");
	for (size_t len = 0; len < p.len; len++) {
		uint8_t *exact =
			malloc(len ? len : 1); /* heap, so that ASan sees a read past len */
		assert_non_null(exact);
		memcpy(exact, p.bytes, len);
		assert_int_equal(network_read(exact, len, &a), 0);
		free(exact);
	}
	for (uint32_t lie = 0; lie < 40; lie++) {
		uint8_t *exact = malloc(p.len);
		assert_non_null(exact);
		memcpy(exact, p.bytes, p.len);
		memcpy(exact, &lie, sizeof(lie));
		(void)network_read(exact, p.len, &a);
		free(exact);
	}
}

static void test_listening(void **state)
{
	struct network n;

	(void)state;
	network_open(&n);
	assert_int_equal(network_take(&n, NULL) & NETWORK_WOKE_UP, 0);
	n.slept_ms -= 5000; /* as if the machine had slept since */
	assert_int_equal(network_take(&n, NULL) & NETWORK_WOKE_UP, NETWORK_WOKE_UP);
	assert_int_equal(network_take(&n, NULL) & NETWORK_WOKE_UP, 0);
	network_close(&n);
	network_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_listening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
