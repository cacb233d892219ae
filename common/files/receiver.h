/*
 * The receiving end of a transfer: takes the messages of the other end, one after the other, and
 * makes files, folders and links beneath one folder. It trusts none of them: a path was checked when
 * it was decoded, and is opened so that no name of it leads elsewhere (folder.h).
 */
#pragma once

#include "common/files/part.h"
#include "common/ipc/sandbox.h"
#include "common/wire/messages.h"

/* Files that are whole and wait for the disk together: one wait for many small files. */
#define FILES_SETTLE_COUNT SANDBOX_FILES_WAITING_MAX
#define FILES_SETTLE_BYTES (8U << 20)

/* Sends a message to the other end; 0 or -errno, which ends the transfer. */
typedef int (*files_send_fn)(void *user, const struct wire_message *m);
/* A file at fault; path: its bytes, with their end; there: the other end said so. */
typedef void (*files_fault_fn)(
	void *user, enum wire_file_fault fault, const char *path, bool there);

/* Folders that are complete but for files that wait for the disk. */
#define FILES_ENDED_MAX 256

/* A folder whose permissions and time are set when everything in it is there. */
struct files_receiver_folder {
	size_t path_len;
	char *path; /* owned; of one that has ended */
	uint16_t mode;
	int64_t mtime_s;
	uint32_t mtime_ns;
};

struct files_receiver {
	uint8_t transfer;
	int base;   /* borrowed: the folder; -1: one file, to stream */
	int stream; /* borrowed; -1: none */
	bool replace;
	/* In the place of the entries' first name; empty: they keep it. */
	char rename[WIRE_FILE_NAME_MAX_BYTES + 1];
	files_send_fn send;
	files_fault_fn fault;
	void *user;

	uint32_t entry;                          /* the last one that came */
	bool whole;                              /* LAST came */
	char path[WIRE_FILE_PATH_MAX_BYTES + 1]; /* of that entry, as it is made */
	struct files_part part;                  /* the file that is arriving */
	struct files_hash *hash;                 /* owned */
	struct files_part settling[FILES_SETTLE_COUNT];
	size_t settle_count;
	uint64_t settle_bytes;
	char folder_path[WIRE_FILE_PATH_MAX_BYTES + 1];
	struct files_receiver_folder folders[WIRE_FILE_DEPTH_MAX];
	size_t folder_count;
	struct files_receiver_folder ended[FILES_ENDED_MAX]; /* deepest first */
	size_t ended_count;

	uint32_t files, faults;
	uint64_t bytes;                    /* of files, also those that need not cross */
	uint64_t taken_bytes, acked_bytes; /* of messages: FILE_ACK */
};

/* The fields above the blank line are the caller's to set, before. -ENOMEM. */
int files_receiver_init(struct files_receiver *r) MUST_CHECK;

/* keep: what is not whole may be of use to a later try. A zeroed one is fine. */
void files_receiver_finish(struct files_receiver *r, bool keep);

/*
 * Takes a message of the sending end, FILE_TOTAL to FILE_LAST or FILE_FAULT, of encoded length len.
 * 0; 1: that was LAST, CLOSE is sent; or why the transfer ends: -EPROTO, or of the disk.
 */
int files_receiver_take(
	struct files_receiver *r, const struct wire_message *m, size_t len) MUST_CHECK;

/* When nothing else is to do: tells the other end of blocks that are here. 1: there may be more; 0;
 * -errno. */
int files_receiver_step(struct files_receiver *r) MUST_CHECK;

/* Tells the other end how much was taken when that is due: when there is enough news, or (now) any.
 * *told_bytes: what was said last. For all that arrives, streams too. What send says. */
int files_ack(files_send_fn send, void *user, uint8_t transfer, uint64_t taken_bytes,
	uint64_t *told_bytes, bool now) MUST_CHECK;

/* Says how much was taken when that is due; now: whenever there is anything to say. */
int files_receiver_ack(struct files_receiver *r, bool now) MUST_CHECK;
