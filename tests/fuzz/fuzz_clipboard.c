/*
 * The input is a day of one end of the clipboard: what the other end says, as messages, between what programs
 * here copy and paste. Through a carrier to an exchange, as in a worker and an agent: whatever is said,
 * the exchange gets nothing that it finds wrong, the carrier neither, and all that leaves is well-formed.
 *
 *   0 MESSAGE  of the other end      3 KIND  a program pastes        6  the carrier's turn to send
 *   1 MESSAGE  of an agent that was  4       programs give           7 CAPS  what may cross
 *              taken over            5 TIME  16 ms each
 *   2 KIND     a program copies
 */
#include "common/clipboard/carrier.h"
#include "common/clipboard/exchange_state.h"
#include "tests/unit/clipboard/fake_local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUEUE_MAX_BYTES (8U << 20)

struct day {
	struct carrier carrier;
	struct exchange *exchange;
	struct fake_local local;
	struct buffer to_carrier, to_exchange; /* messages, encoded */
	unsigned pastes;
	bool taken_over; /* a message came that no exchange sends */
};

static uint64_t now_ms;

static uint64_t clock_of_day(void)
{
	return now_ms;
}

static void queue(struct buffer *b, const struct wire_message *m)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	int len = wire_encode(m, bytes);

	if (len < 0 || buffer_append(b, bytes, (size_t)len) < 0)
		abort(); /* our own words are well-formed, and bounded */
}

static void to_peer(void *user, const struct wire_message *m, bool soon)
{
	struct buffer nowhere;

	(void)user;
	(void)soon;
	buffer_init(&nowhere, WIRE_MESSAGE_MAX_BYTES);
	queue(&nowhere, m);
	buffer_finish(&nowhere);
}

static void to_local(void *user, const struct wire_message *m)
{
	queue(&((struct day *)user)->to_exchange, m);
}

static void ready(void *user)
{
	(void)user;
}

static void ended(void *user, const struct carrier_report *report)
{
	(void)user;
	if ((unsigned)report->kind >= WIRE_CLIPBOARD_KINDS ||
		report->selection >= CLIPBOARD_SELECTION_COUNT ||
		report->bytes > WIRE_CLIPBOARD_PNG_MAX_BYTES)
		abort();
}

static const struct carrier_ops ops = {
	.to_peer = to_peer, .to_local = to_local, .ready = ready, .ended = ended
};

static void send_to_carrier(void *user, const struct wire_message *m)
{
	queue(&((struct day *)user)->to_carrier, m);
}

static const struct exchange_line line = { .send = send_to_carrier };

/* The next message of the bytes; 0: there is none. */
static size_t take_message(const uint8_t *bytes, size_t len, struct wire_message *m)
{
	struct wire_header header;

	if (len < WIRE_HEADER_BYTES || wire_header_decode(bytes, &header) != 0 ||
		len - WIRE_HEADER_BYTES < header.len ||
		wire_decode(&header, bytes + WIRE_HEADER_BYTES, m) != 0)
		return 0;
	return WIRE_HEADER_BYTES + (size_t)header.len;
}

/* Between carrier and exchange, until nothing waits. */
static void settle(struct day *d)
{
	struct wire_message m;

	while (d->to_carrier.len > 0 || d->to_exchange.len > 0) {
		bool up = d->to_exchange.len > 0;
		struct buffer *from = up ? &d->to_exchange : &d->to_carrier;
		size_t len = take_message(buffer_front(from), from->len, &m);
		int r = up ? exchange_message(d->exchange, &m, now_ms)
			   : carrier_from_local(&d->carrier, &m);
		if (len == 0 || (r < 0 && !d->taken_over))
			abort();
		buffer_consume(from, len);
	}
}

static void set_rules(struct day *d, uint8_t caps)
{
	struct carrier_rules rules = carrier_all;

	rules.out_kinds &= caps & 0x0fU;
	rules.in_kinds &= caps >> 4U;
	carrier_set_rules(&d->carrier, &rules);
	exchange_set_directions(d->exchange, rules.out_kinds, rules.in_kinds, now_ms);
}

