/* How a socket is to carry what somebody waits for: no delay, and no long queue in the kernel. One
 * file a system. */
#pragma once

#include "common/base/macros.h"

/*
 * What the kernel may hold unsent before it says that it takes no more: one TLS record
 * (PROTOCOL.md, section 2). More, and a key press would wait behind it; less, and the link would be
 * idle while the next record is made.
 */
#define NET_NOTSENT_BYTES 16384

/* No delay for small packets, and NET_NOTSENT_BYTES. What is not TCP is left as it is. */
void net_tune(int fd);

/*
 * A non-blocking stream socket of Multipath TCP whose unsent bytes can be limited (kernels before
 * 6.13 cannot, and a key press would wait behind a whole picture). -1: there is none.
 */
int net_open_multipath(int family) MUST_CHECK;
