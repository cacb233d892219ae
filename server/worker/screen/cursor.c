#include "server/worker/screen/cursor.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/codec/codec.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_view.h"

#include <stdlib.h>
#include <string.h>

void cursor_init(struct cursor *c, const struct worker_host *host)
{
	*c = (struct cursor){ .host = host, .slot = -1 };
}

static void finish(void *self)
{
	struct cursor *c = self;

	free(c->bytes);
	c->bytes = NULL;
	for (size_t i = 0; i < WIRE_CURSOR_SLOTS; i++) {
		free(c->slots[i].bytes);
		c->slots[i].bytes = NULL;
	}
}

static size_t size_of(const struct wire_cursor *shape)
{
	return (size_t)shape->width_px * shape->height_px * 4;
}

static bool are_same(const struct wire_cursor *a, const uint8_t *a_bytes,
	const struct wire_cursor *b, const uint8_t *b_bytes)
{
	return a->width_px == b->width_px && a->height_px == b->height_px &&
	       a->hot_x_px == b->hot_x_px && a->hot_y_px == b->hot_y_px &&
	       (size_of(a) == 0 ||
		       (a_bytes && b_bytes && memcmp(a_bytes, b_bytes, size_of(a)) == 0));
}

/* The slot in which the client has the shape; -1: in none. */
static int find_slot(const struct cursor *c)
{
	for (int i = 0; c->keeps && i < WIRE_CURSOR_SLOTS; i++)
		if (c->slots[i].bytes &&
			are_same(&c->slots[i].shape, c->slots[i].bytes, &c->shape, c->bytes))
			return i;
	return -1;
}

/* The client has the whole shape now and fills its next slot with it. */
static void keep(struct cursor *c)
{
	struct cursor_slot *slot = &c->slots[c->next_slot];

	if (!c->keeps || c->len == 0 || c->len > (size_t)WIRE_CURSOR_SLOT_MAX_PX * 4)
		return;
	free(slot->bytes);
	slot->bytes = malloc(c->len);
	if (slot->bytes) { /* without memory it is never named: sent anew */
		memcpy(slot->bytes, c->bytes, c->len);
		slot->shape = c->shape;
		c->slot = (int)c->next_slot;
	}
	c->next_slot = (c->next_slot + 1) % WIRE_CURSOR_SLOTS;
}

static struct wire_cursor shape_of(const struct record_cursor *r)
{
	return (struct wire_cursor){
		.width_px = r->width_px,
		.height_px = r->height_px,
		.hot_x_px = r->hot_x_px,
		.hot_y_px = r->hot_y_px,
	};
}

/* Takes over a copy of the shape's bytes. */
static void set_shape(struct cursor *c, const struct wire_cursor *shape, uint8_t *bytes, size_t len)
{
	free(c->bytes);
	c->bytes = bytes;
	c->len = len;
	c->sent = 0;
	c->shape = *shape;
	c->slot = find_slot(c);
	c->known = true;
	c->waits = true;
}

static int take_shape(void *self, const void *body, int *fd)
{
	const struct record_cursor *r = body;
	struct cursor *c = self;
	struct ipc_memory memory = { .fd = -1 };
	struct wire_cursor shape = shape_of(r);
	size_t len = size_of(&shape);

	if (len > 0) {
		int mapped = ipc_memory_map(&memory, *fd, len, false);
		*fd = -1;
		if (mapped < 0) {
			log_warn("the agent's cursor cannot be shared");
			return 0;
		}
	}
	if (!c->known || !are_same(&c->shape, c->bytes, &shape, memory.bytes)) {
		uint8_t *bytes = len > 0 ? malloc(len) : NULL;
		if (bytes)
			memcpy(bytes, memory.bytes, len);
		if (bytes || len == 0)
			set_shape(c, &shape, bytes, len);
	}
	ipc_memory_finish(&memory);
	return 0;
}

static void refresh(void *self)
{
	struct cursor *c = self;

	c->waits = c->known;
	c->sent = 0;
}

static bool step(void *self)
{
	struct cursor *c = self;

	if (c->waits)
		peer_source_ready(c->host->peer, PEER_CURSOR);
	return false;
}

/* peer_source_fn: the next part. */
static int source(void *self, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct cursor *c = self;
	struct wire_message m = { .type = WIRE_CURSOR, .cursor = c->shape };

	if (!c->waits)
		return 0;
	if (c->slot >= 0) {
		c->waits = false;
		*more = false;
		m = (struct wire_message){ .type = WIRE_CURSOR_AGAIN };
		m.cursor_again.slot = (uint8_t)c->slot;
		return wire_encode(&m, out);
	}
	m.cursor.offset = (uint32_t)c->sent;
	m.cursor.len = MIN(c->len - c->sent, (size_t)WIRE_SLICE_PART_MAX_BYTES);
	m.cursor.bytes = m.cursor.len ? c->bytes + c->sent : NULL;
	c->sent += m.cursor.len;
	c->waits = c->sent < c->len;
	*more = c->waits;
	int encoded = wire_encode(&m, out);
	if (!c->waits)
		keep(c);
	return encoded;
}

static void opened(void *self, uint32_t features)
{
	struct cursor *c = self;

	c->keeps = (features & CODEC_FEATURE_CURSORS) != 0;
}

const struct worker_channel cursor_channel = {
	.name = "cursor",
	.caps = WIRE_CAP_SEE,
	.priority = PEER_CURSOR,
	.source = source,
	.records = { { RECORD_CURSOR, DISPATCH_ALWAYS, take_shape, 0 } },
	.forwards = WIRE_CURSOR_MOVE,
	.opened = opened,
	.refresh = refresh,
	.step = step,
	.finish = finish,
};
