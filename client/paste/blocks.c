#include "client/paste/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct paste_block *paste_blocks_find(struct paste_blocks *b, uint32_t node, uint32_t index)
{
	for (size_t i = 0; i < PASTE_BLOCKS_MAX; i++) {
		struct paste_block *block = &b->at[i];
		if (block->state == PASTE_BLOCK_FREE || block->node != node ||
			block->index != index)
			continue;
		block->used = ++b->uses;
		return block;
	}
	return NULL;
}

void paste_block_drop(struct paste_block *b)
{
	free(b->bytes);
	*b = (struct paste_block){ 0 };
}

/* A free one, else that which was used longest ago. */
static struct paste_block *room(struct paste_blocks *b)
{
	struct paste_block *oldest = NULL;

	for (size_t i = 0; i < PASTE_BLOCKS_MAX; i++) {
		struct paste_block *block = &b->at[i];
		if (block->state == PASTE_BLOCK_FREE)
			return block;
		if (block->state == PASTE_BLOCK_HERE && (!oldest || block->used < oldest->used))
			oldest = block;
	}
	if (oldest)
		paste_block_drop(oldest);
	return oldest;
}

struct paste_block *paste_blocks_take(
	struct paste_blocks *b, uint32_t node, uint32_t index, size_t size)
{
	struct paste_block *block = room(b);
	uint8_t *bytes = block ? malloc(size) : NULL;

	if (!bytes)
		return NULL;
	*block = (struct paste_block){ .state = PASTE_BLOCK_ASKED,
		.node = node,
		.index = index,
		.bytes = bytes,
		.size = size,
		.used = ++b->uses };
	return block;
}

int paste_block_add(struct paste_block *b, const uint8_t *bytes, size_t len)
{
	if (len > b->size - b->len)
		return -EPROTO;
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
	return 0;
}

void paste_blocks_drop_of(struct paste_blocks *b, uint32_t node, const struct paste_block *kept)
{
	for (size_t i = 0; i < PASTE_BLOCKS_MAX; i++)
		if (b->at[i].state == PASTE_BLOCK_HERE && b->at[i].node == node &&
			&b->at[i] != kept)
			paste_block_drop(&b->at[i]);
}

void paste_blocks_finish(struct paste_blocks *b)
{
	for (size_t i = 0; i < PASTE_BLOCKS_MAX; i++)
		paste_block_drop(&b->at[i]);
}
