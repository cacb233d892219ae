/*
 * The bounds-checked reader and writer of slices. A number is a row of groups of 7 bits, the low
 * group first, with the top bit set on all but the last byte; most numbers are small.
 *
 * The error of both is sticky: a read past the end gives zeros, a write past the end is dropped,
 * and failed stays set.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

struct codec_reader {
	const uint8_t *at; /* borrowed */
	const uint8_t *end;
	bool failed;
};

void codec_reader_init(struct codec_reader *r, const uint8_t *bytes, size_t len);
uint8_t codec_read_u8(struct codec_reader *r);

/* A number of at most max; a larger one, or one in a longer form than needed, fails the reader and
 * gives 0. */
uint32_t codec_read_number(struct codec_reader *r, uint32_t max);

/* The next len bytes in place, or NULL when they are not there. */
const uint8_t *codec_read_view(struct codec_reader *r, size_t len);

/* A reader of exactly the next len bytes; when they are not there both fail. */
struct codec_reader codec_read_sub(struct codec_reader *r, size_t len);

size_t codec_reader_left(const struct codec_reader *r);

/* Everything was read, nothing failed. */
bool codec_reader_done(const struct codec_reader *r);

struct codec_writer {
	uint8_t *bytes; /* borrowed */
	size_t len;
	size_t capacity;
	bool failed;
};

/* Bytes that codec_write_number takes at most. */
#define CODEC_NUMBER_MAX_BYTES 5

void codec_writer_init(struct codec_writer *w, uint8_t *bytes, size_t capacity);
void codec_write_u8(struct codec_writer *w, uint8_t value);
void codec_write_bytes(struct codec_writer *w, const void *bytes, size_t len);
void codec_write_number(struct codec_writer *w, uint32_t value);

/* Signed numbers as 0, -1, 1, -2, ... */
static inline uint32_t codec_fold(int32_t value)
{
	return ((uint32_t)value << 1) ^ (value < 0 ? UINT32_MAX : 0);
}

static inline int32_t codec_unfold(uint32_t folded)
{
	return (int32_t)(folded >> 1) ^ -(int32_t)(folded & 1);
}
