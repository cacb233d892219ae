/* Cuts a byte stream into messages. It takes bytes and gives messages, holds no descriptor, and its
 * memory is fixed. */
#pragma once

#include "common/wire/messages.h"

struct wire_framer {
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES * 2];
	size_t start, len;
};

void wire_framer_init(struct wire_framer *f);

/* Where the next bytes of the stream may be written, and how many: at least WIRE_MESSAGE_MAX_BYTES
 * when every whole message was taken. */
uint8_t *wire_framer_space(struct wire_framer *f, size_t *space);
void wire_framer_filled(struct wire_framer *f, size_t len);

/* The header that wire_framer_next has refused, as it came. */
void wire_framer_refused(const struct wire_framer *f, struct wire_header *out);

/*
 * The next whole message. 1: header and payload are set (payload borrowed until the next call of
 * wire_framer_space); 0: more bytes are needed; -EPROTO: the header is malformed.
 */
int wire_framer_next(
	struct wire_framer *f, struct wire_header *header, const uint8_t **payload) MUST_CHECK;
