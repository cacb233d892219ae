/*
 * Gets a connected TCP socket: resolves the name and tries its addresses, IPv6 and IPv4 in turn, a
 * new one each 250 ms while none has answered (RFC 8305), with Multipath TCP where it is asked for
 * (FARSEAT_MULTIPATH) and the kernel has it. While nobody answers all are tried anew each second,
 * so that a link that returned is found at once. It runs in a thread of its own; the caller only
 * polls a descriptor. farseat.
 */
#pragma once

#include "common/base/net_address.h"

#define DIAL_TIMEOUT_MS 10000 /* for all of it */

struct dial;

/* One thing that was done on a way with hops, or the one that failed. */
struct dial_step {
	char name[40];
	char detail[300];
	uint32_t took_us;
	bool failed;
};

struct dial_result {
	int fd;           /* connected, non-blocking, TCP_NODELAY; the taker's. -1: failed */
	int error;        /* -errno of the last try; 0 when it was the name */
	bool name_failed; /* the name could not be resolved */
	char reason[300]; /* a sentence, when it failed */
	char address[NET_ADDRESS_TEXT_BYTES]; /* that answered, or was tried last */
	struct net_address peer;              /* that answered */
	unsigned addresses;                   /* that the name has */
	uint32_t resolve_us, connect_us;
	bool multipath; /* asked for with MPTCP */
	bool to_proxy;  /* name, address and reason are a proxy's */
	bool refused; /* an SSH host is not the one that it should be, or does not let us in: stays so */
	bool final;         /* trying again by itself does not mend it */
	const char *remedy; /* static; NULL: the usual */
	bool through; /* through a command or a tunnel, which reason names: no name, no address */
	const struct dial_step *steps; /* of hops; borrowed from the attempt */
	size_t step_count;
	const char *diagnosis; /* static: a short word for why a hop failed; NULL */
};

/* Starts. known: an address that answered before, tried beside the resolver's, which may hang while
 * the network is away; may be NULL. -ENOMEM, -EAGAIN. */
int dial_start(struct dial **out, const char *host, uint16_t port,
	const struct net_address *known) MUST_CHECK;

/* Becomes readable when the result is there. */
int dial_fd(const struct dial *d);

/* -EAGAIN: not yet; 0: *out is written, its fd is the caller's. Once. */
int dial_take(struct dial *d, struct dial_result *out) MUST_CHECK;

/* Gives up waiting; a socket that comes later is closed. NULL is fine. */
void dial_destroy(struct dial *d);
