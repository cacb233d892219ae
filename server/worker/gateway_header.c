#include "server/worker/gateway_header.h"

#include "common/wire/reader.h"

#include <errno.h>
#include <string.h>

#define VERSION_LOCAL 0x20
#define VERSION_PROXY 0x21
#define FAMILY_TCP4   0x11
#define FAMILY_TCP6   0x21

static const uint8_t signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
	0x54, 0x0a };

struct fixed {
	uint8_t version, family;
	uint16_t len; /* of what follows */
};

static int read_fixed(struct wire_reader *r, struct fixed *out)
{
	const uint8_t *begin = wire_read_view(r, sizeof(signature));

	out->version = wire_read_u8(r);
	out->family = wire_read_u8(r);
	out->len = wire_read_u16(r);
	if (r->failed || memcmp(begin, signature, sizeof(signature)) != 0)
		return -EPROTO;
	if (out->version != VERSION_LOCAL && out->version != VERSION_PROXY)
		return -EPROTO;
	return out->len > GATEWAY_HEADER_MAX_BYTES - GATEWAY_HEADER_FIXED_BYTES ? -EPROTO : 0;
}

int gateway_header_wanted(const struct gateway_header *h, size_t *wanted)
{
	struct wire_reader r;
	struct fixed fixed;

	if (h->len < GATEWAY_HEADER_FIXED_BYTES) {
		/* A client that speaks TLS here is told apart at its first byte. */
		if (memcmp(h->bytes, signature, MIN(h->len, sizeof(signature))) != 0)
			return -EPROTO;
		*wanted = GATEWAY_HEADER_FIXED_BYTES - h->len;
		return 0;
	}
	wire_reader_init(&r, h->bytes, GATEWAY_HEADER_FIXED_BYTES);
	int e = read_fixed(&r, &fixed);
	if (e < 0)
		return e;
	size_t whole = GATEWAY_HEADER_FIXED_BYTES + (size_t)fixed.len;
	if (h->len > whole)
		return -EPROTO; /* our own bug: it was not asked for */
	*wanted = whole - h->len;
	return 0;
}

/* Source and destination address, source and destination port. */
static void read_client(struct wire_reader *r, size_t address_len, struct gateway_client *out)
{
	wire_read_bytes(r, out->address, address_len);
	wire_read_view(r, address_len); /* ours, as the gateway was asked for it */
	out->port = wire_read_u16(r);
	wire_read_u16(r);
}

int gateway_header_parse(const struct gateway_header *h, struct gateway_client *out)
{
	struct gateway_client client = { 0 };
	struct wire_reader r;
	struct fixed fixed;

	wire_reader_init(&r, h->bytes, h->len);
	int e = read_fixed(&r, &fixed);
	if (e < 0)
		return e;
	struct wire_reader rest = wire_read_sub(&r, fixed.len);
	if (!wire_reader_done(&r))
		return -EPROTO;
	if (fixed.version == VERSION_LOCAL) { /* what follows is to be ignored (section 2.2) */
		*out = client;
		return 0;
	}
	if (fixed.family != FAMILY_TCP4 && fixed.family != FAMILY_TCP6)
		return -EPROTO;
	client.family = fixed.family == FAMILY_TCP4 ? 4 : 6;
	read_client(&rest, client.family == 4 ? 4 : 16, &client);
	while (!rest.failed && wire_reader_left(&rest) > 0) {
		wire_read_u8(&rest); /* kind of TLV */
		wire_read_view(&rest, wire_read_u16(&rest));
	}
	if (!wire_reader_done(&rest))
		return -EPROTO;
	*out = client;
	return 0;
}
