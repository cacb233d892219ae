#include "server/worker/screen/checksum.h"

#include "common/base/clock.h"

void checksum_init(struct checksum *c, const struct worker_host *host, struct frame *frame)
{
	*c = (struct checksum){ .host = host, .frame = frame };
}

static void ask(void *self, const struct wire_message *m)
{
	struct checksum *c = self;

	c->asked = true;
	c->id = m->checksum_ask.id;
	c->until_ms = clock_now_ms() + CHECKSUM_WAIT_MS;
	frame_look_again(c->frame);
}

static bool step(void *self)
{
	struct checksum *c = self;

	if (!c->asked || !frame_is_idle(c->frame))
		return false;
	bool settled = frame_is_settled(c->frame);
	if (!settled && clock_now_ms() < c->until_ms)
		return false;
	c->asked = false;
	struct wire_message m = { .type = WIRE_CHECKSUM };
	m.checksum.id = c->id;
	m.checksum.settled = settled;
	frame_checksum(c->frame, &m.checksum.frame, &m.checksum.checksum);
	worker_host_send(c->host, PEER_SCREEN, &m);
	return false;
}

static int timeout_ms(const void *self, uint64_t now_ms)
{
	const struct checksum *c = self;

	if (!c->asked || !frame_is_idle(c->frame))
		return -1;
	return now_ms < c->until_ms ? (int)(c->until_ms - now_ms) : 0;
}

const struct worker_channel checksum_channel = {
	.name = "checksum",
	.caps = WIRE_CAP_SEE,
	.priority = PEER_SCREEN,
	.messages = { { WIRE_CHECKSUM_ASK, ask } },
	.step = step,
	.timeout_ms = timeout_ms,
};
