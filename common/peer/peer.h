/*
 * One end of the protocol over a connected descriptor: TLS, framing, phases, channels by priority,
 * heartbeats. What farseat-worker, farseat-link and the test clients share; what the messages mean
 * is theirs.
 *
 * Runs where hostile bytes are read, inside the sandbox (ARCHITECTURE.md, D-CONFINED). Non-
 * blocking, no thread, no timer of its own: the owner's loop waits for peer_events on the
 * descriptor, calls peer_next until -EAGAIN and peer_flush at the end of each turn.
 *
 * What goes out next is decided when the kernel can take it (channels.h): messages of PEER_CONTROL
 * at once, records of all other channels one by one and only when the kernel has sent almost all of
 * the record before (net_tune.h), so that a key press waits for one record at most.
 */
#pragma once

#include "common/crypto/tls.h"
#include "common/peer/channels.h"
#include "common/wire/framer.h"

/* A PING for its round trip at least so often, whatever else is sent. */
#define PEER_RTT_PING_MS 5000

/* The other end sends by itself when it was heard so lately: a heartbeat need not ask it to. */
#define PEER_HEARD_MS (WIRE_HEARTBEAT_MS / 2)

/* While the other end must not be left in doubt (a key is held): a heartbeat so often. */
#define PEER_HURRY_MS 500

/* How long peer_suspect gives the other end. A link that was away for a second is waited for: the
 * kernel tries again within as long as the link was away (RFC 6298, 5.5). */
#define PEER_SUSPECT_MS 1500

/* A link stands still when bytes were not acknowledged for so long beyond twice the round trip:
 * what is sent now will not arrive soon. Acknowledgements are held back for up to 40 ms, and a lost
 * segment is sent again after 200. */
#define PEER_STALLED_MS 300

struct peer {
	int fd;          /* owned */
	struct tls *tls; /* owned */
	bool is_server;
	enum wire_phase phase; /* moved on by peer_set_phase */

	struct wire_framer in;
	struct channels out;
	uint8_t record[WIRE_MESSAGE_MAX_BYTES]; /* the message that is being encoded */
	bool record_waits;                      /* TLS holds a record that is not out yet */
	bool held; /* a channel has its turn, and the kernel would not take a record yet */

	uint64_t heard_ms, sent_ms, pinged_ms;
	uint64_t suspect_until_ms; /* nothing heard until then: dead; 0 not suspected */
	bool hurried;
	uint32_t ping_id;          /* of the newest PING */
	uint64_t asked_us;         /* and when it was sent */
	uint32_t rtt_us;           /* of the last PONG, 0 none */
	uint64_t answered_us;      /* when the newest PING that was answered was sent; 0 none */
	uint64_t blocked_since_ns; /* the kernel would not take a record; 0: it takes them */
	uint64_t blocked_ns;       /* for so long in all, without the time since then */
	uint64_t messages_in;
	char fault[WIRE_FAULT_TEXT_BYTES]; /* what peer_next refused, for the log */
};

/* Takes fd over. TLS comes with peer_set_tls, over peer_transport(p): p must not move. */
void peer_init(struct peer *p, int fd, bool is_server, uint64_t now_ms);
struct tls_transport peer_transport(struct peer *p);
void peer_set_tls(struct peer *p, struct tls *tls);
/* Heartbeats begin with WIRE_PHASE_OPEN; before it the owner has a deadline of its own. */
void peer_set_phase(struct peer *p, enum wire_phase phase);

/* Closes and wipes; sends nothing. An initialised or finished peer is fine. */
void peer_finish(struct peer *p);

/* As tls_handshake; peer_events says what to wait for. */
int peer_handshake(struct peer *p) MUST_CHECK;

/* FD_READ and FD_WRITE to wait for; peer_pending: do not sleep, a message or bytes wait inside. */
short peer_events(const struct peer *p);
bool peer_pending(const struct peer *p);

/*
 * The next message. 1: *out (its views live until the next call); -EAGAIN: wait; -EPROTO:
 * malformed, or not allowed in this phase (p->fault: "POINTER is malformed: x_px is out of range");
 * -E2BIG: the other end does not read our answers; -EPIPE: it closed in order; -ECONNRESET: it
 * vanished; -EBADMSG: tampered, or an alert (tls_fault). Heartbeats are answered and unknown
 * optional messages skipped inside.
 */
int peer_next(struct peer *p, struct wire_message *out) MUST_CHECK;

/*
 * Queues a message: peer_send on PEER_CONTROL, where the order of sending is kept across all types.
 * -E2BIG: the channel's queue is full (on PEER_CONTROL: the other end does not read); -EINVAL: our
 * own bug.
 */
int peer_send(struct peer *p, const struct wire_message *message) MUST_CHECK;
int peer_send_on(
	struct peer *p, enum peer_channel channel, const struct wire_message *message) MUST_CHECK;

/* As channels_set_source and channels_ready. */
void peer_set_source(struct peer *p, enum peer_channel channel, peer_source_fn source, void *user);
void peer_source_ready(struct peer *p, enum peer_channel channel);

/* Sends as much as the kernel takes. 0 also when something waits (peer_events); errors end the
 * peer. */
int peer_flush(struct peer *p) MUST_CHECK;

/* Whether all of PEER_CONTROL is with the kernel. */
bool peer_drained(const struct peer *p);

/*
 * Sends a heartbeat where one is due. How many milliseconds until the next call is needed, or
 * -ETIMEDOUT when nothing was heard for WIRE_SILENCE_MS.
 */
int peer_tick(struct peer *p, uint64_t now_ms) MUST_CHECK;
uint32_t peer_silent_ms(const struct peer *p, uint64_t now_ms);

/* The link may be dead (the network changed, the machine slept): asks at once, and peer_tick gives
 * -ETIMEDOUT when nothing is heard within PEER_SUSPECT_MS and two round trips. */
void peer_suspect(struct peer *p, uint64_t now_ms);

/* Somebody goes by the round trip: asks for it at once where it is not known yet. */
void peer_measure(struct peer *p);

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
