#include "common/wire/writer.h"

#include "common/base/utf8.h"

#include <string.h>

void wire_writer_init(struct wire_writer *w, uint8_t *bytes, size_t size)
{
	*w = (struct wire_writer){ .bytes = bytes, .size = size };
}

static uint8_t *make_room(struct wire_writer *w, size_t len)
{
	if (w->failed || len > w->size - w->len) {
		w->failed = true;
		return NULL;
	}
	uint8_t *p = w->bytes + w->len;
	w->len += len;
	return p;
}

static void put_integer(struct wire_writer *w, uint64_t value, size_t len)
{
	uint8_t *p = make_room(w, len);

	for (size_t i = 0; p && i < len; i++)
		p[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
}

void wire_write_u8(struct wire_writer *w, uint8_t value)
{
	put_integer(w, value, 1);
}

void wire_write_u16(struct wire_writer *w, uint16_t value)
{
	put_integer(w, value, 2);
}

void wire_write_u32(struct wire_writer *w, uint32_t value)
{
	put_integer(w, value, 4);
}

void wire_write_u64(struct wire_writer *w, uint64_t value)
{
	put_integer(w, value, 8);
}

void wire_write_i16(struct wire_writer *w, int16_t value)
{
	wire_write_u16(w, (uint16_t)value);
}

void wire_write_i32(struct wire_writer *w, int32_t value)
{
	wire_write_u32(w, (uint32_t)value);
}

void wire_write_i64(struct wire_writer *w, int64_t value)
{
	wire_write_u64(w, (uint64_t)value);
}

void wire_write_bool(struct wire_writer *w, bool value)
{
	wire_write_u8(w, value ? 1 : 0);
}

void wire_write_bytes(struct wire_writer *w, const void *bytes, size_t len)
{
	uint8_t *p = make_room(w, len);

	if (p && len > 0)
		memcpy(p, bytes, len);
}

void wire_write_blob(struct wire_writer *w, const void *bytes, size_t len)
{
	if (len > UINT16_MAX)
		w->failed = true;
	wire_write_u16(w, (uint16_t)len);
	wire_write_bytes(w, bytes, len);
}

void wire_write_text(struct wire_writer *w, const char *text)
{
	size_t len = strnlen(text, UINT8_MAX + 1);

	if (len > UINT8_MAX)
		len = utf8_without_last(text, len);
	wire_write_u8(w, (uint8_t)len);
	wire_write_bytes(w, text, len);
}

bool wire_writer_ok(const struct wire_writer *w)
{
	return !w->failed;
}
