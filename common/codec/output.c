#include "common/codec/output.h"

#include <assert.h>
#include <string.h>

/* A section's kind and length. */
#define SECTION_HEAD_MAX_BYTES (1 + CODEC_NUMBER_MAX_BYTES)

void codec_output_begin(struct codec_output *o, codec_sink_fn sink, void *user)
{
	o->sink = sink;
	o->user = user;
	o->section_count = 0;
	o->payload_len = 0;
	o->frame_bytes = 0;
	o->frame_slices = 0;
	o->ending = false;
}

size_t codec_output_waiting(const struct codec_output *o)
{
	return o->payload_len + o->section_count * SECTION_HEAD_MAX_BYTES;
}

int codec_output_open(struct codec_output *o, size_t len, struct codec_writer *payload)
{
	assert(len + SECTION_HEAD_MAX_BYTES <= CODEC_SLICE_MAX_BYTES);
	if (o->section_count == CODEC_OUTPUT_SECTIONS_MAX ||
		codec_output_waiting(o) + SECTION_HEAD_MAX_BYTES + len > CODEC_SLICE_MAX_BYTES) {
		int r = codec_output_flush(o);
		if (r < 0)
			return r;
	}
	codec_writer_init(payload, o->payloads + o->payload_len, len);
	return 0;
}

void codec_output_close(
	struct codec_output *o, enum codec_section kind, const struct codec_writer *payload)
{
	assert(!payload->failed && payload->bytes == o->payloads + o->payload_len);
	o->sections[o->section_count].kind = kind;
	o->sections[o->section_count].start = o->payload_len;
	o->sections[o->section_count].len = payload->len;
	o->section_count++;
	o->payload_len += payload->len;
}

/* All sections behind each other. */
static size_t assemble(struct codec_output *o)
{
	struct codec_writer w;

	codec_writer_init(&w, o->assembled, sizeof(o->assembled));
	for (size_t i = 0; i < o->section_count; i++) {
		bool last = i + 1 == o->section_count;
		codec_write_u8(
			&w, (uint8_t)(o->sections[i].kind | (last ? CODEC_SECTION_LAST : 0)));
		if (!last)
			codec_write_number(&w, (uint32_t)o->sections[i].len);
		codec_write_bytes(&w, o->payloads + o->sections[i].start, o->sections[i].len);
	}
	assert(!w.failed);
	return w.len;
}

int codec_output_flush(struct codec_output *o)
{
	const uint8_t *slice = o->assembled;
	size_t len;

	if (o->section_count == 0)
		return 0;
	if (o->section_count == 1) {
		o->before_payloads[0] = (uint8_t)(o->sections[0].kind | CODEC_SECTION_LAST);
		slice = o->before_payloads;
		len = 1 + o->payload_len;
	} else {
		len = assemble(o);
	}
	o->section_count = 0;
	o->payload_len = 0;
	o->frame_bytes += len;
	o->frame_slices++;
	return o->sink(o->user, slice, len);
}

int codec_output_end(struct codec_output *o)
{
	o->ending = true;
	return codec_output_flush(o);
}
