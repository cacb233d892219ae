/*
 * What has changed since the file of a large registry was written: one line of JSON for each device
 * or invitation that is new or other than before, with the number of that change. So a change of
 * one among thousands costs a line, and who has read the file reads that line. Internal to this
 * folder.
 */
#pragma once

#include "common/base/buffer.h"
#include "server/registry/registry.h"

#include <sys/stat.h>

/* From this size on a file has a journal; below it is written as a whole, which is quick. */
#define REGISTRY_JOURNAL_FROM_BYTES (256U * 1024)
/* Beyond it the file is written anew. */
#define REGISTRY_JOURNAL_MAX_BYTES (1024U * 1024)
/* So many changes at once are a new file rather than lines. */
/* How a line of the journal begins; the number follows. */
#define REGISTRY_JOURNAL_BEGIN       "{\"number\": "
#define REGISTRY_JOURNAL_CHANGES_MAX 32

/* A large registry as it lies on the disk. */
struct registry_stored {
	struct stat file;                /* of the registry's file, to know it again */
	size_t journal_bytes;            /* of whole lines that were read */
	struct registry_device *devices; /* owned: a copy */
	size_t device_count;
	struct registry_invitation *invitations; /* owned: a copy */
	size_t invitation_count;
};

void registry_stored_destroy(struct registry_stored *stored);
/* Takes r as it is for what is stored. -ENOMEM: then stored is NULL. */
int registry_stored_note(
	struct registry *r, const struct stat *file, size_t journal_bytes) MUST_CHECK;

/*
 * Lines for what differs from r->stored, each with number. 0: there are lines, maybe none; 1: they
 * cannot say it (something is gone, or too much changed).
 */
int registry_journal_format(
	struct buffer *out, const struct registry *r, int64_t number) MUST_CHECK;

/*
 * Applies whole lines to r (and to r->stored where there is one); *used: their bytes. Lines of
 * numbers that r has are passed over. 1: a line before the next is missing, so that this is another
 * registry's journal; -EINVAL: a line is wrong.
 */
int registry_journal_apply(
	struct registry *r, const char *text, size_t len, size_t *used) MUST_CHECK;
