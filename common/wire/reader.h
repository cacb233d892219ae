/*
 * The bounds-checked reader: every byte that crosses a process boundary is read by it. Big-endian.
 *
 * Its error is sticky: a read past the end gives zeros and sets failed; one test at the end of a
 * message is enough.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

struct wire_reader {
	const uint8_t *at; /* borrowed */
	const uint8_t *end;
	bool failed;
	/* Static: the first field that wire_in_range was told of, or NULL. */
	const char *out_of_range;
};

void wire_reader_init(struct wire_reader *r, const uint8_t *bytes, size_t len);

uint8_t wire_read_u8(struct wire_reader *r);
uint16_t wire_read_u16(struct wire_reader *r);
uint32_t wire_read_u32(struct wire_reader *r);
uint64_t wire_read_u64(struct wire_reader *r);
int16_t wire_read_i16(struct wire_reader *r);
int32_t wire_read_i32(struct wire_reader *r);
int64_t wire_read_i64(struct wire_reader *r);

/* 0 or 1; anything else fails the reader. */
bool wire_read_bool(struct wire_reader *r);

/* Copies exactly len bytes; zeros when they are not there. */
void wire_read_bytes(struct wire_reader *r, void *out, size_t len);

/* The next len bytes in place (borrowed from the message), or NULL when they are not there. */
const uint8_t *wire_read_view(struct wire_reader *r, size_t len);

/* u16 length, then that many bytes in place. A length over max fails the reader. */
const uint8_t *wire_read_blob(struct wire_reader *r, size_t max, size_t *len);

/* u8 length, then UTF-8 text without control characters; written with its end to out (size bytes).
 * Text that is too long for out, or not clean, fails the reader and leaves out empty. */
void wire_read_text(struct wire_reader *r, char *out, size_t size);

/*
 * A reader of exactly the next len bytes; r goes on after them. When they are not there both fail.
 */
struct wire_reader wire_read_sub(struct wire_reader *r, size_t len);

size_t wire_reader_left(const struct wire_reader *r);

/* in_range, and when it is not, keeps the name of the field for the log. */
static inline bool wire_in_range(struct wire_reader *r, bool in_range, const char *field)
{
	if (!in_range && !r->out_of_range)
		r->out_of_range = field;
	return in_range;
}

/* Everything was read, nothing failed. */
bool wire_reader_done(const struct wire_reader *r);

/*
 * Whether text is UTF-8 (RFC 3629) without control characters (U+0000 to U+001F, U+007F to U+009F).
 */
bool wire_text_clean(const void *text, size_t len);
