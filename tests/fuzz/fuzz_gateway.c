/* The input is what a gateway sends: taken as the worker takes it, at once and byte by byte. */
#include "server/worker/gateway_header.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 0 parsed; -1 refused; 1 more is needed. */
static int feed(const uint8_t *data, size_t size, size_t step, struct gateway_client *out)
{
	struct gateway_header *h = calloc(1, sizeof(*h)); /* a sanitizer sees its end */
	size_t wanted, at = 0;
	int r;

	if (!h)
		abort();
	while ((r = gateway_header_wanted(h, &wanted)) == 0 && wanted > 0 && at < size) {
		size_t part = MIN(MIN(wanted, step), size - at);
		if (wanted > sizeof(h->bytes) - h->len)
			abort();
		memcpy(h->bytes + h->len, data + at, part);
		h->len += part;
		at += part;
	}
	int result = r < 0 ? -1 : wanted > 0 ? 1 : gateway_header_parse(h, out) < 0 ? -1 : 0;
	free(h);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gateway_client a = { 0 }, b = { 0 };
	int whole = feed(data, size, size + 1, &a);

	if (whole != feed(data, size, 1, &b))
		abort();
	if (a.family != b.family || a.port != b.port ||
		memcmp(a.address, b.address, sizeof(a.address)) != 0)
		abort();
	if (whole == 0 && a.family != 0 && a.family != 4 && a.family != 6)
		abort();
	return 0;
}
