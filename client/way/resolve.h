/* Turns a name into addresses in a thread of its own, since getaddrinfo blocks: for many seconds
 * where the network is down. The caller polls a descriptor. farseat. */
#pragma once

#include "common/base/macros.h"

#include <netdb.h>
#include <stdint.h>

struct resolve;

/* Starts. -ENOMEM, -EAGAIN. */
int resolve_start(struct resolve **out, const char *host, uint16_t port) MUST_CHECK;

/* Becomes readable when the answer is there. */
int resolve_fd(const struct resolve *r);

/* -EAGAIN: not yet. 0: *list is the answer (freeaddrinfo; NULL and *failed a number for
 * gai_strerror when there is none), *took_us how long it took. Once. */
int resolve_take(
	struct resolve *r, struct addrinfo **list, int *failed, uint32_t *took_us) MUST_CHECK;

/* Gives up waiting; an answer that comes later is dropped. NULL is fine. */
void resolve_destroy(struct resolve *r);
