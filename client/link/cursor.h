/* The session's cursor on its way from the network to the UI. */
#pragma once

#include "common/wire/messages.h"

struct link_cursor {
	struct wire_cursor shape; /* being assembled */
	uint8_t *bytes;           /* owned */
	size_t len;
	/* Whole shapes that came, as PROTOCOL.md numbers them; the workstation names them again. */
	struct {
		struct wire_cursor shape;
		uint8_t *bytes; /* owned; NULL: empty */
	} slots[WIRE_CURSOR_SLOTS];
	unsigned next_slot;
};

struct link_channel;
extern const struct link_channel link_cursor_channel;
