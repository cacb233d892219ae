/*
 * Contents as a program has copied them, made into what crosses (PROTOCOL.md, section 8,
 * CLIPBOARD_DATA): UTF-8 whatever the program wrote, and no more than is allowed. Parts go in, parts
 * come out. In worker and link alone, since programs and the pages that people copy from are strangers.
 *
 *   text  malformed bytes become U+FFFD, zero bytes go; line ends stay as they are
 *   HTML  UTF-16 (older Firefox) and Windows-1252 become UTF-8; a <meta> says so where none does, since
 *         readers without one guess
 *   PNG   passes, if it is one of a size that is allowed
 *   RTF   passes, if it begins as one
 */
#pragma once

#include "common/clipboard/check.h"

/* Where a <meta> with a charset stands, if there is one (HTML, 13.2.3.2). */
#define CONVERT_HEAD_BYTES 1024

/* What an input of len bytes becomes at most: each byte U+FFFD, what was held back, a <meta>. */
#define CONVERT_OUT_MAX_BYTES(len) (3 * ((len) + CONVERT_HEAD_BYTES) + 256)

enum convert_encoding {
	CONVERT_UNKNOWN, /* the head is not whole */
	CONVERT_UTF8,
	CONVERT_UTF16LE,
	CONVERT_UTF16BE,
	CONVERT_WINDOWS_1252,
};

struct convert {
	struct check check; /* of what passes: PNG, RTF; its kind is the kind of all */
	struct text_part text;
	enum convert_encoding encoding;
	uint8_t head[CONVERT_HEAD_BYTES]; /* of HTML, as it came */
	size_t head_len;
	uint8_t odd_byte; /* of UTF-16, whose other half has not come */
	bool has_odd_byte;
	uint16_t high_surrogate; /* whose other half has not come; 0 none */
};

void convert_init(struct convert *c, enum clipboard_kind kind);

/* Converts the next bytes, appended to out; end: they are the last. -EBADMSG: not of that kind;
 * -E2BIG: too many pixels, or out is full; -ENOMEM. */
int convert_take(struct convert *c, const uint8_t *bytes, size_t len, bool end,
	struct buffer *out) MUST_CHECK;
