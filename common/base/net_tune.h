/* How a socket is to carry what somebody waits for: no delay, and no long queue in the kernel. One
 * file a system. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

/*
 * What the kernel may hold unsent before it says that it takes no more: one TLS record
 * (PROTOCOL.md, section 2). More, and a key press would wait behind it; less, and the link would be
 * idle while the next record is made.
 */
#define NET_NOTSENT_BYTES 16384

/* No delay for small packets, and NET_NOTSENT_BYTES. What is not TCP is left as it is. */
void net_tune(int fd);

/*
 * For a transport that carries other streams within: no delay, so much unsent in the kernel, and
 * probes where nothing is heard. Whether it is TCP; what is not is left as it is.
 */
bool net_tune_carrier(int fd, int unsent_bytes);

/* Acknowledges at once what came, instead of a little later. */
void net_acknowledge(int fd);

/* How much may wait in the kernel for the other end to read. */
void net_limit_send(int fd, int bytes);

/* Closing it drops what is unsent (a reset), instead of going on to send it for minutes. */
void net_drop_unsent(int fd);

/*
 * A non-blocking stream socket of Multipath TCP whose unsent bytes can be limited (kernels before
 * 6.13 cannot, and a key press would wait behind a whole picture). -1: there is none.
 */
int net_open_multipath(int family) MUST_CHECK;
