/* Whether the client may hold keys or buttons of which nothing is heard any more: then they are let
 * go (ARCHITECTURE.md, D-RELEASE). Which ones is the agent's knowledge. */
#pragma once

#include "common/wire/messages.h"

/* Silence after which what the client holds is released; a client that holds something sends a
 * heartbeat four times as often. */
#define HELD_RELEASE_MS 2000

struct held {
	uint32_t events; /* input messages in all */
	uint32_t serial; /* of the newest */
	bool maybe;      /* input came since the last release */
};

/* An input message of the client. */
void held_note(struct held *h, const struct wire_message *m);

/* When release is due: milliseconds, 0 now; -1: nothing can be held. */
int held_due_ms(const struct held *h, uint32_t silent_ms);

/* The message that lets go of everything; until the next input nothing is due. */
struct wire_message held_release(struct held *h);
