#include "server/worker/screen/cursor.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_view.h"

#include <stdlib.h>
#include <string.h>

void cursor_init(struct cursor *c, const struct worker_host *host)
{
	*c = (struct cursor){ .host = host };
}

static void finish(void *self)
{
	struct cursor *c = self;

	free(c->bytes);
	c->bytes = NULL;
}

static bool is_same(const struct cursor *c, const struct record_cursor *r, const uint8_t *bytes)
{
	size_t len = (size_t)r->width_px * r->height_px * 4;

	return c->known && c->shape.width_px == r->width_px && c->shape.height_px == r->height_px &&
	       c->shape.hot_x_px == r->hot_x_px && c->shape.hot_y_px == r->hot_y_px &&
	       (len == 0 || memcmp(c->bytes, bytes, len) == 0);
}

/* Takes over a copy of the shape's bytes. */
static void set_shape(struct cursor *c, const struct record_cursor *r, uint8_t *bytes, size_t len)
{
	free(c->bytes);
	c->bytes = bytes;
	c->len = len;
	c->sent = 0;
	c->shape = (struct wire_cursor){
		.width_px = r->width_px,
		.height_px = r->height_px,
		.hot_x_px = r->hot_x_px,
		.hot_y_px = r->hot_y_px,
	};
	c->known = true;
	c->waits = true;
}

static int take_shape(void *self, const void *body, int *fd)
{
	const struct record_cursor *r = body;
	struct cursor *c = self;
	struct ipc_memory memory = { .fd = -1 };
	size_t len = (size_t)r->width_px * r->height_px * 4;

	if (len > 0) {
		int mapped = ipc_memory_map(&memory, *fd, len, false);
		*fd = -1;
		if (mapped < 0) {
			log_warn("the agent's cursor cannot be shared");
			return 0;
		}
	}
	if (!is_same(c, r, memory.bytes)) {
		uint8_t *bytes = len > 0 ? malloc(len) : NULL;
		if (bytes)
			memcpy(bytes, memory.bytes, len);
		if (bytes || len == 0)
			set_shape(c, r, bytes, len);
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
	m.cursor.offset = (uint32_t)c->sent;
	m.cursor.len = MIN(c->len - c->sent, (size_t)WIRE_SLICE_PART_MAX_BYTES);
	m.cursor.bytes = m.cursor.len ? c->bytes + c->sent : NULL;
	c->sent += m.cursor.len;
	c->waits = c->sent < c->len;
	*more = c->waits;
	return wire_encode(&m, out);
}

const struct worker_channel cursor_channel = {
	.name = "cursor",
	.caps = WIRE_CAP_SEE,
	.priority = PEER_CURSOR,
	.source = source,
	.records = { { RECORD_CURSOR, DISPATCH_ALWAYS, take_shape, 0 } },
	.forwards = WIRE_CURSOR_MOVE,
	.refresh = refresh,
	.step = step,
	.finish = finish,
};
