#include "server/worker/rights.h"

void rights_grant(struct rights *r, uint32_t caps)
{
	*r = (struct rights){ .caps = caps, .before = caps };
}

uint32_t rights_change(struct rights *r, uint32_t caps, uint64_t now_ms)
{
	r->before = r->caps;
	r->caps = caps;
	r->grace_until_ms = now_ms + RIGHTS_GRACE_MS;
	return caps & ~r->before;
}

enum rights_verdict rights_of(const struct rights *r, uint32_t needed, uint64_t now_ms)
{
	if (!(needed & ~r->caps))
		return RIGHTS_ALLOWED;
	return !(needed & ~r->before) && now_ms < r->grace_until_ms ? RIGHTS_LATE : RIGHTS_BEYOND;
}
