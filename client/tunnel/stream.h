/*
 * One channel of the session and the descriptor it is pumped to and from. Bounded: what one side
 * does not take is not read from the other. farseat-tunnel.
 */
#pragma once

#include "client/tunnel/tunnel.h"

/* From the descriptor at once: two packets of libssh2's. */
#define STREAM_UP_BYTES (2U * 32500)
/* From the channel at once. */
#define STREAM_DOWN_BYTES (256U * 1024)
/* How much the other end may send before we have taken it: what STREAM_WINDOW_BYTES_PER_MS brings
 * in a round trip, between these. The least is what libssh2 holds to by itself, and ssh's. No more
 * than the way needs: sshd reads ahead as far as the window goes and moves that in memory with each
 * packet (with 16 MB on loopback it takes twice the CPU), and libssh2 holds what a stalled
 * descriptor does not take. */
#define STREAM_WINDOW_LEAST_BYTES  (2U * 1024 * 1024)
#define STREAM_WINDOW_MAX_BYTES    (16U * 1024 * 1024)
#define STREAM_WINDOW_BYTES_PER_MS (80U * 1024)
/* Over it nothing more is taken from descriptors: what waits for the transport grows old. */
#define STREAM_OUT_HIGH_BYTES (64U * 1024)

struct stream {
	LIBSSH2_CHANNEL *channel; /* owned; NULL: free */
	int fd;                   /* owned */
	unsigned long window_bytes;
	uint8_t *up, *down; /* owned */
	size_t up_at, up_len, down_at, down_len;
	bool up_ended;   /* the descriptor gave its last byte */
	bool eof_sent;   /* and the channel was told */
	bool down_ended; /* the channel gave its last byte */
	bool fd_shut;    /* and the descriptor was told */
	bool closing;
	/* When the first side ended, or something moved since; 0: both are open. */
	uint64_t half_since_ms;
	struct buffer *talk; /* borrowed: where standard error goes; NULL: there is none */
};

/* The window for a way on which an answer of the other end took this long. */
unsigned long stream_window_bytes(uint64_t round_trip_us);

/* Takes channel and fd over, also on failure. window_bytes: of stream_window_bytes. */
int stream_init(
	struct stream *s, LIBSSH2_CHANNEL *channel, int fd, unsigned long window_bytes) MUST_CHECK;

/* Moves what can be moved: 1 something was, 0 nothing; -errno of the transport. */
int stream_pump(struct tunnel *t, struct stream *s) MUST_CHECK;

/* Both sides have ended, or one has and the other does not follow. */
bool stream_over(const struct stream *s, uint64_t now_ms);

/* Whether bytes for it are wanted from the transport, and what to poll its descriptor for. */
bool stream_wants_in(const struct stream *s);
short stream_events(const struct tunnel *t, const struct stream *s);

/* Closes the channel without waiting for the answer, and everything else. A free one is fine. */
void stream_finish(struct stream *s);
