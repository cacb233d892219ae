/*
 * The input is a stream as it comes out of TLS: framer, decoder, and what was decoded is encoded
 * again and must be the same bytes. The stream also arrives in pieces; what is understood must not
 * depend on them.
 */
#include "common/wire/framer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same_bytes(const struct wire_header *header, const uint8_t *payload)
{
	static uint8_t again[WIRE_MESSAGE_MAX_BYTES];
	struct wire_message m;
	uint8_t *exact = malloc(header->len > 0 ? header->len : 1U); /* a sanitizer sees its end */

	if (!exact)
		abort();
	memcpy(exact, payload, header->len);
	int r = wire_decode(header, exact, &m);
	if (r == 0) {
		int len = wire_encode(&m, again);
		if (len != WIRE_HEADER_BYTES + header->len || again[0] != header->type ||
			(header->len > 0 && memcmp(again + WIRE_HEADER_BYTES, exact, header->len)))
			abort();
		(void)wire_allowed(header->type, WIRE_PHASE_OPEN, true);
	}
	if (r == 1 && !(header->flags & WIRE_FLAG_OPTIONAL))
		abort();
	free(exact);
}

/* Feeds pieces of at most step bytes; gives the number of messages, or -1 for a malformed stream.
 */
static long feed(const uint8_t *data, size_t size, size_t step)
{
	static struct wire_framer f;
	struct wire_header header;
	const uint8_t *payload;
	long count = 0;

	wire_framer_init(&f);
	for (size_t at = 0; at < size;) {
		size_t space;
		uint8_t *to = wire_framer_space(&f, &space);
		size_t len = MIN(MIN(step, space), size - at);

		if (len == 0)
			abort(); /* every whole message was taken, so there must be room */
		memcpy(to, data + at, len);
		wire_framer_filled(&f, len);
		at += len;
		int r;
		while ((r = wire_framer_next(&f, &header, &payload)) == 1) {
			check_same_bytes(&header, payload);
			count++;
		}
		if (r < 0)
			return -1;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 1, 7, WIRE_MESSAGE_MAX_BYTES * 2 };
	long first = feed(data, size, steps[0]);

	for (size_t i = 1; i < ARRAY_LEN(steps); i++)
		if (feed(data, size, steps[i]) != first)
			abort();
	return 0;
}
