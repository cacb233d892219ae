/*
 * A session with a workstation as the UI sees it: finds a transport, starts farseat-link on it,
 * hands it the identity, takes its records, and begins again when the link breaks or its process
 * dies. One thread, driven by fd_wait. farseat; what farseat-link says is read as untrusted.
 */
#pragma once

#include "client/session/workstation.h"
#include "client/way/way.h"
#include "common/base/fd.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_link.h"

#define CONNECTION_FDS_MAX 3 /* the way's, the link's and the network's */

enum connection_state {
	CONNECTION_IDLE,
	CONNECTION_DIALING,  /* name and TCP */
	CONNECTION_SECURING, /* TLS and the second proof */
	CONNECTION_OPEN,
	CONNECTION_SILENT, /* open, but nothing is heard */
	CONNECTION_LOST,   /* waits, then tries again */
	/* for good: the other end does not want us, or is not the workstation that it should be */
	CONNECTION_REFUSED,
	CONNECTION_ENDED,  /* for good: somebody ended the session */
	CONNECTION_FAILED, /* for good: something here (no certificate, no farseat-link) */
};

struct connection;

/* Callbacks may not destroy the connection; any may be NULL. */
struct connection_events {
	void (*state)(void *user, enum connection_state state);
	void (*screen)(void *user); /* a picture of another size: connection_picture */
	/* Call connection_presented after drawing. */
	void (*update)(void *user, const struct record_update *update);
	/* bgra NULL: 0 x 0. */
	void (*cursor)(void *user, const struct record_cursor *cursor, const uint8_t *bgra);
	/* WELCOME, CLOCK, CAPS, LEDS, CURSOR_MOVE, RENEWED, STATS. */
	void (*wire)(void *user, const struct wire_message *message);
	/* CLIPBOARD_*. Negative: it says what cannot be, so the link is not to be trusted. */
	int (*clipboard)(void *user, const struct wire_message *message);
	/* What was copied here and asked for there could not leave. */
	void (*clipboard_unsent)(void *user, const struct record_link_unsent *unsent);
	/* SOUND_START, SOUND_STOP. */
	void (*sound)(void *user, const struct wire_message *message);
	void (*checksum)(void *user, const struct record_link_checksum *checksum);
	void (*stats)(void *user, const struct record_link_stats *stats);
	void (*step)(void *user, const struct record_link_step *step);
	void (*dialed)(void *user, const struct dial_result *result); /* fd is not to be touched */
	void (*link_state)(void *user, const struct record_link_state *state);
};

struct connection_options {
	bool reconnect; /* by itself, for ever */
	bool steps;     /* report the handshake's steps */
	bool no_resume; /* a full handshake */
	bool clipboard; /* the messages of the clipboard are understood here: without it none comes */
	uint16_t width_px, height_px; /* of the window, for HELLO; 0 unknown */
	uint16_t dpi;                 /* of the display that the window is on; 0: there is none */
	const struct way *way;        /* instead of the workstation's own; NULL: that. Copied */
};

struct connection_picture {
	uint8_t *pixels; /* B G R X; NULL: none yet. farseat-link writes it too */
	size_t stride_bytes;
	uint16_t width_px, height_px;
	bool resizable;
	uint64_t updated_ms; /* when it last changed or was known to be current, monotonic */
};

/* workstation is copied. Does not start yet. */
int connection_create(struct connection **out, const struct workstation *workstation,
	const struct connection_options *options, const struct connection_events *events,
	void *user) MUST_CHECK;

/* Says goodbye, ends the link. NULL is fine. */
void connection_destroy(struct connection *c);

/* Begins, or tries again at once (after LOST, REFUSED, ENDED or FAILED). */
void connection_start(struct connection *c);

/* Ends the session on our side: every key is released there. The state becomes ENDED. */
void connection_stop(struct connection *c);

/* What to poll for, and for how long at most (-1 for ever). */
size_t connection_poll(
	const struct connection *c, struct fd_poll out[static CONNECTION_FDS_MAX], int *timeout_ms);

/* Does what can be done now; calls back. Call after each poll. */
void connection_process(struct connection *c);

enum connection_state connection_state(const struct connection *c);
/* Whether the session is open, heard of or silent for the moment. */
bool connection_is_up(const struct connection *c);
/* One sentence on why, and what to do (may be empty). Valid until the next call that changes the
 * state. */
const char *connection_reason(const struct connection *c);
const char *connection_remedy(const struct connection *c);
/* enum crypto_fault and enum wire_goodbye_code of the last failure. */
uint8_t connection_fault(const struct connection *c);
uint16_t connection_goodbye(const struct connection *c);
/* Whether it was the way's own program that failed, not the workstation. */
bool connection_way_failed(const struct connection *c);
/* Exit status for a command that ends in this state: 0, 1, 3 (farseat(1), EXIT STATUS). */
int connection_exit_status(const struct connection *c);

const struct connection_picture *connection_picture(const struct connection *c);
void connection_presented(struct connection *c, uint32_t frame, uint32_t present_us);

/* What the session allows (enum wire_cap); 0 before WELCOME. */
uint32_t connection_caps(const struct connection *c);
const struct wire_welcome *connection_welcome(const struct connection *c); /* NULL before */

/* Sends a message to the other end; dropped (false) when the session is not open. */
bool connection_send(struct connection *c, const struct wire_message *message);

/* Whether both ends know of the clipboard, and of files, at all; older ones do not. */
bool connection_has_clipboard(const struct connection *c);
bool connection_has_files(const struct connection *c);
/* Whether files that are copied in the session are lent (WIRE_FILE_LENT). */
bool connection_lends_files(const struct connection *c);
bool connection_has_sound(const struct connection *c);
/* Asks to hear the session, whose sound goes into the ring (common/sound/ring.h; borrowed, a new one for each
 * link); NULL: not any more. false: the session is not open, or has no sound. */
bool connection_hear(struct connection *c, const struct ipc_memory *ring);
/* Hands the channel of a farseat-files (fd stays the caller's) to the link, and then the order that
 * begins its transfer (FILE_PUT, FILE_GET, FILE_SFTP). false: the session is not open. */
bool connection_order_files(struct connection *c, const struct wire_message *order, int fd);

/* A new number for an input message; counts up by one, never 0. */
uint32_t connection_next_serial(struct connection *c);

uint64_t connection_lost_since_ms(const struct connection *c);
/* The code by which the workstation ended the session that the picture is of (WIRE_BYE_SESSION_ENDED
 * and the like); 0: it goes on, or ended without one. */
uint16_t connection_lost_by(const struct connection *c);
/* Not open for the moment, by plan: a new connection, for new keys, will be there at once. */
bool connection_renewing(const struct connection *c);
/* The number of its process, for messages and tests; 0 none. */
int connection_link_pid(const struct connection *c);
