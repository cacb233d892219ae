/*
 * One end of the protocol over a connected descriptor: TLS, framing, phases, sending by priority,
 * heartbeats. What farseat-worker, farseat-link and the test clients share; what the messages mean
 * is theirs.
 *
 * Runs where hostile bytes are read, inside the sandbox. Non-blocking, no thread, no timer of its
 * own: the owner's loop waits for peer_events on the descriptor, calls peer_next until -EAGAIN and
 * peer_flush at the end of each turn.
 *
 * Two priorities: what peer_send was given goes first, in order; then what the owner's source has
 * (the cursor and the picture), one record at a time and only when the kernel has sent almost all
 * of the record before (net_tune.h), so that a message never waits behind a picture for
 * longer than one record takes.
 */
#pragma once

#include "common/base/buffer.h"
#include "common/crypto/tls.h"
#include "common/wire/framer.h"

/* Waiting messages; a peer that lets more gather does not read, and is ended. */
#define PEER_QUEUE_MAX_BYTES (256U * 1024)

/* A PING for its round trip at least so often, whatever else is sent. */
#define PEER_RTT_PING_MS 5000

/* Who was heard so lately sends by itself: a heartbeat need not ask him to. */
#define PEER_HEARD_MS (WIRE_HEARTBEAT_MS / 2)

/* While the other end must not be left in doubt (a key is held): a heartbeat so often. */
#define PEER_HURRY_MS 500

/* How long peer_suspect gives the other end: a link that was away for a second is waited for, the
 * kernel's next try to send comes within as long again (RFC 6298, 5.5). */
#define PEER_SUSPECT_MS 1500

/* Bytes that nobody has acknowledged for so long, beyond twice the round trip: what is sent now
 * will not arrive soon. Acknowledgements are held back for up to 40 ms, and a lost segment is sent
 * again after 200. */
#define PEER_STALLED_MS 300

/* Base round trip: the least of the last one to two such windows (design: least of about 10 s). */
#define PEER_BASE_RTT_WINDOW_MS 10000

/*
 * Writes the next message of lower priority to out: its length; 0: nothing now (peer_source_ready
 * when there is something again); or -errno, which ends the peer.
 */
typedef int (*peer_source_fn)(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES]);

/* The least value of the last one to two windows. */
struct peer_minimum {
	uint32_t now, before; /* UINT32_MAX none */
	uint64_t window_since_ms;
};
void peer_minimum_init(struct peer_minimum *m, uint64_t now_ms);
void peer_minimum_add(struct peer_minimum *m, uint32_t value, uint64_t now_ms);
uint32_t peer_minimum_get(const struct peer_minimum *m); /* 0 when nothing was added */

struct peer {
	int fd;          /* owned */
	struct tls *tls; /* owned */
	bool is_server;
	enum wire_phase phase; /* moved on by peer_set_phase */

	struct wire_framer in;
	struct buffer out;                      /* messages of the first priority */
	uint8_t record[WIRE_MESSAGE_MAX_BYTES]; /* message being encoded */
	bool record_waits;                      /* TLS holds a record that is not out yet */
	bool source_ready,
		source_held; /* the source has something; the kernel would not take it yet */
	peer_source_fn source;
	void *source_user;

	uint64_t heard_ms, sent_ms, pinged_ms;
	uint64_t suspect_until_ms; /* nothing heard until then: dead; 0 not suspected */
	bool hurried;
	uint32_t ping_id;
	uint32_t rtt_us; /* of the last PONG, 0 none */
	struct peer_minimum base_rtt;
	uint64_t blocked_since_ns; /* the kernel would not take a record; 0: it takes them */
	uint64_t blocked_ns;       /* for so long in all, without the time since then */
	uint64_t messages_in;
	uint8_t newest_type; /* of the message that came last, whatever it was: for the log */
};

/* Takes fd over. The TLS channel comes with peer_set_tls, over peer_transport(p): p must not move.
 */
void peer_init(struct peer *p, int fd, bool is_server, uint64_t now_ms);
struct tls_transport peer_transport(struct peer *p);
void peer_set_tls(struct peer *p, struct tls *tls);
/* Heartbeats begin with WIRE_PHASE_OPEN; before it the owner has a deadline of its own. */
void peer_set_phase(struct peer *p, enum wire_phase phase);
void peer_set_source(struct peer *p, peer_source_fn source, void *user);

/* Closes and wipes; sends nothing. An initialised or finished peer is fine. */
void peer_finish(struct peer *p);

/* As tls_handshake; peer_events says what to wait for. */
int peer_handshake(struct peer *p) MUST_CHECK;

/* poll.h bits to wait for; peer_pending: do not sleep, a message or bytes wait inside. */
short peer_events(const struct peer *p);
bool peer_pending(const struct peer *p);

/*
 * The next message. 1: *out (its views live until the next call); -EAGAIN: wait; -EPROTO:
 * malformed, or not allowed in this phase (newest_type tells which); -EPIPE: the other end closed
 * in order; -ECONNRESET: it vanished; -EBADMSG: tampered, or an alert (tls_fault). Heartbeats are
 * answered and unknown optional messages skipped inside.
 */
int peer_next(struct peer *p, struct wire_message *out) MUST_CHECK;

/* Queues a message of the first priority. -E2BIG: the other end does not read; -EINVAL: our own
 * bug. */
int peer_send(struct peer *p, const struct wire_message *message) MUST_CHECK;
void peer_source_ready(struct peer *p);

/* Sends as much as goes. 0 also when something waits (peer_events); errors end the peer. */
int peer_flush(struct peer *p) MUST_CHECK;

/* Whether everything that peer_send was given is with the kernel. */
bool peer_drained(const struct peer *p);

/*
 * Sends a heartbeat where one is due. How many milliseconds until the next call is needed, or
 * -ETIMEDOUT when nothing was heard for WIRE_SILENCE_MS.
 */
int peer_tick(struct peer *p, uint64_t now_ms) MUST_CHECK;
uint32_t peer_silent_ms(const struct peer *p, uint64_t now_ms);

/* The link may be dead (the network changed, the machine slept): asks at once, and peer_tick gives
 * -ETIMEDOUT when nothing was heard PEER_SUSPECT_MS later. */
void peer_suspect(struct peer *p, uint64_t now_ms);

/* Heartbeats each PEER_HURRY_MS, or as seldom as usual. */
void peer_hurry(struct peer *p, bool on);

/* For how long the kernel would take no record that was to be sent, in all and up to now. */
uint64_t peer_blocked_ns(const struct peer *p, uint64_t now_ns);

/* Whether the link stands still just now. */
bool peer_stalled(const struct peer *p, uint64_t now_ms);

/*
 * The end in order, blocking for up to timeout_ms: sends what waits and close_notify, shuts our
 * side down and reads until the other end closed too (closing with unread bytes would reset the
 * connection, and the last words would be lost).
 */
void peer_close(struct peer *p, int timeout_ms);
