/*
 * farseat-link: one connection to one workstation, for the UI. Confined before it reads the first
 * byte of the other end: it holds the transport's descriptor and a channel to the UI, which gives
 * it keys for this connection, memory to draw into, and input; all that it says is read by the UI
 * as from a stranger. The device's key leaves this process's memory as soon as the second proof is
 * made, a proxy's password as soon as the proxy has opened the way.
 *
 *   session: handshake -> HELLO -> PROOF -> WELCOME -> open
 *   enrol:   handshake -> ENROLL -> ENROLLED -> end           probe: the server's chain -> end
 *
 * One thread with a poll loop, and the decoder's (decode.h).
 */
#pragma once

#include "client/link/decode.h"
#include "client/link/proxy.h"
#include "common/ipc/dispatch.h"
#include "common/ipc/records_link.h"
#include "common/peer/peer.h"

#define LINK_UI_FD        3
#define LINK_TRANSPORT_FD 4

/* From start to WELCOME; signing may take the person at the other end's machine a little longer. */
#define LINK_OPEN_TIMEOUT_MS   10000
#define LINK_ENROLL_TIMEOUT_MS 30000
/* For last words and the other end's close. */
#define LINK_CLOSE_TIMEOUT_MS 500
/* The picture is called old after this: the other end sends a heartbeat every 1.5 s. */
#define LINK_SILENT_MS         2500
#define LINK_SILENT_SAY_MS     500 /* and its age is told so often */
#define LINK_STATS_MS          1000
#define LINK_MESSAGES_PER_TURN 64
/* mbedTLS never changes the keys of a connection: after so long or so much it is made anew, in a
 * moment when nobody types or points, and after half as much again in any case. A test has a link
 * of its own with less. */
#ifndef LINK_RENEW_MS
#define LINK_RENEW_MS (12ULL * 3600 * 1000)
#endif
#define LINK_RENEW_BYTES    (64ULL * 1024 * 1024 * 1024)
#define LINK_RENEW_QUIET_MS 2000

/* Codes of WIRE_KEY are below (messages_input.c). */
#define LINK_EVDEV_MAX 768

enum link_step_state {
	LINK_START, /* waits for its configuration */
	LINK_PROXY, /* a proxy is being asked for the way */
	LINK_PROBE,
	LINK_HANDSHAKE,
	LINK_HELLO,  /* ours is sent; waits for the server's */
	LINK_PROVEN, /* PROOF is sent; waits for WELCOME */
	LINK_OPEN,
	LINK_ENROLL, /* waits for ENROLLED */
	LINK_ENDED,
};

struct link {
	struct ipc_channel ui;
	struct peer peer;
	enum link_step_state state;

	uint8_t mode; /* enum record_link_mode */
	bool steps;
	char server_name[WIRE_NAME_MAX_BYTES], server_id[WIRE_NAME_MAX_BYTES];
	char label[WIRE_NAME_MAX_BYTES];
	uint8_t key[RECORD_KEY_MAX_BYTES]; /* secret; wiped after the proof */
	size_t key_len;
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES]; /* of our certificate */
	uint8_t csr[WIRE_CSR_MAX_BYTES];
	size_t csr_len;
	uint16_t width_px, height_px; /* of the UI's window */
	uint32_t codec_features;
	uint32_t patience_ms; /* that the way may take, beyond a direct one */
	uint64_t deadline_ms; /* until it is open */
	struct proxy proxy;   /* LINK_PROXY */
	enum link_step_state after_proxy;
	uint64_t started_us;

	uint32_t caps;
	struct wire_screen screen; /* width 0: none yet */
	bool screen_sent;          /* the UI knows it */
	struct decode decode;
	struct buffer slice; /* being assembled */
	uint32_t frame;      /* newest begun */
	bool frame_open;
	bool needs_ack; /* frames from the first on, to the last, are still to be acknowledged */
	uint32_t needs_ack_first, needs_ack_last;
	uint64_t update_received_us; /* of the frame the UI is presenting */
	uint64_t frames, picture_bytes;

	struct wire_cursor cursor; /* being assembled */
	uint8_t *cursor_bytes;     /* owned */
	size_t cursor_len;

	/* What the other end must take for held (by evdev code), and buttons: decides about
	 * heartbeats and repeats. */
	uint8_t held[LINK_EVDEV_MAX / 8];
	unsigned held_count;
	uint32_t held_buttons;

	bool silent;
	uint64_t silent_said_ms, stats_ms, opened_ms, forwarded_ms;
	bool ticket_sent;
};

/* Takes the two descriptors, reads the configuration from the UI, starts the thread and the TLS
 * channel. Reads no byte of the other end. */
int link_init(struct link *l) MUST_CHECK;
void link_finish(struct link *l);

/* Runs until the connection has ended and the UI was told why. */
void link_run(struct link *l);

/*
 * Ends with LINK_FAILED: fault of TLS or 0, code of the other end's goodbye or 0, retry where the
 * link broke and nobody refused, renews where it was ended for new keys. The first call counts.
 * link_fail also tells the other end (goodbye: enum wire_goodbye_code, 0 nothing).
 */
struct link_failure {
	enum crypto_fault fault;
	uint16_t code;
	bool retry, renews;
	uint16_t goodbye;
};
void link_fail(struct link *l, struct link_failure failure, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* Ends without a failure: the UI wished it, or what it asked for is done. */
void link_done(struct link *l, uint16_t goodbye, const char *reason);

/* Sends to the UI or the other end; one that is gone or stuck ends the link. */
void link_tell(struct link *l, const struct link_record *r, int fd);
void link_tell_wire(struct link *l, const struct wire_message *m);
void link_send(struct link *l, const struct wire_message *m);

/* Takes the configuration (dispatch_fn): makes the TLS channel. */
int link_configure(void *owner, const void *body, int *fd) MUST_CHECK;

/* handshake.c */
int link_make_tls(struct link *l, const struct record_link_config *c) MUST_CHECK;
void link_probe(struct link *l);
void link_handshake(struct link *l);
void link_say_state(struct link *l, enum record_link_phase phase, uint32_t silent_ms);
/* Reads of the other end failed with r: says what that means, by the state it happened in. */
void link_lost(struct link *l, int r);

/* way.c: what leads to the other end. */
/* Takes a LINK_WAY from the UI (dispatch_fn). -EINVAL: a proxy cannot be asked for such an address. */
int link_take_way(void *owner, const void *body, int *fd) MUST_CHECK;
/* Goes on asking the proxy; after it the handshake begins. */
void link_proxy(struct link *l);
short link_proxy_events(const struct link *l);

/* server.c: a message of the other end. */
void link_server_message(struct link *l, const struct wire_message *m);

/* picture.c: its picture, cursor and checksums. */
void link_screen(struct link *l, const struct wire_screen *screen);
void link_frame(struct link *l, const struct wire_frame *frame);
void link_cursor(struct link *l, const struct wire_cursor *cursor);
void link_checksum(struct link *l, const struct wire_checksum *checksum);
void link_pixels(struct link *l, const struct record_pixels *pixels, int fd);
void link_presented(struct link *l, const struct record_presented *presented);
void link_collect(struct link *l); /* what the decoder has done */

/* ui.c: all that waits in the UI's channel. */
void link_ui_records(struct link *l);
/* Waits for the configuration. -ETIMEDOUT, -EPIPE, -EPROTO, or it cannot be used. */
int link_ui_config(struct link *l) MUST_CHECK;
