/*
 * Network addresses, and TCP connections to them: what a name resolves to, where a connection
 * stands. One file a system (D-PORTABLE); how addresses race each other is client/way/dial.c.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define NET_ADDRESS_BYTES      128
#define NET_ADDRESS_TEXT_BYTES 64
#define NET_IP_BYTES           16
#define NET_IP_TEXT_BYTES      46 /* in digits, IPv6 the longest */

enum net_family { NET_NONE, NET_IPV4, NET_IPV6, NET_OTHER };

/* An IP address and a port as the system writes them. Zeroed: none. Plain. */
struct net_address {
	uint8_t bytes[NET_ADDRESS_BYTES];
	uint32_t len; /* 0: none */
};

enum net_family net_address_family(const struct net_address *a);
bool net_address_equal(const struct net_address *a, const struct net_address *b);

/* "192.0.2.7:7420", "[2001:db8::7]:7420". */
void net_address_text(const struct net_address *a, char out[static NET_ADDRESS_TEXT_BYTES]);

/* Reads an address in digits: 4 or 16, the bytes written to out; 0: it is none. */
size_t net_ip_parse(const char *text, uint8_t out[static NET_IP_BYTES]);

/*
 * What host is called in the network, at most max of them, the system's first choice first. Blocks,
 * for many seconds where the network is down. -ENOENT: it has none; *why (static) says it in words.
 */
int net_resolve(const char *host, uint16_t port, struct net_address *out, size_t max, size_t *count,
	const char **why) MUST_CHECK;

/*
 * Begins to connect a new socket to it, without delay for small packets (TCP_NODELAY), non-blocking.
 * multipath: with Multipath TCP where the system has it; *is_multipath says whether. 0: *fd becomes
 * writable when net_connected knows more.
 */
int net_connect(
	const struct net_address *a, bool multipath, int *fd, bool *is_multipath) MUST_CHECK;

/* How it ended: 0, or -errno. */
int net_connected(int fd) MUST_CHECK;

/* Our own end of a connection; none (zeroed) where it is not known. */
void net_local_address(int fd, struct net_address *out);
