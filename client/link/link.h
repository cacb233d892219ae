/*
 * farseat-link: one connection to one workstation, for the UI. Confined before it reads the first
 * byte of the other end: it holds the transport's descriptor and a channel to the UI, which gives
 * it keys for this connection, memory to draw into, and input; all that it says is read by the UI
 * as from a stranger. The device's key leaves this process's memory as soon as the second proof is
 * made, a proxy's password as soon as the proxy has opened the way.
 *
 *   session: handshake -> HELLO -> PROOF -> WELCOME -> open
 *   enrol:   handshake -> HELLO -> PROOF, ENROLL -> ENROLLED -> end
 *            (an older server: handshake -> ENROLL -> ENROLLED -> end)
 *   probe:   the server's chain -> end
 *
 * One thread with a poll loop, and the decoder's (decode.h).
 */
#pragma once

#include "client/link/channel.h"
#include "client/link/clipboard.h"
#include "client/link/credentials.h"
#include "client/link/cursor.h"
#include "client/link/files.h"
#include "client/link/health.h"
#include "client/link/picture.h"
#include "client/link/pressed.h"
#include "client/link/sound.h"
#include "client/link/state.h"
#include "client/link/way.h"
#include "common/ipc/records_link.h"
#include "common/peer/peer.h"

#define LINK_UI_FD        3
#define LINK_TRANSPORT_FD 4

/* From start to WELCOME; signing may take the person at the other end's machine a little longer. */
#define LINK_OPEN_TIMEOUT_MS   10000
#define LINK_ENROLL_TIMEOUT_MS 30000
/* For last words and the other end's close. */
#define LINK_CLOSE_TIMEOUT_MS  500
#define LINK_MESSAGES_PER_TURN 64

/* Each part stands with its functions in a file of its name; what it needs of the rest is below. */
struct link {
	struct ipc_channel ui;
	struct peer peer;
	enum link_state state; /* link_enter changes it */
	uint64_t started_us;
	uint64_t deadline_ms; /* until it is open, or what it was started for is done */

	/* of the configuration */
	enum record_link_mode mode;
	bool steps;                   /* are told to the UI */
	uint16_t width_px, height_px; /* of the UI's window */

	uint32_t codec_features; /* of both ends once open */
	uint32_t caps;
	struct link_credentials credentials;
	struct link_way way;
	struct link_health health;
	struct link_picture picture;
	struct link_cursor cursor;
	struct transfers files;
	struct link_clipboard clipboard;
	struct link_sound sound;
	struct pressed pressed;
	uint64_t input_ms; /* when something of the UI went out last */
};

/* Takes the two descriptors, reads the configuration from the UI, starts the thread and the TLS
 * channel. Reads no byte of the other end. */
int link_init(struct link *l) MUST_CHECK;
void link_finish(struct link *l);

/* Runs until the connection has ended and the UI was told why. */
void link_run(struct link *l);

/* The one way from state to state: the protocol's phase follows. One that may not follow is our own
 * bug. */
void link_enter(struct link *l, enum link_state state);

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
/* The workstation broke the protocol. */
void link_broken(struct link *l, const char *format, ...) PRINTF_LIKE(2, 3);
void link_no_memory(struct link *l);
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
/* Sends the request of an enrolment: the last that this process does with the one-time key. */
void link_ask_enrolment(struct link *l);
void link_say_state(struct link *l, enum record_link_phase phase, uint32_t silent_ms);
/* Reads of the other end failed with r: says what that means, by the state it happened in. */
void link_lost(struct link *l, int r);

/* ui.c: all that waits in the UI's channel. */
void link_ui_records(struct link *l);
/* Waits for the configuration. -ETIMEDOUT, -EPIPE, -EPROTO, or it cannot be used. */
int link_ui_config(struct link *l) MUST_CHECK;
