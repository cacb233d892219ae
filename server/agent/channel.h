/*
 * One channel of a viewer, as a table: which messages and records its worker sends on it, what it is
 * told when it is attached and when the display changes, and what is undone at the end (PROTOCOL.md,
 * section 10). The agent knows its channels by a list of these (channels.c); a new one is a file, its
 * state in struct viewer, and a line there.
 *
 * What a worker may send is the gate's to say (gate.c), and was asked before a handler is called.
 */
#pragma once

#include "common/ipc/dispatch.h"
#include "server/agent/viewer.h"

#define VIEWER_CHANNEL_MESSAGES_MAX 8
#define VIEWER_CHANNEL_RECORDS_MAX  4
#define VIEWER_CHANNEL_CHANGES_MAX  2

/* A message whose values wire_decode and whose right the gate has checked. */
typedef void (*viewer_message_fn)(struct viewer *v, const struct wire_message *m);

/* Fields that are not set are nothing the channel has. */
struct viewer_channel {
	const char *name;
	uint32_t caps; /* enum wire_cap: gained and lost speak of these */
	bool stirs;    /* its messages are input: programs will do something about them */
	struct {
		enum wire_type type;
		viewer_message_fn handle;
	} messages[VIEWER_CHANNEL_MESSAGES_MAX];
	struct dispatch_rule records[VIEWER_CHANNEL_RECORDS_MAX]; /* owner: the viewer */

	/* Tells a viewer what is there when it comes; one without the capabilities too. */
	void (*attach)(struct viewer *v);
	/* Tells it when the display has changed (enum display_change). */
	struct {
		unsigned change;
		void (*send)(struct viewer *v);
	} changes[VIEWER_CHANNEL_CHANGES_MAX];
	/* The supervisor set the capabilities anew: it has them all only now, or not (any more). */
	void (*gained)(struct viewer *v);
	void (*lost)(struct viewer *v);
	/* After any such change, whatever it is. */
	void (*caps_set)(struct viewer *v);
	/* Before the viewer goes. */
	void (*finish)(struct viewer *v);
};

/* viewer_input.c, viewer_picture.c, viewer_cursor.c, viewer_clipboard.c */
extern const struct viewer_channel viewer_input_channel;
extern const struct viewer_channel viewer_picture_channel;
extern const struct viewer_channel viewer_cursor_channel;
extern const struct viewer_channel viewer_clipboard_channel;

/* --- what the viewer asks of its channels --- */

/* A message that the gate let pass. */
void viewer_channels_message(struct viewer *v, const struct wire_message *m);
/* The rule for a record, or NULL (dispatch.find). */
const struct dispatch_rule *viewer_channels_rule(void *owner, enum record_type type, void **self);
void viewer_channels_attach(struct viewer *v);
/* v->caps were set anew; gained: those that it did not have before. */
void viewer_channels_caps(struct viewer *v, uint32_t gained);
void viewer_channels_finish(struct viewer *v);
/* Tells every viewer what has changed on the display. */
void viewer_channels_changed(struct agent *a);

/* --- what a channel asks of its viewer --- */

/* After any send. A failed one ends the viewer, once the loop sees it: its list may be walked now. */
void viewer_sent(struct viewer *v, int r);
/* Sends a record with memory that the worker can only read. memory NULL or without pixels: none. */
void viewer_send_memory(
	struct viewer *v, const struct view_record *record, const struct ipc_memory *memory);
/* Reads on or no more, as v->stalled says now. */
void viewer_watch(struct viewer *v);
