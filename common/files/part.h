/*
 * A file that arrives (ARCHITECTURE.md, D-FILES): it grows in a part file beside its place, which a
 * later try of the same name finds again. Only files_part_settle gives it its name, when
 * files_part_sync says that the disk has it.
 *
 * A file that is there already, with the same size and time, is compared instead, so that a copy of
 * many files that was broken off can be ordered again.
 */
#pragma once

#include "common/base/macros.h"
#include "common/files/hash.h"

#include <stdbool.h>

/* ".farseat-" 16 digits ".part" and the end. */
#define FILES_PART_NAME_BYTES 32

struct files_part {
	int folder; /* owned; -1: bytes go to a stream */
	int fd;     /* owned, but a stream's; -1: no file is open */
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];
	char temp[FILES_PART_NAME_BYTES];
	uint16_t mode;
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint64_t size_bytes; /* or WIRE_FILE_SIZE_UNKNOWN */
	uint64_t at;         /* how much has come */
	uint64_t old_bytes;  /* in the part file from an earlier try */
	bool replace, compare;
	uint64_t device; /* whose disk it is */

	struct files_hash *hash; /* borrowed */
	/* Blocks of an earlier try: have_total there are, of have_count the hash is known. */
	uint8_t *have; /* owned */
	uint32_t have_count, have_total;
};

/* Whether a name is one that part files have; such files are never sent. */
bool files_part_is_name(const char *name);

/*
 * Begins a file beneath base. path: where, with its end; entry: its mode, time and size. -EEXIST:
 * there is another one; -EBUSY: another transfer is at work on it; or what the file system says.
 */
int files_part_open(struct files_part *p, int base, const char *path,
	const struct wire_file_entry *entry, bool replace, struct files_hash *hash) MUST_CHECK;

/* One that is written to a stream, a pipe or terminal. fd is borrowed. */
void files_part_open_stream(
	struct files_part *p, int fd, const struct wire_file_entry *entry, struct files_hash *hash);

/*
 * The next bytes; zeros; blocks that are there. -EPROTO: more than the file has, or blocks that
 * files_part_have never named; -EEXIST: it differs from the file that is there.
 */
int files_part_bytes(struct files_part *p, const uint8_t *bytes, size_t len) MUST_CHECK;
int files_part_zeros(struct files_part *p, uint64_t len) MUST_CHECK;
int files_part_kept(struct files_part *p, uint64_t len) MUST_CHECK;

/* It is whole: -EPROTO for another size, -EBADMSG for another hash. Then it is to be settled. */
int files_part_end(struct files_part *p, const struct wire_file_end *end) MUST_CHECK;

/* Waits for the disk: for all of them at once, since waiting for each takes milliseconds. */
int files_part_sync(const struct files_part *parts, size_t count) MUST_CHECK;

/* Gives the file its name; it was waited for. Closed afterwards, and gone if it failed. */
int files_part_settle(struct files_part *p) MUST_CHECK;

/* Gives it up. keep: what came may be of use to a later try. One that is closed is fine. */
void files_part_drop(struct files_part *p, bool keep);

/* Hashes of the next blocks from an earlier try: 1 with *have filled (until the next call), 0 when
 * there are none (any more). */
int files_part_have(struct files_part *p, struct wire_file_have *have) MUST_CHECK;
