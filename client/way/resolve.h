/* Turns a name into addresses in a thread of its own, since getaddrinfo blocks: for many seconds
 * where the network is down. The caller polls a descriptor. farseat. */
#pragma once

#include "common/base/net_address.h"

#define RESOLVE_ADDRESSES_MAX 64 /* no more are looked at */

struct resolve;

struct resolve_result {
	struct net_address addresses[RESOLVE_ADDRESSES_MAX];
	size_t count;    /* 0: the name could not be resolved */
	const char *why; /* in words, then; static */
	uint32_t took_us;
};

/* Starts. -ENOMEM, -EAGAIN. */
int resolve_start(struct resolve **out, const char *host, uint16_t port) MUST_CHECK;

/* Becomes readable when the answer is there. */
int resolve_fd(const struct resolve *r);

/* -EAGAIN: not yet; 0: *out is the answer. */
int resolve_take(struct resolve *r, struct resolve_result *out) MUST_CHECK;

/* Gives up waiting; an answer that comes later is dropped. NULL is fine. */
void resolve_destroy(struct resolve *r);
