/*
 * The end that lends (PROTOCOL.md, section 8, Lending): answers what the other end asks of the files
 * that are copied in the session, one question after the other, and does nothing by itself. It reads
 * beneath the sources alone, and follows no link.
 */
#pragma once

#include "common/files/folder.h"
#include "common/files/lending.h"
#include "common/files/receiver.h"
#include "common/files/sender.h"

struct files_lender_question {
	uint32_t ask;
	uint8_t kind;
	uint64_t offset;
	uint32_t len;
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
};

struct files_lender {
	uint8_t transfer;
	struct files_source *sources; /* borrowed; their names are made to differ */
	size_t source_count;
	files_send_fn send;
	void *user;

	struct files_lender_question *questions; /* owned: LENDING_ASKS_MAX, a ring */
	size_t first, count;
	bool begun; /* the first one is being answered */
	/* READ */
	int fd;
	bool fd_owned;
	struct lending_version version; /* at the beginning of the answer */
	uint64_t at;
	uint32_t left;
	/* LIST */
	struct folder_list list;
	size_t next_source;
	uint8_t *out; /* owned: LENDING_MAX_BYTES, the answer that is made */

	uint64_t taken_bytes, told_bytes; /* of messages: FILE_ACK */
	uint32_t files;                   /* whose beginning was read */
	uint64_t bytes;
};

/* The fields above the blank line are the caller's to set, before. -ENOMEM. */
int files_lender_init(struct files_lender *l) MUST_CHECK;
void files_lender_finish(struct files_lender *l);

/* Takes STREAM, ACK or CLOSE of the other end, of encoded length len. 0; 1: it is the end; -EPROTO: also
 * when more questions wait than may. */
int files_lender_take(struct files_lender *l, const struct wire_message *m, size_t len) MUST_CHECK;

/* Whether a question waits; its answer's next message. -errno: the transfer ends. */
bool files_lender_waits(const struct files_lender *l);
int files_lender_step(struct files_lender *l) MUST_CHECK;

/* As files_receiver_ack. */
int files_lender_ack(struct files_lender *l, bool now) MUST_CHECK;
