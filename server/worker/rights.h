/* What the device may do just now (enum wire_cap), as the supervisor says: it may change while a
 * session runs. The agent and the supervisor judge by themselves. */
#pragma once

#include "common/wire/messages.h"

/* Messages that were under way when the administrator took a capability away are dropped, not
 * punished. */
#define RIGHTS_GRACE_MS 2000

struct rights {
	uint32_t caps;
	uint32_t before; /* the newest change */
	uint64_t grace_until_ms;
};

enum rights_verdict {
	RIGHTS_ALLOWED,
	RIGHTS_LATE, /* it was allowed a moment ago: to be dropped */
	RIGHTS_BEYOND,
};

/* At the session's begin. */
void rights_grant(struct rights *r, uint32_t caps);

/* Which capabilities are new. */
uint32_t rights_change(struct rights *r, uint32_t caps, uint64_t now_ms);

/* About a message of the client that needs these; with 0 it is always allowed. */
enum rights_verdict rights_of(const struct rights *r, uint32_t needed, uint64_t now_ms);
