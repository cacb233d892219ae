/* Sizes and order of the parts are what the other end claims: checked here. */
#include "client/link/link.h"

#include "common/codec/codec.h"
#include "common/ipc/memory.h"

#include <stdlib.h>
#include <string.h>

static void tell_cursor(
	struct link *l, const struct wire_cursor *shape, const uint8_t *bytes, size_t len)
{
	struct link_record r = { .type = RECORD_LINK_CURSOR };
	struct ipc_memory memory = { .fd = -1 };

	r.cursor.width_px = shape->width_px;
	r.cursor.height_px = shape->height_px;
	r.cursor.hot_x_px = shape->hot_x_px;
	r.cursor.hot_y_px = shape->hot_y_px;
	if (len > 0) {
		if (ipc_memory_create(&memory, "farseat-cursor", len) < 0) {
			link_no_memory(l);
			return;
		}
		memcpy(memory.bytes, bytes, len);
	}
	link_tell(l, &r, memory.fd);
	ipc_memory_finish(&memory);
}

static size_t size_of(const struct wire_cursor *shape)
{
	return (size_t)shape->width_px * shape->height_px * 4;
}

/* The shape is whole: it is shown, and fills the next slot. */
static void on_whole(struct link *l)
{
	struct link_cursor *c = &l->cursor;

	tell_cursor(l, &c->shape, c->bytes, c->len);
	if (!(l->codec_features & CODEC_FEATURE_CURSORS) || c->len == 0 ||
		c->len > (size_t)WIRE_CURSOR_SLOT_MAX_PX * 4)
		return;
	free(c->slots[c->next_slot].bytes);
	c->slots[c->next_slot].shape = c->shape;
	c->slots[c->next_slot].bytes = c->bytes;
	c->bytes = NULL;
	c->next_slot = (c->next_slot + 1) % WIRE_CURSOR_SLOTS;
}

static void on_cursor_again(struct link *l, const struct wire_message *message)
{
	uint8_t slot = message->cursor_again.slot; /* wire_decode has checked that there is one */
	const struct wire_cursor *shape = &l->cursor.slots[slot].shape;

	if (!l->cursor.slots[slot].bytes)
		link_broken(l, "CURSOR_AGAIN of an empty slot");
	else
		tell_cursor(l, shape, l->cursor.slots[slot].bytes, size_of(shape));
}

/* Parts come in order from 0 on; a new shape may start before the old one is whole. */
static void on_cursor(struct link *l, const struct wire_message *message)
{
	const struct wire_cursor *cursor = &message->cursor;
	size_t len = size_of(cursor);
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
		on_whole(l);
}

static void finish(struct link *l)
{
	free(l->cursor.bytes);
	l->cursor.bytes = NULL;
	for (size_t i = 0; i < WIRE_CURSOR_SLOTS; i++) {
		free(l->cursor.slots[i].bytes);
		l->cursor.slots[i].bytes = NULL;
	}
}

const struct link_channel link_cursor_channel = {
	.name = "cursor",
	.messages = {
		{ WIRE_CURSOR, on_cursor },
		{ WIRE_CURSOR_AGAIN, on_cursor_again },
		{ WIRE_CURSOR_MOVE, link_tell_wire },
	},
	.finish = finish,
};
