/*
 * Text in parts, as it comes: UTF-8 without zero bytes, judged or mended. Runs in confined processes
 * alone, on bytes of strangers.
 */
#pragma once

#include "common/base/buffer.h"

/* The begin of a character whose rest has not come yet. Zeroed at first. */
struct text_part {
	uint8_t bytes[4];
	size_t len;
};

/*
 * Takes the next bytes; end: they are the last. With out NULL it judges: -EBADMSG where they are not
 * clean. Else it appends what they say and mends: malformed bytes become U+FFFD, zero bytes go (some
 * programs end their text by one). -E2BIG, -ENOMEM of the buffer.
 */
int text_take(struct text_part *p, const uint8_t *bytes, size_t len, bool end,
	struct buffer *out) MUST_CHECK;

/* Appends one character. As buffer_append. */
int text_put(struct buffer *out, uint32_t code) MUST_CHECK;
