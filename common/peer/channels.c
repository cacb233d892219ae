#include "common/peer/channels.h"

#include "common/wire/messages.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static unsigned bit_of(enum peer_channel channel)
{
	return 1U << channel;
}

void channels_init(struct channels *c)
{
	memset(c, 0, sizeof(*c));
	for (int i = 0; i < PEER_CHANNEL_COUNT; i++)
		buffer_init(&c->at[i].queue,
			i == PEER_CONTROL ? PEER_QUEUE_MAX_BYTES : PEER_CHANNEL_QUEUE_MAX_BYTES);
}

void channels_finish(struct channels *c)
{
	for (int i = 0; i < PEER_CHANNEL_COUNT; i++)
		buffer_wipe_finish(&c->at[i].queue);
	c->waiting = 0;
	c->due = 0;
}

/* What has nothing to send is not passed over by anybody. */
static void stop_if_empty(struct channels *c, enum peer_channel channel)
{
	struct channel *ch = &c->at[channel];

	if (ch->queue.len > 0 || ch->source_ready)
		return;
	ch->passed_over = 0;
	c->waiting &= ~bit_of(channel);
	c->due &= ~bit_of(channel);
}

void channels_set_source(
	struct channels *c, enum peer_channel channel, peer_source_fn source, void *user)
{
	struct channel *ch = &c->at[channel];

	ch->source = source;
	ch->user = user;
	ch->source_ready = false;
	stop_if_empty(c, channel);
}

void channels_ready(struct channels *c, enum peer_channel channel)
{
	if (!c->at[channel].source)
		return;
	c->at[channel].source_ready = true;
	c->waiting |= bit_of(channel);
}

static enum peer_channel highest(unsigned bits)
{
	return bits ? (enum peer_channel)(ffs((int)bits) - 1) : PEER_CHANNEL_COUNT;
}

enum peer_channel channels_turn(const struct channels *c)
{
	if (c->due == 0 || (c->waiting & bit_of(PEER_CONTROL)))
		return highest(c->waiting);
	return highest(c->due);
}

/* How much of the queue is the next record. */
static size_t queued_record(const struct channel *ch, enum peer_channel channel)
{
	struct wire_header header;

	/* Nothing goes before the rest of a message of PEER_CONTROL: it may be cut. */
	if (channel == PEER_CONTROL)
		return MIN(ch->queue.len, (size_t)WIRE_MESSAGE_MAX_BYTES);
	int r = wire_header_decode(buffer_front(&ch->queue), &header);
	assert(r == 0); /* our own message */
	return WIRE_HEADER_BYTES + (size_t)header.len;
}

int channels_record(struct channels *c, enum peer_channel channel,
	uint8_t scratch[static WIRE_MESSAGE_MAX_BYTES], const uint8_t **bytes)
{
	struct channel *ch = &c->at[channel];

	if (ch->queue.len > 0) {
		*bytes = buffer_front(&ch->queue);
		return (int)queued_record(ch, channel);
	}
	bool more = false;
	int len = ch->source_ready ? ch->source(ch->user, scratch, &more) : 0;
	ch->source_ready = len > 0 && more;
	if (len <= 0)
		stop_if_empty(c, channel);
	*bytes = scratch;
	return len;
}

void channels_sent(struct channels *c, enum peer_channel channel, size_t len)
{
	struct channel *ch = &c->at[channel];

	if (ch->queue.len > 0)
		buffer_consume(&ch->queue, len);
	ch->passed_over = 0;
	c->due &= ~bit_of(channel);
	stop_if_empty(c, channel);
	if (channel == PEER_CONTROL)
		return;
	for (unsigned lower = c->waiting & ~(2 * bit_of(channel) - 1); lower; lower &= lower - 1) {
		enum peer_channel passed = highest(lower);
		if (++c->at[passed].passed_over >= PEER_SHARE_RECORDS)
			c->due |= bit_of(passed);
	}
}

void channels_drop_below_control(struct channels *c)
{
	for (int i = PEER_CONTROL + 1; i < PEER_CHANNEL_COUNT; i++) {
		buffer_clear(&c->at[i].queue);
		channels_set_source(c, (enum peer_channel)i, NULL, NULL);
	}
}

size_t channels_queued_bytes(const struct channels *c, enum peer_channel channel)
{
	return c->at[channel].queue.len;
}
