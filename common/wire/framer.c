#include "common/wire/framer.h"

#include <assert.h>
#include <string.h>

void wire_framer_init(struct wire_framer *f)
{
	f->start = 0;
	f->len = 0;
}

uint8_t *wire_framer_space(struct wire_framer *f, size_t *space)
{
	if (f->start > 0) {
		memmove(f->bytes, f->bytes + f->start, f->len);
		f->start = 0;
	}
	*space = sizeof(f->bytes) - f->len;
	return f->bytes + f->len;
}

void wire_framer_filled(struct wire_framer *f, size_t len)
{
	assert(len <= sizeof(f->bytes) - f->start - f->len);
	f->len += len;
}

void wire_framer_refused(const struct wire_framer *f, struct wire_header *out)
{
	wire_header_read(f->bytes + f->start, out);
}

int wire_framer_next(struct wire_framer *f, struct wire_header *header, const uint8_t **payload)
{
	struct wire_header h;

	if (f->len < WIRE_HEADER_BYTES)
		return 0;
	int r = wire_header_decode(f->bytes + f->start, &h);
	if (r < 0)
		return r;
	if (h.len > f->len - WIRE_HEADER_BYTES)
		return 0;
	*header = h;
	*payload = f->bytes + f->start + WIRE_HEADER_BYTES;
	f->start += WIRE_HEADER_BYTES + (size_t)h.len;
	f->len -= WIRE_HEADER_BYTES + (size_t)h.len;
	return 1;
}
