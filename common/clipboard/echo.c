#include "common/clipboard/echo.h"

#include "common/clipboard/exchange.h"

#include <xxhash.h>

void echo_hash_begin(struct echo_hash *h)
{
	echo_hash_finish(h);
	h->state = XXH3_createState();
	if (h->state && XXH3_64bits_reset(h->state) != XXH_OK)
		echo_hash_finish(h);
}

void echo_hash_add(struct echo_hash *h, const uint8_t *bytes, size_t len)
{
	if (!h->state || len == 0)
		return;
	h->bytes += len;
	if (XXH3_64bits_update(h->state, bytes, len) != XXH_OK)
		echo_hash_finish(h);
}

void echo_hash_finish(struct echo_hash *h)
{
	if (h->state)
		(void)XXH3_freeState(h->state);
	*h = (struct echo_hash){ 0 };
}

void echo_note(struct echo *e, const struct echo_hash *h, uint64_t now_ms)
{
	if (!h->state || h->bytes == 0)
		return;
	*e = (struct echo){
		.known = true,
		.bytes = h->bytes,
		.hash = XXH3_64bits_digest(h->state),
		.at_ms = now_ms,
	};
}

bool echo_possible(const struct echo *e, uint64_t now_ms)
{
	return e->known && now_ms - e->at_ms <= EXCHANGE_ECHO_MS;
}

bool echo_is(const struct echo *e, const struct echo_hash *h)
{
	return h->state && e->bytes == h->bytes && e->hash == XXH3_64bits_digest(h->state);
}
