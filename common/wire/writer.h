/* The writer beside the reader: big-endian into memory of the caller, with a sticky error when it
 * is full. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

struct wire_writer {
	uint8_t *bytes; /* borrowed */
	size_t size;
	size_t len;
	bool failed;
};

void wire_writer_init(struct wire_writer *w, uint8_t *bytes, size_t size);

void wire_write_u8(struct wire_writer *w, uint8_t value);
void wire_write_u16(struct wire_writer *w, uint16_t value);
void wire_write_u32(struct wire_writer *w, uint32_t value);
void wire_write_u64(struct wire_writer *w, uint64_t value);
void wire_write_i16(struct wire_writer *w, int16_t value);
void wire_write_i32(struct wire_writer *w, int32_t value);
void wire_write_i64(struct wire_writer *w, int64_t value);
void wire_write_bool(struct wire_writer *w, bool value);
void wire_write_bytes(struct wire_writer *w, const void *bytes, size_t len);

/* u16 length and the bytes; fails over 65535. */
void wire_write_blob(struct wire_writer *w, const void *bytes, size_t len);

/* u8 length and the text. Text over 255 bytes is cut between characters. */
void wire_write_text(struct wire_writer *w, const char *text);

bool wire_writer_ok(const struct wire_writer *w);
