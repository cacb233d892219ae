/* The cursor's shape and place, as farseat-link tells them. The window draws it (D-CURSOR). */
#include "client/session/channel.h"

/* The cursor's memory is copied by the callback's owner; it is mapped for the call only. */
static int on_cursor(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_cursor *cursor = body;
	struct ipc_memory memory = { .fd = -1 };
	size_t size = (size_t)cursor->width_px * cursor->height_px * 4;

	if (size > 0) {
		if (cursor->width_px > WIRE_CURSOR_SIDE_MAX_PX ||
			cursor->height_px > WIRE_CURSOR_SIDE_MAX_PX || *fd < 0) {
			connection_distrust(c, "a cursor without a picture");
			return 0;
		}
		int r = ipc_memory_map(&memory, *fd, size, false);
		*fd = -1; /* taken over */
		if (r < 0) {
			connection_distrust(c, "a cursor in memory that is not sealed");
			return 0;
		}
	}
	if (c->events.cursor)
		c->events.cursor(c->user, cursor, memory.bytes);
	ipc_memory_finish(&memory);
	return 0;
}

const struct connection_channel connection_cursor_channel = {
	.name = "cursor",
	.messages = { { WIRE_CURSOR_MOVE, connection_pass_message } },
	.records = { { RECORD_LINK_CURSOR, DISPATCH_ALWAYS, on_cursor, 0 } },
};
