/*
 * A channel between two of our own processes: SOCK_SEQPACKET, one record a packet, at most one
 * descriptor with it. The receiver trusts nothing that comes out of it.
 */
#pragma once

#include "common/base/buffer.h"

#include <stdbool.h>

/* Below the kernel's default socket buffer of 208 KiB. */
#define IPC_PACKET_MAX_BYTES (96U * 1024)
/* Waiting to be sent; over it the other end is stuck: -E2BIG. */
#define IPC_QUEUE_MAX_BYTES (1024U * 1024)

struct ipc_channel {
	int fd;                          /* owned; -1: closed */
	struct ipc_queued *first, *last; /* owned; waiting packets in order */
	size_t queued_bytes;
	uint8_t *packet;   /* owned; the packet received last */
	uint8_t *outgoing; /* owned; room to make a packet in before it is sent */
};

/* A connected pair of descriptors, close-on-exec, non-blocking. */
int ipc_pair(int fds[static 2]) MUST_CHECK;

/* Takes fd over (also on failure). */
int ipc_channel_init(struct ipc_channel *c, int fd) MUST_CHECK;

/* Closes, drops what waits (and its descriptors), wipes. Zeroed or finished is fine if fd is -1. */
void ipc_channel_finish(struct ipc_channel *c);

/*
 * Sends one packet, or queues it when the socket is full. fd: -1, or a descriptor to pass
 * (duplicated; the caller keeps its own). -EPIPE: the other end is gone; -E2BIG: queue full, or len
 * over the limit.
 */
int ipc_send(struct ipc_channel *c, const uint8_t *bytes, size_t len, int fd) MUST_CHECK;

/* Sends what is queued: 0 when nothing is left, -EAGAIN: wait for POLLOUT, -EPIPE. */
int ipc_flush(struct ipc_channel *c) MUST_CHECK;
bool ipc_wants_write(const struct ipc_channel *c);

/*
 * Receives one packet. 1: *bytes (borrowed until the next call), *len, and *fd (now the caller's,
 * or -1); -EAGAIN none waits; -EPIPE the other end closed; -EPROTO more than one descriptor came,
 * or the packet was too long.
 */
int ipc_receive(struct ipc_channel *c, const uint8_t **bytes, size_t *len, int *fd) MUST_CHECK;

/* Wipes the packet received last: it held secrets. Views into it are zeros then. */
void ipc_forget(struct ipc_channel *c);

/* Blocks until a packet or timeout_ms (-ETIMEDOUT); for start-up and synchronous questions only. 0:
 * receive now. */
int ipc_wait(struct ipc_channel *c, int timeout_ms) MUST_CHECK;
