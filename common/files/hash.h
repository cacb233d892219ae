/*
 * The hash of a file (PROTOCOL.md, FILE_END): of the hashes of its blocks, so that a file of which
 * the receiving end has blocks already is still checked as a whole. XXH3 finds faults of disks and
 * of programs; against people there is TLS.
 */
#pragma once

#include "common/base/macros.h"
#include "common/wire/files.h"

struct files_hash; /* opaque: the library's states are large and aligned */

/* NULL: no memory. */
struct files_hash *files_hash_create(void);
void files_hash_destroy(struct files_hash *h);

/* Begins a file. */
void files_hash_begin(struct files_hash *h);

/* The file's next bytes, at any length; zeros without having them anywhere. */
void files_hash_bytes(struct files_hash *h, const uint8_t *bytes, size_t len);
void files_hash_zeros(struct files_hash *h, uint64_t len);

/* A whole block, or the file's last one, by its hash alone. Only at the beginning of a block. */
void files_hash_block(struct files_hash *h, const uint8_t hash[static WIRE_FILE_HASH_BYTES]);

/* Ends the file. */
void files_hash_end(struct files_hash *h, uint8_t out[static WIRE_FILE_HASH_BYTES]);

/* The hash of one block. */
void files_hash_of(const uint8_t *bytes, size_t len, uint8_t out[static WIRE_FILE_HASH_BYTES]);
