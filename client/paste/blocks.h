/*
 * Parts of lent files that were asked for: those that programs wait for, those that they will want next,
 * and those that they had lately. What is not used makes room. No I/O.
 */
#pragma once

#include "common/files/lending.h"

/* 32 MiB at most. */
#define PASTE_BLOCKS_MAX  256
#define PASTE_BLOCK_BYTES LENDING_READ_MAX_BYTES

enum paste_block_state { PASTE_BLOCK_FREE, PASTE_BLOCK_ASKED, PASTE_BLOCK_HERE };

struct paste_block {
	enum paste_block_state state;
	uint32_t node, index; /* its bytes begin at index * PASTE_BLOCK_BYTES */
	uint8_t *bytes;       /* owned; room for size */
	size_t size, len;
	int error; /* HERE: there is none of it, for that reason */
	struct lending_version version;
	uint64_t came_ms;
	bool ahead;    /* a file's first one, asked for before anybody has opened the file */
	uint64_t used; /* by the count of uses */
};

struct paste_blocks {
	struct paste_block at[PASTE_BLOCKS_MAX];
	uint64_t uses;
};

/* Counts as a use. NULL: it was not asked for, or has made room. */
struct paste_block *paste_blocks_find(struct paste_blocks *b, uint32_t node, uint32_t index);

/* One to ask for, with room for size bytes (at most PASTE_BLOCK_BYTES). NULL: all of them are asked for,
 * or no memory. */
struct paste_block *paste_blocks_take(
	struct paste_blocks *b, uint32_t node, uint32_t index, size_t size);

/* Appends what has come. -EPROTO: more than size. */
int paste_block_add(struct paste_block *b, const uint8_t *bytes, size_t len) MUST_CHECK;

void paste_block_drop(struct paste_block *b);
/* All of a file that are here, but kept (may be NULL). */
void paste_blocks_drop_of(struct paste_blocks *b, uint32_t node, const struct paste_block *kept);
void paste_blocks_finish(struct paste_blocks *b);
