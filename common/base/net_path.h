/* What the kernel knows of the way to the other end. One file a system. */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

struct net_path {
	uint32_t rtt_us;
	uint32_t unacked;     /* segments that are out and not acknowledged */
	uint32_t ack_ms;      /* since the last acknowledgement */
	uint32_t sent, again; /* segments with data; of them sent once more */
	uint32_t got, out_of_order;
};

/* -ENOTSUP where the descriptor is no TCP connection. Async-signal-safe, no allocation: also under
 * confinement. */
int net_path_measure(int fd, struct net_path *out) MUST_CHECK;

/*
 * How many other ways (subflows of Multipath TCP) the connection has beside its first. -ENOTSUP: it
 * is plain TCP, be it that Multipath was not asked for, or that it fell back; or no TCP at all.
 */
int net_path_spare(int fd) MUST_CHECK;
