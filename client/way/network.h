/*
 * News of the laptop's network: that it changed, that an address went, that the machine slept. A
 * connection that waits for its next try, or does not know yet that it is dead, acts on it at once
 * instead of by its timers. farseat; what is told comes from the kernel. One file a system.
 */
#pragma once

#include "common/base/net_address.h"

/* Bits of network_take. */
enum network_news {
	NETWORK_CAME = 1,    /* a link, an address or a route is new: what failed may work now */
	NETWORK_WENT = 2,    /* the address that ours is bound to is gone */
	NETWORK_WOKE_UP = 4, /* the machine slept: whatever stood may be gone */
};

struct network {
	int fd;           /* -1: only sleep is noticed */
	int64_t slept_ms; /* how long the machine has slept since it started */
};

/* Starts to listen. Where the system does not tell, timers have to do: no error. */
void network_open(struct network *n);
void network_close(struct network *n);

/* Becomes readable with news; -1 none. */
int network_fd(const struct network *n);

/* What is new since the last call: enum network_news. ours: the local address of the connection, or
 * NULL. Never blocks. */
unsigned network_take(struct network *n, const struct net_address *ours);

/* The same of one packet of the system's, for tests: bytes of len. */
unsigned network_read(const void *bytes, size_t len, const struct net_address *ours);
