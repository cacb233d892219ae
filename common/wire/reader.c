#include "common/wire/reader.h"

#include "common/base/utf8.h"

#include <string.h>

void wire_reader_init(struct wire_reader *r, const uint8_t *bytes, size_t len)
{
	*r = (struct wire_reader){ .at = bytes, .end = len > 0 ? bytes + len : bytes };
}

static const uint8_t *take(struct wire_reader *r, size_t len)
{
	if (r->failed || len > (size_t)(r->end - r->at)) {
		r->failed = true;
		return NULL;
	}
	const uint8_t *p = r->at;
	if (len > 0)
		r->at += len;
	return p;
}

static uint64_t take_integer(struct wire_reader *r, size_t len)
{
	const uint8_t *p = take(r, len);
	uint64_t value = 0;

	for (size_t i = 0; p && i < len; i++)
		value = value << 8 | p[i];
	return value;
}

uint8_t wire_read_u8(struct wire_reader *r)
{
	return (uint8_t)take_integer(r, 1);
}

uint16_t wire_read_u16(struct wire_reader *r)
{
	return (uint16_t)take_integer(r, 2);
}

uint32_t wire_read_u32(struct wire_reader *r)
{
	return (uint32_t)take_integer(r, 4);
}

uint64_t wire_read_u64(struct wire_reader *r)
{
	return take_integer(r, 8);
}

int16_t wire_read_i16(struct wire_reader *r)
{
	return (int16_t)wire_read_u16(r);
}

int32_t wire_read_i32(struct wire_reader *r)
{
	return (int32_t)wire_read_u32(r);
}

int64_t wire_read_i64(struct wire_reader *r)
{
	return (int64_t)wire_read_u64(r);
}

bool wire_read_bool(struct wire_reader *r)
{
	uint8_t value = wire_read_u8(r);

	if (value > 1)
		r->failed = true;
	return value == 1;
}

void wire_read_bytes(struct wire_reader *r, void *out, size_t len)
{
	const uint8_t *p = take(r, len);

	if (len == 0)
		return;
	if (p)
		memcpy(out, p, len);
	else
		memset(out, 0, len);
}

const uint8_t *wire_read_view(struct wire_reader *r, size_t len)
{
	return take(r, len);
}

const uint8_t *wire_read_blob(struct wire_reader *r, size_t max, size_t *len)
{
	size_t size = wire_read_u16(r);

	*len = 0;
	if (size > max)
		r->failed = true;
	const uint8_t *p = take(r, size);
	if (p)
		*len = size;
	return p;
}

bool wire_text_clean(const void *text, size_t len)
{
	const uint8_t *s = text;

	while (len > 0) {
		uint32_t code;
		size_t n = utf8_decode(s, len, &code);
		if (n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			return false;
		s += n;
		len -= n;
	}
	return true;
}

void wire_read_text(struct wire_reader *r, char *out, size_t size)
{
	size_t len = wire_read_u8(r);
	const uint8_t *p = take(r, len);

	out[0] = '\0';
	if (!p)
		return;
	if (len >= size || !wire_text_clean(p, len)) {
		r->failed = true;
		return;
	}
	memcpy(out, p, len);
	out[len] = '\0';
}

struct wire_reader wire_read_sub(struct wire_reader *r, size_t len)
{
	struct wire_reader sub = { 0 };
	const uint8_t *p = take(r, len);

	if (p)
		wire_reader_init(&sub, p, len);
	else
		sub.failed = true;
	return sub;
}

size_t wire_reader_left(const struct wire_reader *r)
{
	return r->failed ? 0 : (size_t)(r->end - r->at);
}

bool wire_reader_done(const struct wire_reader *r)
{
	return !r->failed && r->at == r->end;
}
