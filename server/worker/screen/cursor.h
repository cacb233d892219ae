/*
 * The cursor's shape, from the agent's memory to the client, which draws it where its own pointer
 * is (ARCHITECTURE.md, D-CURSOR). A channel of its own, before the picture.
 *
 * A client that can keeps what it was sent: the shapes that it has stand here too, so that one that
 * comes again is named by its slot (PROTOCOL.md, CURSOR_AGAIN).
 */
#pragma once

#include "server/worker/channel/channel.h"

struct cursor_slot {
	struct wire_cursor shape;
	uint8_t *bytes; /* owned; NULL: empty */
};

struct cursor {
	const struct worker_host *host; /* borrowed */
	struct wire_cursor shape;       /* its bytes are below */
	uint8_t *bytes;                 /* owned */
	size_t len, sent;               /* sent == len: the client has it */
	bool known;                     /* the agent has told one */
	bool waits;                     /* not all of it was sent; also of one that has no bytes */
	bool keeps;                     /* CODEC_FEATURE_CURSORS was agreed on */
	int slot;                       /* the client has the shape in it; -1: in none */
	struct cursor_slot slots[WIRE_CURSOR_SLOTS];
	unsigned next_slot;
};

extern const struct worker_channel cursor_channel; /* self: struct cursor */

/* host lives as long as the cursor. */
void cursor_init(struct cursor *c, const struct worker_host *host);
