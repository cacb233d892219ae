#include "common/codec/bytes.h"

#include <string.h>

void codec_reader_init(struct codec_reader *r, const uint8_t *bytes, size_t len)
{
	*r = (struct codec_reader){ .at = bytes, .end = len > 0 ? bytes + len : bytes };
}

const uint8_t *codec_read_view(struct codec_reader *r, size_t len)
{
	if (r->failed || len > (size_t)(r->end - r->at)) {
		r->failed = true;
		return NULL;
	}
	const uint8_t *view = r->at;
	if (len > 0)
		r->at += len;
	return view;
}

uint8_t codec_read_u8(struct codec_reader *r)
{
	const uint8_t *byte = codec_read_view(r, 1);

	return byte ? *byte : 0;
}

uint32_t codec_read_number(struct codec_reader *r, uint32_t max)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 7 * CODEC_NUMBER_MAX_BYTES; shift += 7) {
		uint8_t group = codec_read_u8(r);
		value |= (uint64_t)(group & 0x7f) << shift;
		if (group & 0x80)
			continue;
		if (value > max || (group == 0 && shift > 0))
			break;
		return r->failed ? 0 : (uint32_t)value;
	}
	r->failed = true;
	return 0;
}

struct codec_reader codec_read_sub(struct codec_reader *r, size_t len)
{
	struct codec_reader sub = { 0 };
	const uint8_t *view = codec_read_view(r, len);

	if (view)
		codec_reader_init(&sub, view, len);
	else
		sub.failed = true;
	return sub;
}

size_t codec_reader_left(const struct codec_reader *r)
{
	return r->failed ? 0 : (size_t)(r->end - r->at);
}

bool codec_reader_done(const struct codec_reader *r)
{
	return !r->failed && r->at == r->end;
}

void codec_writer_init(struct codec_writer *w, uint8_t *bytes, size_t capacity)
{
	*w = (struct codec_writer){ .bytes = bytes, .capacity = capacity };
}

void codec_write_u8(struct codec_writer *w, uint8_t value)
{
	if (w->len >= w->capacity) {
		w->failed = true;
		return;
	}
	w->bytes[w->len++] = value;
}

void codec_write_bytes(struct codec_writer *w, const void *bytes, size_t len)
{
	if (w->failed || len > w->capacity - w->len) {
		w->failed = true;
		return;
	}
	if (len > 0)
		memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

void codec_write_number(struct codec_writer *w, uint32_t value)
{
	while (value >= 0x80) {
		codec_write_u8(w, (uint8_t)(value | 0x80));
		value >>= 7;
	}
	codec_write_u8(w, (uint8_t)value);
}
