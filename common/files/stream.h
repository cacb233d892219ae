/*
 * One end of a stream (FILE_SFTP): what comes from a descriptor goes to the other end as FILE_STREAM,
 * what comes from there goes to another descriptor. It reads no byte of it. What one message holds
 * waits here while the descriptor does not take it; until then no other message is taken, and the
 * other end's window says how much may come before that is acknowledged.
 */
#pragma once

#include "common/files/receiver.h"

struct files_stream {
	uint8_t transfer;
	int from, to; /* borrowed */
	files_send_fn send;
	void *user;

	bool ended;                       /* from has come to its end */
	uint64_t sent_bytes, acked_bytes; /* of messages */
	uint64_t taken_bytes, told_bytes; /* of messages: FILE_ACK */
	uint64_t bytes;                   /* that went either way */
	uint8_t waiting[WIRE_FILE_PART_MAX_BYTES];
	size_t waiting_at, waiting_len; /* of them, for to */
	size_t message_len;             /* of the message that they came in */
};

/* Reads what there is, once, when from is readable, and says it. At its end, when the other end has
 * taken everything, says CLOSE: 1. 0; -errno. */
int files_stream_read(struct files_stream *s) MUST_CHECK;

/* Whether from is still to be read, and whether a message waits for to. */
bool files_stream_reads(const struct files_stream *s);
bool files_stream_waits(const struct files_stream *s);

/* Takes STREAM (none waits), ACK or CLOSE of the other end, of encoded length len. 0; 1: it is the end;
 * -EPROTO; or as files_stream_write. */
int files_stream_take(struct files_stream *s, const struct wire_message *m, size_t len) MUST_CHECK;

/* Writes what waits, as far as to takes it now. 0; -EIO: nobody reads it; -errno. */
int files_stream_write(struct files_stream *s) MUST_CHECK;

/* As files_receiver_ack. */
int files_stream_ack(struct files_stream *s, bool now) MUST_CHECK;
