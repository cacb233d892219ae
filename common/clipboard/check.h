/*
 * Whether contents of the other end are what their kind says (PROTOCOL.md, section 8, CLIPBOARD_DATA).
 * In worker and link alone; agent and farseat hand on what passed.
 */
#pragma once

#include "common/clipboard/kind.h"
#include "common/clipboard/text.h"

/* As many bytes of a PNG as say its size: the signature and IHDR's beginning (PNG, 11.2.1). */
#define CHECK_PNG_HEAD_BYTES 24
#define CHECK_RTF_HEAD_BYTES 5

struct check {
	enum clipboard_kind kind;
	uint64_t bytes;
	uint8_t head[CHECK_PNG_HEAD_BYTES];
	struct text_part text;
};

void check_init(struct check *c, enum clipboard_kind kind);

/* The next bytes; end: they are the last. -EBADMSG: it is not of that kind; -E2BIG: more bytes or pixels
 * than the protocol allows. */
int check_take(struct check *c, const uint8_t *bytes, size_t len, bool end) MUST_CHECK;
