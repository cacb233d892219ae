/*
 * The input is what a proxy answers: its first byte chooses the kind and whether we sign in. Taken
 * at once and byte by byte; what is understood must not depend on the pieces, and what is said
 * about it must be clean text.
 */
#include "client/link/proxy.h"

#include "common/wire/reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feeds pieces of at most step bytes, and takes what is to be sent between them. */
static int feed(struct proxy *p, const uint8_t *data, size_t size, size_t step)
{
	const uint8_t *out;

	for (size_t at = 0; at < size; at += step) {
		size_t len = MIN(step, size - at);
		uint8_t *exact = malloc(len); /* a sanitizer sees its end */
		if (!exact)
			abort();
		memcpy(exact, data + at, len);
		proxy_sent(p, proxy_output(p, &out));
		int r = proxy_input(p, exact, len);
		free(exact);
		if (r == 1 && at + len < size)
			return -1; /* the others see bytes behind the answer */
		if (r != 0)
			return r < 0 ? -1 : 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_link_way way = { .host = "desk.example.org", .port = 7420 };
	struct proxy a, b;

	if (size == 0)
		return 0;
	way.proxy_kind = data[0] & 1 ? RECORD_PROXY_SOCKS5 : RECORD_PROXY_HTTP;
	if (data[0] & 2) {
		strcpy(way.proxy_user, "me");
		strcpy(way.proxy_password, "secret");
	}
	if (proxy_init(&a, &way) < 0 || proxy_init(&b, &way) < 0)
		abort();
	int whole = feed(&a, data + 1, size - 1, size);
	int bytes = feed(&b, data + 1, size - 1, 1);
	/* HTTP asks once, so that pieces change nothing; SOCKS5 ends when it is answered too early.
	 */
	if (way.proxy_kind == RECORD_PROXY_HTTP && whole != bytes)
		abort();
	if (!wire_text_clean(a.reason, strlen(a.reason)) ||
		!wire_text_clean(b.reason, strlen(b.reason)))
		abort();
	proxy_finish(&a);
	proxy_finish(&b);
	return 0;
}
