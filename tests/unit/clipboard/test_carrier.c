/* What leaves is converted, what arrives is checked, and both ends keep to the protocol. */
#include "tests/unit/cmocka_first.h"

#include "common/clipboard/carrier.h"

#include <errno.h>
#include <string.h>

static struct wire_message peer_got, local_got;
static unsigned peer_count, local_count;
static uint8_t peer_bytes[WIRE_CLIPBOARD_PART_MAX_BYTES];

static void to_peer(void *user, const struct wire_message *m, bool soon)
{
	(void)user;
	(void)soon;
	peer_got = *m;
	peer_count++;
	if (m->type == WIRE_CLIPBOARD_DATA && m->clipboard_data.len > 0)
		memcpy(peer_bytes, m->clipboard_data.bytes, m->clipboard_data.len);
}

static void to_local(void *user, const struct wire_message *m)
{
	(void)user;
	local_got = *m;
	local_count++;
}

static void ready(void *user)
{
	(void)user;
}

static void ended(void *user, const struct carrier_report *report)
{
	(void)user;
	(void)report;
}

static uint32_t round_trip_us(void *user)
{
	(void)user;
	return 0; /* not known */
}

/* Beside a connection. */
static const struct carrier_ops paced_ops = {
	.to_peer = to_peer,
	.to_local = to_local,
	.ready = ready,
	.round_trip_us = round_trip_us,
	.ended = ended,
};

static const struct carrier_ops ops = {
	.to_peer = to_peer, .to_local = to_local, .ready = ready, .ended = ended
};

static struct carrier carrier;

static int setup(void **state)
{
	(void)state;
	carrier_init(&carrier, &ops, NULL);
	carrier_set_rules(&carrier, &carrier_all);
	peer_count = local_count = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	carrier_finish(&carrier);
	return 0;
}

static struct wire_message offer_of(uint8_t kinds)
{
	return (struct wire_message){ .type = WIRE_CLIPBOARD_OFFER,
		.clipboard_offer = { .offer = 1, .kinds = kinds, .origin = 1 } };
}

static struct wire_message ask_for(uint8_t kind)
{
	return (struct wire_message){ .type = WIRE_CLIPBOARD_ASK,
		.clipboard_ask = { .ask = 1, .offer = 1, .kind = kind, .window_bytes = 65536 } };
}

/* The same of what is asked of the exchange, whatever window the other end has. */
static void test_the_first_answer_may_be_far_ahead(void **state)
{
	struct wire_message m = offer_of(CLIPBOARD_WIRE_KINDS);

	(void)state;
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	for (uint32_t i = 1; i <= 3; i++) {
		m = ask_for(CLIPBOARD_PNG);
		m.clipboard_ask.ask = i;
		assert_int_equal(carrier_from_peer(&carrier, &m, 1), 0);
		assert_int_equal(local_got.clipboard_ask.window_bytes,
			i == 1 ? WIRE_CLIPBOARD_WINDOW_BYTES : WIRE_CLIPBOARD_SMALL_WINDOW_BYTES);
	}
}

static struct wire_message data_of(
	const void *bytes, size_t len, enum wire_clipboard_status status);

/* How many bytes leave now. */
static size_t leaves(struct carrier *c)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct wire_header header;
	size_t sent = 0;
	bool more;

	for (int n; (n = carrier_next(c, bytes, &more)) > 0;) {
		wire_header_read(bytes, &header);
		assert_int_equal(wire_decode(&header, bytes + WIRE_HEADER_BYTES, &peer_got), 0);
		sent += peer_got.clipboard_data.len;
	}
	return sent;
}

/* However much the other end has room for, a link has only so much under way that others find it short;
 * what the other end says it took may follow. */