static void begin(struct day *d)
{
	*d = (struct day){ 0 };
	now_ms = 1000;
	carrier_init(&d->carrier, &ops, d);
	fake_local_init(&d->local);
	buffer_init(&d->to_carrier, QUEUE_MAX_BYTES);
	buffer_init(&d->to_exchange, QUEUE_MAX_BYTES);
	if (exchange_create(&d->exchange, &d->local.local, &line, d, 1) < 0)
		abort();
	d->exchange->clock_ms = clock_of_day;
	d->local.local.listener = &exchange_listener;
	d->local.local.user = d->exchange;
	set_rules(d, 0xff);
	exchange_set_line(d->exchange, true, now_ms);
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		exchange_set_open(d->exchange, (enum clipboard_selection)s, true, now_ms);
}

static void finish(struct day *d)
{
	exchange_destroy(d->exchange);
	carrier_finish(&d->carrier);
	fake_local_finish(&d->local);
	buffer_finish(&d->to_carrier);
	buffer_finish(&d->to_exchange);
}

static void copy(struct day *d, uint8_t what)
{
	static const char *const bytes[] = { "text", "<b>html</b>",
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", "{\\rtf1}" };
	static const size_t len[] = { 4, 11, 24, 7 };
	const unsigned kind = what % WIRE_CLIPBOARD_KINDS;
	const struct clipboard_owner owner = { .kinds = CLIPBOARD_BIT(kind),
		.secret = what & 0x10,
		.origin = what & 0x20 ? what : 0 };

	fake_copy_as(&d->local, (enum clipboard_selection)(what >> 7), (enum clipboard_kind)kind,
		bytes[kind], len[kind], &owner);
}

static void paste(struct day *d, uint8_t what)
{
	if (++d->pastes > FAKE_REQUESTS_MAX)
		return;
	fake_paste(&d->local, (enum clipboard_selection)(what >> 7),
		(enum clipboard_kind)(what % WIRE_CLIPBOARD_KINDS), what & 0x40 ? 3 : SIZE_MAX);
}

static void send_turns(struct day *d)
{
	static uint8_t out[WIRE_MESSAGE_MAX_BYTES];
	struct wire_message m;
	bool more = true;

	for (int len; more && (len = carrier_next(&d->carrier, out, &more)) != 0;)
		if (len < 0 || take_message(out, (size_t)len, &m) != (size_t)len)
			abort();
}

static void pass_time(struct day *d, uint8_t units)
{
	now_ms += 16 * (uint64_t)units;
	if (exchange_tick(d->exchange, now_ms) < -1)
		abort();
}

/* false: the connection has ended. */
static bool say(struct day *d, const struct wire_message *m, bool peer)
{
	d->taken_over = d->taken_over || !peer;
	int r = peer ? carrier_from_peer(&d->carrier, m, now_ms)
		     : carrier_from_local(&d->carrier, m);
	if (r < 0 && r != -EPROTO)
		abort();
	return r == 0;
}

/* One thing that happens, with what stands behind it; how many bytes that was, 0 at the end. */
static size_t happen(struct day *d, const uint8_t *data, size_t size)
{
	static void (*const things[8])(struct day *,
		uint8_t) = { [2] = copy, [3] = paste, [5] = pass_time, [7] = set_rules };
	unsigned what = data[0] % 8;

	if (what < 2) {
		struct wire_message m;
		size_t len = take_message(data + 1, size - 1, &m);
		return len > 0 && say(d, &m, what == 0) ? 1 + len : 0;
	}
	if (what == 4)
		fake_step(&d->local);
	else if (what == 6)
		send_turns(d);
	if (!things[what])
		return 1;
	if (size < 2)
		return 0;
	things[what](d, data[1]);
	return 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct day d;

	begin(&d);
	for (size_t len = 1; size > 0 && len > 0; data += len, size -= len) {
		len = happen(&d, data, size);
		settle(&d);
	}
	finish(&d);
	return 0;
}
