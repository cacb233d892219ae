#include "common/wire/reader.h"

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

/* Length in bytes of the UTF-8 sequence at s, or 0 when it is none (RFC 3629, section 4). */
static size_t sequence_length(const uint8_t *s, size_t left)
{
	static const struct {
		uint8_t first, last, second_min, second_max, len;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (s[0] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (left < forms[i].len || s[1] < forms[i].second_min || s[1] > forms[i].second_max)
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

bool wire_text_clean(const void *text, size_t len)
{
	const uint8_t *s = text;

	while (len > 0) {
		size_t n = sequence_length(s, len);
		bool control =
			s[0] < 0x20 || s[0] == 0x7f || (n == 2 && s[0] == 0xc2 && s[1] < 0xa0);
		if (n == 0 || control)
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