static void test_a_link_is_not_filled(void **state)
{
	static uint8_t part[WIRE_CLIPBOARD_PART_MAX_BYTES] = "{\\rtf";
	const size_t parts = WIRE_CLIPBOARD_WINDOW_BYTES / sizeof(part);
	struct carrier c;
	struct wire_message m = offer_of(CLIPBOARD_WIRE_KINDS);

	(void)state;
	memset(part + 5, 'x', sizeof(part) - 5);
	carrier_init(&c, &paced_ops, NULL);
	carrier_set_rules(&c, &carrier_all);
	assert_int_equal(carrier_from_local(&c, &m), 0);
	m = ask_for(CLIPBOARD_RTF);
	m.clipboard_ask.window_bytes = WIRE_CLIPBOARD_WINDOW_MAX_BYTES;
	assert_int_equal(carrier_from_peer(&c, &m, 1), 0);
	for (size_t i = 0; i < parts; i++) {
		m = data_of(part, sizeof(part), WIRE_CLIPBOARD_PART);
		assert_int_equal(carrier_from_local(&c, &m), 0);
	}
	size_t first = leaves(&c);
	assert_in_range(
		first, TRANSFER_WINDOW_START_BYTES, TRANSFER_WINDOW_START_BYTES + sizeof(part) - 1);
	m = (struct wire_message){ .type = WIRE_CLIPBOARD_MORE,
		.clipboard_more = { .ask = 1, .window_bytes = 2 * sizeof(part) } };
	assert_int_equal(carrier_from_peer(&c, &m, 1), 0);
	assert_int_equal(leaves(&c), 2 * sizeof(part));
	carrier_finish(&c);
}

static struct wire_message data_of(const void *bytes, size_t len, enum wire_clipboard_status status)
{
	return (struct wire_message){ .type = WIRE_CLIPBOARD_DATA,
		.clipboard_data = {
			.ask = 1, .status = (uint8_t)status, .bytes = bytes, .len = len } };
}

/* What this machine's contents become on their way out. */
static void expect_out(enum clipboard_kind kind, const void *in, size_t len,
	enum wire_clipboard_status status, const void *out, size_t out_len)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct wire_message m = offer_of(CLIPBOARD_WIRE_KINDS);
	bool more;

	setup(NULL);
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	m = ask_for((uint8_t)kind);
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), 0);
	for (size_t i = 0; i < len; i++) { /* byte by byte */
		m = data_of((const uint8_t *)in + i, 1, WIRE_CLIPBOARD_PART);
		assert_int_equal(carrier_from_local(&carrier, &m), 0);
	}
	m = data_of(NULL, 0, WIRE_CLIPBOARD_END);
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	int n = carrier_next(&carrier, bytes, &more);
	if (n > 0) {
		struct wire_header header;
		wire_header_read(bytes, &header);
		assert_int_equal(wire_decode(&header, bytes + WIRE_HEADER_BYTES, &peer_got), 0);
		if (peer_got.clipboard_data.len > 0)
			memcpy(peer_bytes, peer_got.clipboard_data.bytes,
				peer_got.clipboard_data.len);
	}
	assert_int_equal(peer_got.clipboard_data.status, status);
	assert_int_equal(peer_got.clipboard_data.len, out_len);
	if (out_len > 0)
		assert_memory_equal(peer_bytes, out, out_len);
	carrier_finish(&carrier);
}

#define META "<meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\">"
#define OUT(kind, in, out)                                                                         \
	expect_out(kind, in, sizeof(in) - 1, WIRE_CLIPBOARD_END, out, sizeof(out) - 1)
#define UNUSABLE(kind, in) expect_out(kind, in, sizeof(in) - 1, WIRE_CLIPBOARD_UNUSABLE, NULL, 0)
#define PNG_HEAD           "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

