/*
 * Contents of a clipboard that grow part by part to as much as 64 MiB, in pieces of one size. One block
 * of memory would be copied, wiped and touched anew each time it doubles: a process that draws a window
 * or types for somebody stood still for a tenth of a second by that.
 */
#pragma once

#include "common/base/macros.h"
#include "common/wire/limits.h"

#include <stddef.h>
#include <stdint.h>

/* Small beside what stops a picture (1 ms to touch), large beside the bookkeeping. */
#define PIECES_ONE_BYTES (1U << 20)
#define PIECES_MAX       (WIRE_CLIPBOARD_PNG_MAX_BYTES / PIECES_ONE_BYTES)

struct pieces {
	uint8_t *at[PIECES_MAX]; /* owned; all but the last are full */
	size_t len;              /* in all */
	size_t limit_bytes;      /* of len; at most PIECES_MAX of them */
};

/* Nothing yet; takes no memory. */
void pieces_init(struct pieces *p, size_t limit_bytes);
/* Wipes and frees; the limit stays. A zeroed one is fine. */
void pieces_clear(struct pieces *p);

/* -E2BIG over the limit, -ENOMEM: a part of them may have been added. */
int pieces_append(struct pieces *p, const uint8_t *bytes, size_t len) MUST_CHECK;

/* What stands together from the byte at on: how many, 0 at the end; *out where, borrowed until
 * pieces_clear. */
size_t pieces_from(const struct pieces *p, size_t at, const uint8_t **out);
