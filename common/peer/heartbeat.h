/* Inside common/peer: signs of life, round trips, and when a link is dead (PROTOCOL.md, section
 * 11). What owners call of it is in peer.h. */
#pragma once

#include "common/peer/peer.h"

/* Takes a PING or PONG, which are the peer's own matter. 1: it was one; 0: it is the owner's.
 * -E2BIG when there is no room for the answer. */
int heartbeat_take(struct peer *p, const struct wire_message *m) MUST_CHECK;