static void test_what_leaves_is_converted(void **state)
{
	(void)state;
	OUT(CLIPBOARD_TEXT, "a\r\nb\xc3\xbc\xf0\x9f\x98\x80", "a\r\nb\xc3\xbc\xf0\x9f\x98\x80");
	OUT(CLIPBOARD_TEXT,
		"a\xff"
		"b\xe2\x82",
		"a\xef\xbf\xbd"
		"b\xef\xbf\xbd");
	OUT(CLIPBOARD_TEXT, "end\0", "end");
	OUT(CLIPBOARD_TEXT, "\xf0\x9f\x98!\xe2(", "\xef\xbf\xbd!\xef\xbf\xbd(");
	OUT(CLIPBOARD_TEXT, "", "");
	OUT(CLIPBOARD_HTML, "<b>x</b>", META "<b>x</b>");
	OUT(CLIPBOARD_HTML, "<meta charset=\"utf-8\"><b>x", "<meta charset=\"utf-8\"><b>x");
	OUT(CLIPBOARD_HTML, "\xff\xfe<\0b\0\xac\x20=\xd8\0\xde",
		META "<b\xe2\x82\xac\xf0\x9f\x98\x80");
	OUT(CLIPBOARD_HTML, "<\0b\0>\0", META "<b>");
	OUT(CLIPBOARD_HTML, "<meta charset=windows-1252>\x80\xe9",
		META "<meta charset=windows-1252>\xe2\x82\xac\xc3\xa9");
	OUT(CLIPBOARD_PNG, PNG_HEAD "\0\0\0\1\0\0\0\1rest", PNG_HEAD "\0\0\0\1\0\0\0\1rest");
	UNUSABLE(CLIPBOARD_PNG, PNG_HEAD "\0\0\0\0\0\0\0\1");
	UNUSABLE(CLIPBOARD_PNG, "BM this is no PNG at all, really");
	UNUSABLE(CLIPBOARD_PNG, "\x89PNG");
	expect_out(CLIPBOARD_PNG, PNG_HEAD "\0\0\x40\0\0\0\x10\1", 24, WIRE_CLIPBOARD_TOO_LARGE,
		NULL, 0);
	OUT(CLIPBOARD_RTF, "{\\rtf1 x}", "{\\rtf1 x}");
	UNUSABLE(CLIPBOARD_RTF, "{\\html1 x}");
}

/* What comes out does not hang on where the parts were cut. */
static void test_cuts_change_nothing(void **state)
{
	static const uint8_t in[] = "\xf0\x9f\x98!\xe2(\xe2\x82\xac\xed\xa0\x80\xc0\xf4\x90";

	(void)state;
	for (size_t step = 1; step < sizeof(in); step++) {
		struct convert whole, cut;
		struct buffer a, b;
		buffer_init(&a, 4096);
		buffer_init(&b, 4096);
		convert_init(&whole, CLIPBOARD_TEXT);
		convert_init(&cut, CLIPBOARD_TEXT);
		assert_int_equal(convert_take(&whole, in, sizeof(in) - 1, true, &a), 0);
		for (size_t at = 0; at < sizeof(in) - 1; at += step) {
			size_t len = MIN(step, sizeof(in) - 1 - at);
			bool end = at + len == sizeof(in) - 1;
			assert_int_equal(convert_take(&cut, in + at, len, end, &b), 0);
		}
		assert_int_equal(a.len, b.len);
		assert_memory_equal(buffer_front(&a), buffer_front(&b), a.len);
		buffer_finish(&a);
		buffer_finish(&b);
	}
}

/* What the other end's contents are judged to be. */
static void expect_in(enum clipboard_kind kind, const void *bytes, size_t len, int result)
{
	struct wire_message m = offer_of(CLIPBOARD_WIRE_KINDS);

	setup(NULL);
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), 0);
	m = ask_for((uint8_t)kind);
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	local_count = 0;
	m = data_of(bytes, len, WIRE_CLIPBOARD_END);
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), result);
	assert_int_equal(local_count, result == 0);
	carrier_finish(&carrier);
}

static void test_what_arrives_is_checked(void **state)
{
	(void)state;
	expect_in(CLIPBOARD_TEXT, "\xc3\xbc", 2, 0);
	expect_in(CLIPBOARD_TEXT, "\xc3", 1, -EPROTO);
	expect_in(CLIPBOARD_TEXT, "a\0b", 3, -EPROTO);
	expect_in(CLIPBOARD_HTML, "\xed\xa0\x80", 3, -EPROTO);
	expect_in(CLIPBOARD_PNG, PNG_HEAD "\0\0\0\1\0\0\0\1", 24, 0);
	expect_in(CLIPBOARD_PNG, PNG_HEAD "\0\0\0\1\0\0\0\0", 24, -EPROTO);
	expect_in(CLIPBOARD_PNG, PNG_HEAD "\0\0\x40\0\0\0\x10\1", 24, -EPROTO);
	expect_in(CLIPBOARD_PNG, PNG_HEAD, 16, -EPROTO);
	expect_in(CLIPBOARD_RTF, "{\\rtf1}", 7, 0);
	expect_in(CLIPBOARD_RTF, "rtf", 3, -EPROTO);
}

