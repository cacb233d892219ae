/*
 * The channels that share one connection, and which of them has its turn (PROTOCOL.md, section 10;
 * ARCHITECTURE.md, D-PRIORITY). No descriptor and no TLS here: messages go in, the next record
 * comes out.
 *
 * A channel has a bounded queue, for messages that must not be lost, and may have a source, which
 * is asked for its next message when its turn comes. What goes out is therefore never older than it
 * has to be, and what is large waits with its owner and not here.
 */
#pragma once

#include "common/base/buffer.h"
#include "common/wire/limits.h"

/* In the order of their priority. */
enum peer_channel {
	PEER_CONTROL, /* input, heartbeats, acknowledgements and every small message */
	PEER_CURSOR,
	PEER_SOUND,
	PEER_SCREEN,
	PEER_CLIPBOARD,
	PEER_FILES,
	PEER_CHANNEL_COUNT,
};

/* Waiting messages of PEER_CONTROL; a peer that lets more gather does not read, and is ended. */
#define PEER_QUEUE_MAX_BYTES (256U * 1024)
/* Of each channel below it: a few whole messages. More than that belongs behind a source. */
#define PEER_CHANNEL_QUEUE_MAX_BYTES (64U * 1024)

/*
 * The share of a channel that others go before: after so many records of higher channels the next
 * record is its own. PEER_CONTROL neither counts as one of those nor ever waits for the share. One
 * in 17 is 6 % of a link that the screen would fill, and costs the screen as much.
 */
#define PEER_SHARE_RECORDS 16

/*
 * Writes the next message of the channel to out: its length, and *more whether another one is there
 * already; 0: nothing now; or -errno, which ends the peer. With nothing more it is asked again
 * after channels_ready. It must not send on the peer itself.
 */
typedef int (*peer_source_fn)(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more);

struct channel {
	struct buffer queue;   /* encoded messages; they go before what the source has */
	peer_source_fn source; /* NULL: none */
	void *user;
	bool source_ready;    /* it may have something */
	unsigned passed_over; /* records of higher channels since its last one, while it waited */
};

struct channels {
	struct channel at[PEER_CHANNEL_COUNT];
	unsigned waiting; /* bits 1 << enum peer_channel: it has something, or its source may */
	unsigned due;     /* it was passed over PEER_SHARE_RECORDS times */
};

void channels_init(struct channels *c);

/* Frees and wipes; a zeroed or finished one is fine. */
void channels_finish(struct channels *c);

/* NULL: the channel has no source any more; its queue is sent to its end. */
void channels_set_source(
	struct channels *c, enum peer_channel channel, peer_source_fn source, void *user);

/* The channel's source has something again. Nothing without a source. */
void channels_ready(struct channels *c, enum peer_channel channel);

/* Appends one encoded message. -E2BIG when the queue is full, -ENOMEM; then it was not taken. */
MUST_CHECK static inline int channels_queue(
	struct channels *c, enum peer_channel channel, const uint8_t *message, size_t len)
{
	int r = buffer_append(&c->at[channel].queue, message, len);

	if (r == 0)
		c->waiting |= 1U << channel;
	return r;
}

/* The channel whose record is next, or PEER_CHANNEL_COUNT: nothing waits. */
enum peer_channel channels_turn(const struct channels *c);

/*
 * The next record of a channel: how many bytes, and *bytes where they stand (in the queue or in
 * scratch, until the next call on c); 0: it has nothing after all, and waits no longer; or the
 * source's -errno. PEER_CONTROL gives as many messages as fit a record, the last one may be cut;
 * others give one whole message. Then channels_sent with the same length, when the record was
 * taken.
 */
int channels_record(struct channels *c, enum peer_channel channel,
	uint8_t scratch[static WIRE_MESSAGE_MAX_BYTES], const uint8_t **bytes) MUST_CHECK;
void channels_sent(struct channels *c, enum peer_channel channel, size_t len);

/* Forgets the queues and sources of all channels but PEER_CONTROL: the end is near. */
void channels_drop_below_control(struct channels *c);

/* Bytes in the channel's queue. */
size_t channels_queued_bytes(const struct channels *c, enum peer_channel channel);
