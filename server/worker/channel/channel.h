/*
 * One channel of a session at the worker's end, as a table: what it sends and takes, what a device
 * needs for it, and what happens at its turns (PROTOCOL.md, section 10). The worker knows its
 * channels by a list of these (server/worker/channels.c); a new one is a folder beside screen/ and
 * a line there.
 *
 * Fields that are not set are nothing the channel has. self is what the channel made of itself.
 */
#pragma once

#include "common/ipc/dispatch.h"
#include "common/ipc/records_worker.h"
#include "common/peer/peer.h"

#define WORKER_CHANNEL_MESSAGES_MAX 16
#define WORKER_CHANNEL_RECORDS_MAX  3

/* What a channel may ask of its worker: all that it knows of it. */
struct worker_host {
	struct peer *peer; /* borrowed */
	void *worker;      /* for the functions */
	bool (*has_agent)(const void *worker);
	/* A record without a body. Nothing without an agent. */
	void (*tell_agent)(void *worker, enum record_type type);
	/* Asks the supervisor for a farseat-files, sftp: that speaks SFTP; files_answer follows. */
	void (*ask_files)(void *worker, uint8_t transfer, bool sftp, uint32_t caps);
	/* Asks the supervisor for a farseat-sound; sound_answer follows. */
	void (*ask_sound)(void *worker);
	/* What the link carries, as the picture has measured it; 0: not known. */
	uint64_t (*link_bytes_per_s)(const void *worker);
	/* Ends the session with a goodbye (enum wire_goodbye_code); the first call counts. */
	void (*fail)(void *worker, uint16_t code, const char *format, ...) PRINTF_LIKE(3, 4);
	/* A message as a record. Nothing without an agent. */
	void (*send_agent)(void *worker, const struct wire_message *m);
	/* Contents of the clipboard have crossed: for the supervisor's log. */
	void (*tell_carried)(void *worker, const struct record_carried *carried);
};

/* Queues a message on a channel; one that does not read is ended. */
void worker_host_send(
	const struct worker_host *host, enum peer_channel channel, const struct wire_message *m);

/* A message of the client whose values wire_decode has checked, and that its device may send. */
typedef void (*worker_channel_message_fn)(void *self, const struct wire_message *m);

struct worker_channel {
	const char *name;
	uint32_t caps; /* of the device (enum wire_cap): without all of them it rests */
	enum peer_channel priority;
	peer_source_fn source; /* user: self */

	struct {
		enum wire_type type;
		worker_channel_message_fn handle;
	} messages[WORKER_CHANNEL_MESSAGES_MAX];
	struct dispatch_rule records[WORKER_CHANNEL_RECORDS_MAX]; /* of the agent; owner: self */
	enum wire_type forwards; /* of the agent, and handed to the client as it is */
	/* Of the agent: any of messages, which both ends of this channel have. -EPROTO. */
	int (*from_agent)(void *self, const struct wire_message *m);

	/* The session is open; features: those of both ends. */
	void (*opened)(void *self, uint32_t features);
	/* What the device may do from now on (enum wire_cap); after opened, and at each change. */
	void (*set_caps)(void *self, uint32_t caps);

	/* The agent is another one, or gone: what was asked of it is void. */
	void (*agent_changed)(void *self);
	/* The client lacks everything: it asked for it (REFRESH), or may have it only now. */
	void (*refresh)(void *self);
	/* Does what can be done now. true: it did something that may have to be sent; after that is
	 * with the kernel it is called again. */
	bool (*step)(void *self);
	/* Milliseconds until step has something to do by itself; -1: it waits for others. */
	int (*timeout_ms)(const void *self, uint64_t now_ms);
	void (*finish)(void *self);
};
