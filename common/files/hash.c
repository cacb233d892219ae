#include "common/files/hash.h"

#include <stdlib.h>
#include <xxhash.h>

/* A page of zeros at a time. */
#define ZEROS_BYTES 4096U

struct files_hash {
	XXH3_state_t *blocks;                     /* owned: over the hashes of the blocks */
	XXH3_state_t *block;                      /* owned: over the block that is not whole yet */
	uint64_t block_bytes;                     /* of it so far */
	uint8_t zero_block[WIRE_FILE_HASH_BYTES]; /* of a whole block of zeros */
};

static void put(XXH128_hash_t hash, uint8_t out[static WIRE_FILE_HASH_BYTES])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, hash);
	for (size_t i = 0; i < WIRE_FILE_HASH_BYTES; i++)
		out[i] = canonical.digest[i];
}

static void next_block(struct files_hash *h)
{
	h->block_bytes = 0;
	XXH3_128bits_reset(h->block);
}

struct files_hash *files_hash_create(void)
{
	struct files_hash *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->blocks = XXH3_createState();
	h->block = XXH3_createState();
	if (!h->blocks || !h->block) {
		files_hash_destroy(h);
		return NULL;
	}
	next_block(h);
	for (size_t i = 0; i < WIRE_FILE_BLOCK_BYTES / ZEROS_BYTES; i++) {
		static const uint8_t zeros[ZEROS_BYTES];
		XXH3_128bits_update(h->block, zeros, sizeof(zeros));
	}
	put(XXH3_128bits_digest(h->block), h->zero_block);
	files_hash_begin(h);
	return h;
}

void files_hash_destroy(struct files_hash *h)
{
	if (!h)
		return;
	XXH3_freeState(h->blocks);
	XXH3_freeState(h->block);
	free(h);
}

void files_hash_begin(struct files_hash *h)
{
	XXH3_128bits_reset(h->blocks);
	next_block(h);
}

static void end_block(struct files_hash *h)
{
	uint8_t hash[WIRE_FILE_HASH_BYTES];

	put(XXH3_128bits_digest(h->block), hash);
	files_hash_block(h, hash);
	next_block(h);
}

void files_hash_bytes(struct files_hash *h, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t part = WIRE_FILE_BLOCK_BYTES - h->block_bytes;
		if (part > len)
			part = len;
		XXH3_128bits_update(h->block, bytes, part);
		h->block_bytes += part;
		bytes += part;
		len -= part;
		if (h->block_bytes == WIRE_FILE_BLOCK_BYTES)
			end_block(h);
	}
}

void files_hash_zeros(struct files_hash *h, uint64_t len)
{
	static const uint8_t zeros[ZEROS_BYTES];

	while (len > 0) {
		if (h->block_bytes == 0 && len >= WIRE_FILE_BLOCK_BYTES) {
			files_hash_block(h, h->zero_block);
			len -= WIRE_FILE_BLOCK_BYTES;
			continue;
		}
		size_t part = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
		files_hash_bytes(h, zeros, part);
		len -= part;
	}
}

void files_hash_block(struct files_hash *h, const uint8_t hash[static WIRE_FILE_HASH_BYTES])
{
	XXH3_128bits_update(h->blocks, hash, WIRE_FILE_HASH_BYTES);
}

void files_hash_end(struct files_hash *h, uint8_t out[static WIRE_FILE_HASH_BYTES])
{
	if (h->block_bytes > 0)
		end_block(h);
	put(XXH3_128bits_digest(h->blocks), out);
}

void files_hash_of(const uint8_t *bytes, size_t len, uint8_t out[static WIRE_FILE_HASH_BYTES])
{
	put(XXH3_128bits(bytes, len), out);
}
