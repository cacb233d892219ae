/*
 * The sending end of a transfer: walks what is to be sent and says it, message by message, without
 * waiting for anything. The receiving end is trusted with nothing but hashes of blocks, which are
 * compared.
 */
#pragma once

#include "common/files/folder.h"
#include "common/files/hash.h"
#include "common/files/receiver.h"
#include "common/files/sender_total.h"

/* What is sent: an open file, folder or pipe, and how the other end is to call it. */
struct files_source {
	int fd; /* owned by the caller */
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];
};

struct files_sender {
	uint8_t transfer;
	bool links;                         /* symbolic links as such; else they are at fault */
	bool names;                         /* what is in the one source, by name alone */
	const struct files_source *sources; /* borrowed */
	size_t source_count;
	files_send_fn send;
	files_fault_fn fault;
	void *user;

	size_t next_source;
	uint32_t entry;
	bool whole; /* LAST is sent */
	struct files_total total;
	/* The walk: folders from the source down; path is the entry's, path_lens those of the folders. */
	struct files_sender_folder *folders; /* owned: WIRE_FILE_DEPTH_MAX */
	size_t depth;
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
	/* The file that is being sent. */
	int fd; /* -1: none */
	bool fd_owned, pipe, sparse;
	uint64_t size_bytes, at;
	uint8_t *
		block; /* owned: WIRE_FILE_BLOCK_BYTES; of them block_len from block_at on are read */
	uint64_t block_at;
	size_t block_len;
	struct files_hash *hash; /* owned */
	uint8_t *have; /* owned: hashes that the receiving end has of it, from the first block on */
	uint32_t have_count;

	uint32_t files, faults;
	uint64_t bytes;
};

/* The fields above the blank line are the caller's to set, before. -ENOMEM. */
int files_sender_init(struct files_sender *s) MUST_CHECK;
void files_sender_finish(struct files_sender *s);

/* Says the next thing. 1: there is more; 0: LAST was sent; -EAGAIN: a pipe (files_sender_pipe) has
 * nothing yet; -errno: the transfer ends. */
int files_sender_step(struct files_sender *s) MUST_CHECK;

/* The pipe that is being sent, or -1. */
int files_sender_pipe(const struct files_sender *s);

/* Takes FILE_HAVE, FILE_FAULT or FILE_ACK of the receiving end. 0, -EPROTO. */
int files_sender_take(struct files_sender *s, const struct wire_message *m) MUST_CHECK;
