#include "common/base/buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY_BYTES 1024

void buffer_init(struct buffer *b, size_t limit_bytes)
{
	*b = (struct buffer){ .limit_bytes = limit_bytes };
}

void buffer_finish(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

void buffer_wipe_finish(struct buffer *b)
{
	if (b->data)
		secure_wipe(b->data, b->capacity);
	buffer_finish(b);
}

static void move_to_front(struct buffer *b)
{
	if (b->start > 0 && b->len > 0)
		memmove(b->data, b->data + b->start, b->len);
	b->start = 0;
}

static int grow(struct buffer *b, size_t needed)
{
	size_t capacity = b->capacity ? b->capacity : FIRST_CAPACITY_BYTES;

	/* By doubling, so that many small appends cost no more than a few copies. */
	while (capacity < needed)
		capacity = capacity > b->limit_bytes / 2 ? b->limit_bytes : capacity * 2;

	/* Not realloc: a buffer may hold secrets, which would stay behind in the freed block. */
	uint8_t *data = malloc(capacity);
	if (!data)
		return -ENOMEM;
	if (b->len > 0)
		memcpy(data, b->data + b->start, b->len);
	if (b->data)
		secure_wipe(b->data, b->start + b->len);
	free(b->data);
	b->data = data;
	b->start = 0;
	b->capacity = capacity;
	return 0;
}

int buffer_reserve(struct buffer *b, size_t len, uint8_t **out)
{
	if (len > b->limit_bytes - b->len)
		return -E2BIG;
	if (len > b->capacity - b->start - b->len) {
		if (len <= b->capacity - b->len) {
			move_to_front(b);
		} else {
			int r = grow(b, b->len + len);
			if (r < 0)
				return r;
		}
	}
	*out = b->data + b->start + b->len;
	return 0;
}

void buffer_commit(struct buffer *b, size_t len)
{
	assert(len <= b->capacity - b->start - b->len);
	b->len += len;
}

int buffer_append(struct buffer *b, const void *bytes, size_t len)
{
	uint8_t *to = NULL;
	int r = buffer_reserve(b, len, &to);

	if (r < 0)
		return r;
	if (len > 0)
		memcpy(to, bytes, len);
	b->len += len;
	return 0;
}

const uint8_t *buffer_front(const struct buffer *b)
{
	return b->data ? b->data + b->start : NULL;
}

void buffer_consume(struct buffer *b, size_t len)
{
	assert(len <= b->len);
	b->start += len;
	b->len -= len;
	if (b->len == 0)
		b->start = 0;
}

void buffer_clear(struct buffer *b)
{
	b->start = 0;
	b->len = 0;
}

void secure_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}
