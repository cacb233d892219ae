#include "client/ui/backoff.h"

#include "common/base/macros.h"

uint32_t backoff_next(struct backoff *b, uint32_t random)
{
	uint32_t wait = BACKOFF_MAX_MS;

	if (b->tries < 8)
		wait = MIN((uint32_t)BACKOFF_FIRST_MS << b->tries, (uint32_t)BACKOFF_MAX_MS);
	if (b->tries < UINT32_MAX)
		b->tries++;
	/* Many laptops that lost the same office do not come back in step. */
	return wait - random % (wait / 5 + 1);
}

void backoff_reset(struct backoff *b)
{
	b->tries = 0;
}
