/*
 * One channel of a session at the link's end, as a table: which messages the workstation sends on it
 * and which records the UI, and what is left to do at the end (PROTOCOL.md, section 10). The link
 * knows its channels by a list of these (channels.c); a new one is a file, its state in struct link,
 * and a line there.
 *
 * Which capability a message of the UI needs stands in the protocol's own table (wire_cap_needed);
 * what the workstation sends, it may send.
 */
#pragma once

#include "common/ipc/dispatch.h"
#include "common/wire/messages.h"

#define LINK_CHANNEL_MESSAGES_MAX 16
#define LINK_CHANNEL_RECORDS_MAX  4

struct link;

/* A message of the workstation, whose values wire_decode and whose phase the peer has checked. */
typedef void (*link_message_fn)(struct link *l, const struct wire_message *m);

/* Fields that are not set are nothing the channel has. */
struct link_channel {
	const char *name;
	struct {
		enum wire_type type;
		link_message_fn handle;
	} messages[LINK_CHANNEL_MESSAGES_MAX];
	struct dispatch_rule records[LINK_CHANNEL_RECORDS_MAX]; /* of the UI; owner: the link */
	void (*finish)(struct link *l);
};

/* server.c: the session itself. */
extern const struct link_channel link_control_channel;

/* A message of the workstation; one that no channel has breaks the protocol. */
void link_channels_message(struct link *l, const struct wire_message *m);
/* The rule for a record of the UI, or NULL (dispatch.find). */
const struct dispatch_rule *link_channels_rule(void *owner, enum record_type type, void **self);
void link_channels_finish(struct link *l);
