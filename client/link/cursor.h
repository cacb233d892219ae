/* The session's cursor on its way from the network to the UI. */
#pragma once

#include "common/wire/messages.h"

struct link_cursor {
	struct wire_cursor shape; /* being assembled */
	uint8_t *bytes;           /* owned */
	size_t len;
};

struct link_channel;
extern const struct link_channel link_cursor_channel;
