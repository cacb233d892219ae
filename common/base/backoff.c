#include "common/base/backoff.h"

#include "common/base/macros.h"

#define DOUBLINGS_MAX 16 /* of first_ms, within 64 bits */

uint32_t backoff_next(struct backoff *b, uint32_t random)
{
	unsigned doublings = MIN(b->tries, DOUBLINGS_MAX);
	uint32_t wait = (uint32_t)MIN((uint64_t)b->first_ms << doublings, (uint64_t)b->max_ms);

	if (b->tries < UINT32_MAX)
		b->tries++;
	/* Many that lost the same peer do not come back in step. */
	return wait - random % (wait / 5 + 1);
}

void backoff_reset(struct backoff *b)
{
	b->tries = 0;
}
