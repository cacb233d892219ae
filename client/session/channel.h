/*
 * One channel of a connection, as a table: which messages of the workstation the link hands on for it,
 * which records the link itself has for it, and what becomes of it when the link is gone (PROTOCOL.md,
 * section 10). The connection knows its channels by a list of these (channels.c); a new one is a file,
 * its state in struct connection, and a line there.
 *
 * The link may have been taken over: each handler judges what it is told (D-RECORDS).
 */
#pragma once

#include "client/session/connection_state.h"
#include "common/ipc/dispatch.h"

#define CONNECTION_CHANNEL_MESSAGES_MAX 8
#define CONNECTION_CHANNEL_RECORDS_MAX  8

/* A message whose values wire_decode has checked. */
typedef void (*connection_message_fn)(struct connection *c, const struct wire_message *m);

/* Fields that are not set are nothing the channel has. */
struct connection_channel {
	const char *name;
	struct {
		enum wire_type type;
		connection_message_fn handle;
	} messages[CONNECTION_CHANNEL_MESSAGES_MAX];
	struct dispatch_rule records[CONNECTION_CHANNEL_RECORDS_MAX]; /* owner: the connection */
	/* The link is gone, and perhaps another follows. May be called twice. */
	void (*ended)(struct connection *c);
};

/* connection_control.c: the session itself. connection_picture.c, connection_checksum.c,
 * connection_cursor.c, connection_clipboard.c */
extern const struct connection_channel connection_control_channel;
extern const struct connection_channel connection_picture_channel;
extern const struct connection_channel connection_checksum_channel;
extern const struct connection_channel connection_cursor_channel;
extern const struct connection_channel connection_clipboard_channel;
/* connection_sound.c: where its streams begin and end. */
extern const struct connection_channel connection_sound_channel;

/* --- what the connection asks of its channels (channels.c) --- */

/* false: no channel has such a message. */
bool connection_channels_message(struct connection *c, const struct wire_message *m);
/* The rule for a record, or NULL (dispatch.find). */
const struct dispatch_rule *connection_channels_rule(
	void *owner, enum record_type type, void **self);
void connection_channels_ended(struct connection *c);

/* --- what a channel asks of its connection (connection_link.c) --- */

/*
 * farseat-link broke the rules between our own processes, and so may be under somebody else's control.
 * A new one takes its place by itself, unless this happens again and again. The person can do nothing
 * about it; what was wrong goes to the log.
 */
void connection_distrust(struct connection *c, const char *what);
/* Hands a message on as it is to whom the connection belongs. */
void connection_pass_message(struct connection *c, const struct wire_message *m);

/* --- connection_picture.c, for what speaks of a picture --- */

enum picture_age {
	PICTURE_COMING, /* announced, not yet shown */
	PICTURE_SHOWN,
	PICTURE_OLD, /* of a screen that is gone: it was sent before the newest SCREEN */
};

enum picture_age connection_picture_age(const struct connection *c, uint32_t generation);
