/* A growing byte buffer with a limit, read from the front: what outgoing bytes wait in. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

struct buffer {
	uint8_t *data; /* owned; the bytes stand at data + start, len of them */
	size_t start;
	size_t len;
	size_t capacity;
	size_t limit_bytes; /* len never exceeds it */
};

/* An empty buffer that never holds more than limit_bytes. Takes no memory yet. */
void buffer_init(struct buffer *b, size_t limit_bytes);

/* Frees; a zeroed or finished buffer is fine. buffer_wipe_finish also wipes what stood in it. */
void buffer_finish(struct buffer *b);
void buffer_wipe_finish(struct buffer *b);

/* Appends. -E2BIG over the limit, -ENOMEM; then nothing was added. */
int buffer_append(struct buffer *b, const void *bytes, size_t len) MUST_CHECK;

/*
 * Makes room for len more bytes and gives the place to write them to; buffer_commit counts those
 * written. The pointer is valid until the next call on b. Errors as buffer_append.
 */
int buffer_reserve(struct buffer *b, size_t len, uint8_t **out) MUST_CHECK;
void buffer_commit(struct buffer *b, size_t len);

/* The bytes at the front; buffer_consume takes len <= b->len of them away. */
const uint8_t *buffer_front(const struct buffer *b);
void buffer_consume(struct buffer *b, size_t len);
void buffer_clear(struct buffer *b);

/* Overwrites memory in a way that the compiler keeps. */
void secure_wipe(void *bytes, size_t len);