static void test_limits(void **state)
{
	static uint8_t bytes[WIRE_CLIPBOARD_PART_MAX_BYTES];
	struct wire_message m = offer_of(1);

	(void)state;
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), 0);
	m = ask_for(CLIPBOARD_TEXT);
	m.clipboard_ask.window_bytes = 10;
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	memset(bytes, 'a', sizeof(bytes));
	m = data_of(bytes, 11, WIRE_CLIPBOARD_PART); /* beyond the window */
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), -EPROTO);
	/* questions: twice the same, and too many */
	m = offer_of(1);
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	m = ask_for(CLIPBOARD_TEXT);
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), 0);
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), -EPROTO);
	for (uint32_t i = 2; i <= WIRE_CLIPBOARD_ASKS_MAX + 1; i++) {
		m.clipboard_ask.ask = i;
		assert_int_equal(carrier_from_peer(&carrier, &m, 1),
			i <= WIRE_CLIPBOARD_ASKS_MAX ? 0 : -EPROTO);
	}
	/* a flood of offers */
	int r = 0;
	m = offer_of(1);
	for (int i = 0; i <= CARRIER_NEWS_BURST && r == 0; i++)
		r = carrier_from_peer(&carrier, &m, 1);
	assert_int_equal(r, -EPROTO);
}

static void test_rules_count_at_once(void **state)
{
	struct carrier_rules rules = carrier_all;
	struct wire_message m = offer_of(1);

	(void)state;
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	m = ask_for(CLIPBOARD_TEXT);
	assert_int_equal(carrier_from_peer(&carrier, &m, 1), 0);
	rules.out_kinds = 0;
	carrier_set_rules(&carrier, &rules);
	assert_int_equal(peer_got.clipboard_data.status, WIRE_CLIPBOARD_REFUSED);
	assert_int_equal(local_got.type, WIRE_CLIPBOARD_STOP);
	peer_count = 0;
	m = offer_of(1);
	assert_int_equal(carrier_from_local(&carrier, &m), 0);
	assert_int_equal(peer_count, 0);
}

/* An exchange may hear of a right before we do, and offers then what may not pass yet. */
static void test_what_may_pass_later_is_offered_then(void **state)
{
	const struct carrier_rules none = { 0 };
	struct carrier_rules text = carrier_all;
	const struct wire_message both =
		offer_of(CLIPBOARD_BIT(CLIPBOARD_TEXT) | CLIPBOARD_BIT(CLIPBOARD_PNG));
	const struct wire_message gone = { .type = WIRE_CLIPBOARD_WITHDRAW,
		.clipboard_withdraw = { .offer = 1 } };

	(void)state;
	text.out_kinds = CLIPBOARD_BIT(CLIPBOARD_TEXT);
	carrier_set_rules(&carrier, &none);
	assert_int_equal(carrier_from_local(&carrier, &both), 0);
	assert_int_equal(peer_count, 0);
	carrier_set_rules(&carrier, &text);
	assert_int_equal(peer_count, 1);
	assert_int_equal(peer_got.clipboard_offer.kinds, text.out_kinds);
	carrier_set_rules(&carrier, &carrier_all);
	assert_int_equal(peer_count, 2);
	assert_int_equal(peer_got.clipboard_offer.kinds, both.clipboard_offer.kinds);
	carrier_set_rules(&carrier, &none);
	assert_int_equal(carrier_from_local(&carrier, &gone), 0);
	carrier_set_rules(&carrier, &carrier_all);
	assert_int_equal(peer_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_leaves_is_converted),
		cmocka_unit_test(test_cuts_change_nothing),
		cmocka_unit_test(test_what_arrives_is_checked),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_first_answer_may_be_far_ahead, setup, teardown),
		cmocka_unit_test(test_a_link_is_not_filled),
		cmocka_unit_test_setup_teardown(test_rules_count_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_may_pass_later_is_offered_then, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
