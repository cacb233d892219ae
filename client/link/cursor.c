/* Sizes and order of the parts are what the other end claims: checked here. */
#include "client/link/link.h"

#include "common/ipc/memory.h"

#include <stdlib.h>
#include <string.h>

static void tell_cursor(struct link *l)
{
	struct link_record r = { .type = RECORD_LINK_CURSOR };
	struct ipc_memory memory = { .fd = -1 };

	r.cursor.width_px = l->cursor.shape.width_px;
	r.cursor.height_px = l->cursor.shape.height_px;
	r.cursor.hot_x_px = l->cursor.shape.hot_x_px;
	r.cursor.hot_y_px = l->cursor.shape.hot_y_px;
	if (l->cursor.len > 0) {
		if (ipc_memory_create(&memory, "farseat-cursor", l->cursor.len) < 0) {
			link_no_memory(l);
			return;
		}
		memcpy(memory.bytes, l->cursor.bytes, l->cursor.len);
	}
	link_tell(l, &r, memory.fd);
	ipc_memory_finish(&memory);
}

/* Parts come in order from 0 on; a new shape may start before the old one is whole. */
static void on_cursor(struct link *l, const struct wire_message *message)
{
	const struct wire_cursor *cursor = &message->cursor;
	size_t len = (size_t)cursor->width_px * cursor->height_px * 4;
	bool same = l->cursor.bytes && cursor->width_px == l->cursor.shape.width_px &&
		    cursor->height_px == l->cursor.shape.height_px;

	if (cursor->offset == 0) {
		free(l->cursor.bytes);
		l->cursor.bytes = len > 0 ? malloc(len) : NULL;
		if (len > 0 && !l->cursor.bytes) {
			link_no_memory(l);
			return;
		}
		l->cursor.shape = *cursor;
		l->cursor.len = 0;
	} else if (!same || cursor->offset != l->cursor.len) {
		link_broken(l, "CURSOR out of order");
		return;
	}
	if (cursor->len > len - l->cursor.len) {
		link_broken(l, "CURSOR longer than its size");
		return;
	}
	if (cursor->len > 0)
		memcpy(l->cursor.bytes + l->cursor.len, cursor->bytes, cursor->len);
	l->cursor.len += cursor->len;
	if (l->cursor.len == len)
		tell_cursor(l);
}

static void finish(struct link *l)
{
	free(l->cursor.bytes);
	l->cursor.bytes = NULL;
}

const struct link_channel link_cursor_channel = {
	.name = "cursor",
	.messages = {
		{ WIRE_CURSOR, on_cursor },
		{ WIRE_CURSOR_MOVE, link_tell_wire },
	},
	.finish = finish,
};
