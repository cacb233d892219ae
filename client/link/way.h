/* What leads to the other end: a proxy that is asked first, or a way that takes longer than a direct
 * one. */
#pragma once

#include "client/link/proxy.h"
#include "client/link/state.h"

struct link;

struct link_way {
	uint32_t patience_ms;  /* that it may take, beyond a direct one */
	struct proxy proxy;    /* LINK_PROXY; its password is wiped when the way is open */
	enum link_state after; /* LINK_PROXY: the state that comes next */
};

/* Takes a LINK_WAY from the UI (dispatch_fn). -EINVAL: a proxy cannot be asked for such an
 * address. */
int link_take_way(void *owner, const void *body, int *fd) MUST_CHECK;
/* Goes on asking the proxy; after it the handshake begins. */
void link_proxy(struct link *l);
short link_proxy_events(const struct link *l);
