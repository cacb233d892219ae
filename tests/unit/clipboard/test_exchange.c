/* Two exchanges joined by a line of encoded messages, each with a clipboard in memory: what is offered,
 * what crosses and when, and what the machine's programs get. */
#include "tests/unit/cmocka_first.h"

#include "common/clipboard/exchange_state.h"
#include "tests/unit/clipboard/fake_local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LAPTOP 0x1111U
#define OFFICE 0x2222U

static uint64_t now_ms;

static uint64_t clock_of_test(void)
{
	return now_ms;
}

struct end {
	struct fake_local local;
	struct exchange *exchange;
	struct buffer out; /* encoded messages */
	size_t sent_bytes;
	unsigned sent[256]; /* by type */
	struct wire_clipboard_data last_data;
	bool secret_here;
	unsigned withheld;
	unsigned offered;
	int failed; /* enum wire_clipboard_status, or -1 */
	unsigned files_wanted;
};

static struct end laptop, office;

static void send_message(void *user, const struct wire_message *m)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct end *end = user;
	int len = wire_encode(m, bytes);

	assert_true(len > 0);
	assert_int_equal(buffer_append(&end->out, bytes, (size_t)len), 0);
	end->sent_bytes += (size_t)len;
	end->sent[m->type]++;
	if (m->type == WIRE_CLIPBOARD_DATA)
		end->last_data = m->clipboard_data;
}

static void secret(void *user, enum clipboard_selection selection, bool here)
{
	(void)selection;
	((struct end *)user)->secret_here = here;
}

static void withheld(void *user, enum clipboard_selection selection)
{
	assert_int_equal(selection, CLIPBOARD_CLIPBOARD);
	((struct end *)user)->withheld++;
}

static void failed(void *user, enum clipboard_kind kind, enum wire_clipboard_status why)
{
	(void)kind;
	((struct end *)user)->failed = (int)why;
}

static void offered(void *user, enum clipboard_selection selection, unsigned kinds)
{
	(void)selection;
	((struct end *)user)->offered = kinds;
}

static void files_wanted(void *user)
{
	((struct end *)user)->files_wanted++;
}

static const struct exchange_line line = {
	.send = send_message,
	.secret = secret,
	.withheld = withheld,
	.failed = failed,
	.offered = offered,
	.files = files_wanted,
};

static void begin(struct end *end, uint64_t origin)
{
	memset(end, 0, sizeof(*end));
	end->failed = -1;
	fake_local_init(&end->local);
	buffer_init(&end->out, SIZE_MAX / 2);
	assert_int_equal(exchange_create(&end->exchange, &end->local.local, &line, end, origin), 0);
	end->exchange->clock_ms = clock_of_test;
	end->local.local.listener = &exchange_listener;
	end->local.local.user = end->exchange;
	exchange_set_directions(end->exchange, CLIPBOARD_WIRE_KINDS, CLIPBOARD_WIRE_KINDS, now_ms);
	exchange_set_line(end->exchange, true, now_ms);
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		exchange_set_open(end->exchange, (enum clipboard_selection)s, true, now_ms);
}

static int setup(void **state)
{
	(void)state;
	now_ms = 1000000;
	begin(&laptop, LAPTOP);
	begin(&office, OFFICE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	struct end *ends[] = { &laptop, &office };
	for (size_t i = 0; i < 2; i++) {
		exchange_destroy(ends[i]->exchange);
		fake_local_finish(&ends[i]->local);
		buffer_finish(&ends[i]->out);
	}
	return 0;
}

/* Hands one message over; false: none waits. */
static bool carry(struct end *from, struct end *to)
{
	struct wire_header header;
	struct wire_message m;

	if (from->out.len == 0)
		return false;
	assert_int_equal(wire_header_decode(buffer_front(&from->out), &header), 0);
	assert_int_equal(wire_decode(&header, buffer_front(&from->out) + WIRE_HEADER_BYTES, &m), 0);
	assert_int_equal(exchange_message(to->exchange, &m, now_ms), 0);
	buffer_consume(&from->out, WIRE_HEADER_BYTES + (size_t)header.len);
	return true;
}

/* Until nothing moves, after as long as one offer waits for the next. */
static void run(void)
{
	bool moved = true;

	now_ms += CLIPBOARD_CLIPBOARD_MS;
	(void)exchange_tick(laptop.exchange, now_ms);
	(void)exchange_tick(office.exchange, now_ms);
	while (moved) {
		size_t before = laptop.local.read_bytes + office.local.read_bytes;
		fake_step(&laptop.local);
		fake_step(&office.local);
		moved = before != laptop.local.read_bytes + office.local.read_bytes;
		while (carry(&laptop, &office) || carry(&office, &laptop))
			moved = true;
	}
}

static void expect(const struct fake_request *r, const void *bytes, size_t len)
{
	assert_true(r->ended);
	assert_false(r->refused);
	assert_int_equal(r->got.len, len);
	assert_memory_equal(buffer_front(&r->got), bytes, len);
}

static void test_an_offer_is_all_until_a_paste(void **state)
{
	static uint8_t text[10U << 20];

	(void)state;
	memset(text, 'x', sizeof(text));
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, sizeof(text));
	run();
	assert_int_equal(laptop.sent_bytes, 19);
	assert_int_equal(laptop.local.read_count, 0);
	assert_true(office.local.owned[CLIPBOARD_CLIPBOARD]);
	assert_false(office.local.owned[CLIPBOARD_PRIMARY]);
	assert_int_equal(office.local.content[0].kinds, CLIPBOARD_BIT(CLIPBOARD_TEXT));
	assert_int_equal(office.local.content[0].origin, LAPTOP);
	assert_true(office.local.content[0].secret); /* so that managers keep nothing */
	/* what was owned for the other end is not offered back to it */
	assert_int_equal(office.sent_bytes, 0);

	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(r, text, sizeof(text));
}

static void test_never_more_than_the_window(void **state)
{
	static uint8_t picture[4 * WIRE_CLIPBOARD_WINDOW_BYTES];
	/* Each part has a header of 13 bytes. */
	const size_t headers = 13 * (WIRE_CLIPBOARD_WINDOW_BYTES / 4096);

	(void)state;
	for (size_t i = 0; i < sizeof(picture); i++)
		picture[i] = (uint8_t)(i * 7 + i / 256);
	fake_copy(&office.local, CLIPBOARD_PRIMARY, CLIPBOARD_PNG, picture, sizeof(picture));
	run();
	struct fake_request *r =
		fake_paste(&laptop.local, CLIPBOARD_PRIMARY, CLIPBOARD_PNG, SIZE_MAX);
	assert_true(carry(&laptop, &office)); /* ASK */
	for (int i = 0; i < 3; i++)
		fake_step(&office.local);
	/* the reader of the clipboard stands still until the other end takes something */
	assert_int_equal(office.local.read_bytes, WIRE_CLIPBOARD_WINDOW_BYTES);
	size_t most = 0;
	while (!r->ended) {
		most = MAX(most, office.out.len);
		fake_step(&office.local);
		if (!carry(&office, &laptop))
			assert_true(carry(&laptop, &office));
	}
	assert_true(most <= WIRE_CLIPBOARD_WINDOW_BYTES + headers);
	expect(r, picture, sizeof(picture));
}

/* A clipboard manager asks for all at once: only the first answer may be far ahead. */
static void test_questions_beside_another_have_less(void **state)
{
	static const enum clipboard_kind kinds[] = { CLIPBOARD_PNG, CLIPBOARD_HTML, CLIPBOARD_RTF };
	static uint8_t bytes[2 * WIRE_CLIPBOARD_WINDOW_BYTES];

	(void)state;
	const struct clipboard_owner owner = { .kinds = CLIPBOARD_WIRE_KINDS };
	fake_copy_as(
		&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, bytes, sizeof(bytes), &owner);
	run();
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		office.local.bytes[CLIPBOARD_CLIPBOARD][kinds[i]] = bytes;
		office.local.len[CLIPBOARD_CLIPBOARD][kinds[i]] = sizeof(bytes);
	}
	run();

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, kinds[i], SIZE_MAX);
	while (carry(&laptop, &office))
		;
	assert_int_equal(office.local.read_count, ARRAY_LEN(kinds));
	assert_int_equal(office.local.reads[0].window, WIRE_CLIPBOARD_WINDOW_BYTES);
	for (size_t i = 1; i < ARRAY_LEN(kinds); i++)
		assert_int_equal(office.local.reads[i].window, WIRE_CLIPBOARD_SMALL_WINDOW_BYTES);
}

static void test_one_question_for_all_who_paste(void **state)
{
	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "once", 4);
	run();
	struct fake_request *a =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	struct fake_request *b =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(a, "once", 4);
	expect(b, "once", 4);
	/* and it is kept */
	for (int i = 0; i < 20; i++)
		expect(fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX),
			"once", 4);
	assert_int_equal(office.sent[WIRE_CLIPBOARD_ASK], 1);
	assert_int_equal(laptop.local.read_count, 1);

	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "twice", 5);
	run();
	a = fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(a, "twice", 5);
}

#define FILES_TOO (CLIPBOARD_WIRE_KINDS | CLIPBOARD_BIT(CLIPBOARD_FILES))

static void allow_files(void)
{
	exchange_set_directions(office.exchange, FILES_TOO, CLIPBOARD_WIRE_KINDS, now_ms);
	exchange_set_directions(laptop.exchange, CLIPBOARD_WIRE_KINDS, FILES_TOO, now_ms);
}

/* Nothing is asked for by the clipboard's messages: the laptop fetches them in its own way. */
static void test_files_are_fetched_when_they_are_pasted(void **state)
{
	static const uint8_t uris[] = "file:///run/pasted/a\r\n";

	(void)state;
	allow_files();
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, "there", 5);
	run();
	assert_int_equal(laptop.local.content[0].kinds, CLIPBOARD_BIT(CLIPBOARD_FILES));
	assert_int_equal(laptop.files_wanted, 0);
	struct fake_request *a =
		fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, SIZE_MAX);
	struct fake_request *b =
		fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, SIZE_MAX);
	run();
	assert_int_equal(laptop.files_wanted, 1);
	exchange_give_files(laptop.exchange, uris, sizeof(uris) - 1);
	expect(a, uris, sizeof(uris) - 1);
	expect(b, uris, sizeof(uris) - 1);
	expect(fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, SIZE_MAX), uris,
		sizeof(uris) - 1);
	assert_int_equal(laptop.files_wanted, 1);
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_ASK], 0);
	assert_int_equal(office.local.read_count, 0);
	/* no more: they are fetched anew */
	exchange_refuse_files(laptop.exchange);
	a = fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, SIZE_MAX);
	assert_int_equal(laptop.files_wanted, 2);
	exchange_refuse_files(laptop.exchange);
	assert_true(a->refused);
}

static void test_files_that_do_not_come(void **state)
{
	(void)state;
	allow_files();
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, "there", 5);
	run();
	struct fake_request *r =
		fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, SIZE_MAX);
	now_ms += CLIPBOARD_ANSWER_MS;
	(void)exchange_tick(laptop.exchange, now_ms);
	assert_true(r->refused);
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_STOP], 0);
	exchange_give_files(laptop.exchange, (const uint8_t *)"late", 4); /* goes nowhere */
	/* an answer by the clipboard's messages, which the workstation was never asked for */
	r = fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, SIZE_MAX);
	const struct wire_message data = { .type = WIRE_CLIPBOARD_DATA,
		.clipboard_data = { .status = WIRE_CLIPBOARD_END,
			.bytes = (const uint8_t *)"file:///etc",
			.len = 11 } };
	assert_int_equal(exchange_message(laptop.exchange, &data, now_ms), 0);
	assert_false(r->ended);
	/* another offer */
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "text", 4);
	run();
	assert_true(r->refused);
}

static void test_files_go_where_they_may(void **state)
{
	(void)state;
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, "there", 5);
	run();
	assert_int_equal(office.sent[WIRE_CLIPBOARD_OFFER], 0); /* neither may */
	allow_files();
	run();
	assert_int_equal(office.sent[WIRE_CLIPBOARD_OFFER], 1);
	assert_true(laptop.local.owned[CLIPBOARD_CLIPBOARD]);
	fake_copy(&office.local, CLIPBOARD_PRIMARY, CLIPBOARD_FILES, "there", 5);
	run();
	assert_int_equal(office.sent[WIRE_CLIPBOARD_OFFER], 1);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_FILES, "here", 4);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], 0);
}

static void test_a_program_that_takes_little(void **state)
{
	static uint8_t text[300000];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)('a' + i % 26);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, sizeof(text));
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, 1000);
	run();
	assert_int_equal(r->got.len, 1000);
	while (!r->ended) {
		fake_drain(&office.local, r, 70000);
		run();
	}
	expect(r, text, sizeof(text));
}

static void test_an_empty_answer_is_whole(void **state)
{
	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "", 0);
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	/* the fake tells nothing for an empty text but its end */
	fake_step(&laptop.local);
	run();
	fake_step(&laptop.local);
	run();
	assert_true(r->ended);
	assert_int_equal(r->got.len, 0);
}

static void test_secrets_stay(void **state)
{
	const struct clipboard_owner hidden = { .kinds = CLIPBOARD_BIT(CLIPBOARD_TEXT),
		.secret = true };

	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "old", 3);
	run();
	size_t before = laptop.sent_bytes;
	fake_copy_as(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "hunter2", 7, &hidden);
	run();
	assert_int_equal(laptop.sent_bytes - before, 8); /* the old one is withdrawn */
	assert_true(laptop.secret_here);
	assert_true(office.local.cleared[CLIPBOARD_CLIPBOARD]);
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	assert_true(r->refused);
	assert_int_equal(laptop.local.read_count, 0);
	/* a question for it all the same, by an end that was taken over */
	const struct wire_message ask = { .type = WIRE_CLIPBOARD_ASK,
		.clipboard_ask = { .ask = 9, .offer = 1, .kind = 0, .window_bytes = 100 } };
	assert_int_equal(exchange_message(laptop.exchange, &ask, now_ms), 0);
	assert_int_equal(laptop.last_data.status, WIRE_CLIPBOARD_GONE);
	assert_int_equal(laptop.local.read_count, 0);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "new", 3);
	assert_false(laptop.secret_here);
}

static void got_text(void *user, const uint8_t *text, size_t len)
{
	char *out = user;

	assert_true(len < 32);
	if (text)
		memcpy(out, text, len);
	else
		strcpy(out, "none");
}

static void test_a_secret_is_read_when_it_is_asked_for_here(void **state)
{
	const struct clipboard_owner hidden = { .kinds = CLIPBOARD_BIT(CLIPBOARD_TEXT),
		.secret = true };
	char text[32] = "";

	(void)state;
	assert_int_equal(
		exchange_read_text(laptop.exchange, CLIPBOARD_CLIPBOARD, 20, got_text, text),
		-ENOENT);
	fake_copy_as(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "hunter2", 7, &hidden);
	assert_int_equal(
		exchange_read_text(laptop.exchange, CLIPBOARD_CLIPBOARD, 20, got_text, text), 0);
	assert_int_equal(
		exchange_read_text(laptop.exchange, CLIPBOARD_CLIPBOARD, 20, got_text, text),
		-EBUSY);
	run();
	assert_string_equal(text, "hunter2");
	assert_int_equal(laptop.sent_bytes, 0);
	/* longer than it may be */
	assert_int_equal(
		exchange_read_text(laptop.exchange, CLIPBOARD_CLIPBOARD, 6, got_text, text), 0);
	run();
	assert_string_equal(text, "none");
}

static void test_what_may_not_go_is_told(void **state)
{
	const struct clipboard_owner hidden = { .kinds = CLIPBOARD_BIT(CLIPBOARD_TEXT),
		.secret = true };

	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "goes", 4);
	exchange_set_directions(laptop.exchange, CLIPBOARD_BIT(CLIPBOARD_TEXT), 0, now_ms);
	assert_int_equal(laptop.withheld, 0); /* what was copied before is no news */
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_PNG, "picture", 7);
	assert_int_equal(laptop.withheld, 1);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "goes", 4);
	exchange_set_directions(laptop.exchange, 0, CLIPBOARD_WIRE_KINDS, now_ms);
	fake_copy_as(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "hunter2", 7, &hidden);
	assert_int_equal(laptop.withheld, 1);
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "there", 5);
	run();
	assert_int_equal(laptop.withheld, 1); /* it is the other end's */
	exchange_set_line(laptop.exchange, false, now_ms);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "alone", 5);
	assert_int_equal(laptop.withheld, 1);
	exchange_set_line(laptop.exchange, true, now_ms);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "stays", 5);
	assert_int_equal(laptop.withheld, 2);
}

static void test_directions_count_at_once(void **state)
{
	static uint8_t text[2 * WIRE_CLIPBOARD_WINDOW_BYTES];

	(void)state;
	memset(text, 'y', sizeof(text));
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, sizeof(text));
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	carry(&office, &laptop);
	fake_step(&laptop.local); /* a window of it is under way */
	exchange_set_directions(laptop.exchange, 0, CLIPBOARD_WIRE_KINDS, now_ms);
	run();
	assert_true(r->refused);
	assert_int_equal(office.failed, WIRE_CLIPBOARD_REFUSED);
	assert_int_equal(laptop.local.read_bytes, WIRE_CLIPBOARD_WINDOW_BYTES);
	assert_true(office.local.cleared[CLIPBOARD_CLIPBOARD]);
	unsigned offers = laptop.sent[WIRE_CLIPBOARD_OFFER];
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "off", 3);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], offers);
	exchange_set_directions(laptop.exchange, CLIPBOARD_WIRE_KINDS, 0, now_ms);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], offers + 1);
	/* and the other way: an offer that came is owned once it may */
	fake_copy(&office.local, CLIPBOARD_PRIMARY, CLIPBOARD_TEXT, "in", 2);
	run();
	assert_false(laptop.local.owned[CLIPBOARD_PRIMARY]);
	exchange_set_directions(laptop.exchange, 0, CLIPBOARD_BIT(CLIPBOARD_TEXT), now_ms);
	assert_true(laptop.local.owned[CLIPBOARD_PRIMARY]);
	exchange_set_directions(laptop.exchange, 0, CLIPBOARD_BIT(CLIPBOARD_PNG), now_ms);
	assert_true(laptop.local.cleared[CLIPBOARD_PRIMARY]);
}

static void test_closed_it_says_nothing(void **state)
{
	(void)state;
	exchange_set_open(laptop.exchange, CLIPBOARD_CLIPBOARD, false, now_ms);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "a", 1);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "b", 1);
	run();
	assert_int_equal(laptop.sent_bytes, 0);
	exchange_set_open(laptop.exchange, CLIPBOARD_CLIPBOARD, true, now_ms);
	assert_int_equal(laptop.sent_bytes, 19);
	exchange_set_open(laptop.exchange, CLIPBOARD_CLIPBOARD, false, now_ms);
	exchange_set_open(laptop.exchange, CLIPBOARD_CLIPBOARD, true, now_ms);
	assert_int_equal(laptop.sent_bytes, 19);
	/* what was offered before is not what stands there now */
	exchange_set_open(laptop.exchange, CLIPBOARD_CLIPBOARD, false, now_ms);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "later", 5);
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	assert_true(r->refused);
	assert_int_equal(office.failed, WIRE_CLIPBOARD_GONE);
}

/* A program copies each ms for a second; how often that is offered. */
static unsigned offers_in_a_second(enum clipboard_selection selection, int pause_ms)
{
	for (int i = 0; i < 1000; i++) {
		now_ms++;
		fake_copy(&laptop.local, selection, CLIPBOARD_TEXT, "abcdefgh", 8);
		(void)exchange_tick(laptop.exchange, now_ms);
	}
	unsigned offers = laptop.sent[WIRE_CLIPBOARD_OFFER];
	int wait_ms = exchange_tick(laptop.exchange, now_ms);
	assert_in_range(wait_ms, 1, pause_ms);
	now_ms += (uint64_t)wait_ms;
	assert_int_equal(exchange_tick(laptop.exchange, now_ms), -1);
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], offers + 1); /* the last copy */
	return offers;
}

static void test_primary_is_offered_seldom(void **state)
{
	(void)state;
	assert_in_range(offers_in_a_second(CLIPBOARD_PRIMARY, CLIPBOARD_PRIMARY_MS), 3, 5);
}

static void test_a_program_copies_in_a_loop(void **state)
{
	(void)state;
	assert_in_range(offers_in_a_second(CLIPBOARD_CLIPBOARD, CLIPBOARD_CLIPBOARD_MS), 9, 11);
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_WITHDRAW], 0);
}

static void test_late_answers_are_refused(void **state)
{
	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "slow", 4);
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	carry(&office, &laptop); /* the owner does not answer */
	now_ms += CLIPBOARD_ANSWER_MS - 1;
	assert_int_equal(exchange_tick(office.exchange, now_ms), 1);
	assert_false(r->refused);
	now_ms++;
	assert_int_equal(exchange_tick(office.exchange, now_ms), -1);
	assert_true(r->refused);
	assert_int_equal(office.failed, WIRE_CLIPBOARD_LATE);
	/* what comes after all goes nowhere, and the next paste asks anew */
	fake_step(&laptop.local);
	run();
	r = fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(r, "slow", 4);
}

static void test_too_large(void **state)
{
	size_t len = WIRE_CLIPBOARD_TEXT_MAX_BYTES + 1;
	uint8_t *text = calloc(1, len);

	(void)state;
	assert_non_null(text);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, len - 1);
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	assert_true(r->ended);
	now_ms += 2 * EXCHANGE_ECHO_MS;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, len);
	run();
	r = fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	assert_true(r->refused);
	assert_int_equal(r->got.len, 0); /* a beginning of it would be taken for all */
	assert_int_equal(office.failed, WIRE_CLIPBOARD_TOO_LARGE);
	/* which is known from then on */
	unsigned asked = office.sent[WIRE_CLIPBOARD_ASK];
	assert_true(
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX)->refused);
	assert_int_equal(office.sent[WIRE_CLIPBOARD_ASK], asked);
	free(text);
}

static void test_parts_are_given_after_a_while(void **state)
{
	static uint8_t text[200000];

	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_RTF, text, sizeof(text));
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_RTF, SIZE_MAX);
	assert_true(carry(&office, &laptop));
	fake_step(&laptop.local);
	assert_true(carry(&laptop, &office));
	assert_int_equal(exchange_tick(office.exchange, now_ms), EXCHANGE_HOLD_MS);
	assert_int_equal(r->got.len, 0);
	now_ms += EXCHANGE_HOLD_MS;
	(void)exchange_tick(office.exchange, now_ms);
	assert_in_range(r->got.len, 1, sizeof(text) - 1);
	run();
	expect(r, text, sizeof(text));
}

static void test_the_owner_changes_in_the_middle(void **state)
{
	static uint8_t text[2 * WIRE_CLIPBOARD_WINDOW_BYTES];

	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_RTF, text, sizeof(text));
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_RTF, SIZE_MAX);
	carry(&office, &laptop);
	fake_step(&laptop.local);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "new", 3);
	run();
	assert_true(r->refused);
	r = fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(r, "new", 3);
	/* a program of the office copies: what it owned for the laptop is void there, and offered */
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "office", 6);
	run();
	assert_true(laptop.local.owned[CLIPBOARD_CLIPBOARD]);
	r = fake_paste(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(r, "office", 6);
}

static void test_who_pastes_goes_away(void **state)
{
	static uint8_t text[200000];

	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, sizeof(text));
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	carry(&office, &laptop);
	exchange_listener.unwanted(office.exchange, r->request);
	assert_int_equal(office.sent[WIRE_CLIPBOARD_STOP], 1);
	run();
	for (size_t i = 0; i < FAKE_READS_MAX; i++)
		assert_int_equal(laptop.local.reads[i].read, 0);
	assert_int_equal(r->got.len, 0);
}

static void test_nothing_goes_round(void **state)
{
	const struct clipboard_owner back = { .kinds = CLIPBOARD_BIT(CLIPBOARD_TEXT),
		.origin = LAPTOP };
	struct clipboard_owner other = { .kinds = CLIPBOARD_BIT(CLIPBOARD_TEXT), .origin = 0x3333 };

	(void)state;
	exchange_set_mark(office.exchange, false);
	/* a Farseat further on brings our own copy back */
	fake_copy_as(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "x", 1, &back);
	run();
	assert_int_equal(laptop.sent_bytes, 0);
	/* what another one brought goes on, with its number */
	fake_copy_as(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "y", 1, &other);
	run();
	assert_int_equal(office.local.content[0].origin, 0x3333);
	assert_false(office.local.content[0].secret);
	/* also with the mark that it was given, which is no password manager's */
	other.secret = true;
	fake_copy_as(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "z", 1, &other);
	run();
	assert_true(office.local.content[0].secret);
	assert_false(laptop.secret_here);
	/* the other end offers what was copied here */
	const struct wire_message m = { .type = WIRE_CLIPBOARD_OFFER,
		.clipboard_offer = { .offer = 5, .selection = 1, .kinds = 1, .origin = LAPTOP } };
	assert_int_equal(exchange_message(laptop.exchange, &m, now_ms), 0);
	assert_false(laptop.local.owned[CLIPBOARD_PRIMARY]);
}

/* Another program that carries clipboards brings back what was pasted a moment ago. */
static void test_an_echo_is_not_offered(void **state)
{
	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "same", 4);
	run();
	fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	unsigned before = laptop.sent[WIRE_CLIPBOARD_OFFER];
	now_ms += EXCHANGE_ECHO_MS;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "same", 4);
	fake_copy(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "same", 4);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], before);
	assert_int_equal(office.sent[WIRE_CLIPBOARD_OFFER], 0);
	/* something else is, also when it is longer, and the same once it is no echo any more */
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "other", 5);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], before + 1);
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(r, "other", 5);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "other!", 6);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], before + 2);
	now_ms += EXCHANGE_ECHO_MS + 1;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "other", 5);
	run();
	assert_int_equal(laptop.sent[WIRE_CLIPBOARD_OFFER], before + 3);
}

static void test_the_line_breaks(void **state)
{
	static uint8_t text[2 * WIRE_CLIPBOARD_WINDOW_BYTES];

	(void)state;
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, text, sizeof(text));
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	carry(&office, &laptop);
	fake_step(&laptop.local);
	exchange_set_line(laptop.exchange, false, now_ms);
	exchange_set_line(office.exchange, false, now_ms);
	assert_true(r->refused);
	assert_true(office.local.cleared[CLIPBOARD_CLIPBOARD]);
	for (size_t i = 0; i < FAKE_READS_MAX; i++)
		assert_int_equal(laptop.local.reads[i].read, 0);
	buffer_clear(&laptop.out);
	buffer_clear(&office.out);
	exchange_set_line(laptop.exchange, true, now_ms);
	exchange_set_line(office.exchange, true, now_ms);
	run();
	assert_false(office.local.cleared[CLIPBOARD_CLIPBOARD]);
	r = fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	expect(r, text, sizeof(text));
}

/* What the other end may not send. */
static void test_the_rules(void **state)
{
	static uint8_t bytes[WIRE_CLIPBOARD_PART_MAX_BYTES];
	struct wire_message m = { .type = WIRE_CLIPBOARD_ASK,
		.clipboard_ask = { .offer = 1, .kind = CLIPBOARD_TEXT, .window_bytes = 1 } };
	int r = 0;

	(void)state;
	/* more questions than there are kinds, and one twice */
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, "abc", 3);
	for (uint32_t i = 1; i <= WIRE_CLIPBOARD_ASKS_MAX + 1; i++) {
		m.clipboard_ask.ask = i;
		r = exchange_message(laptop.exchange, &m, now_ms);
		assert_int_equal(r, i <= WIRE_CLIPBOARD_ASKS_MAX ? 0 : -EPROTO);
	}
	m.clipboard_ask.ask = 1;
	assert_int_equal(exchange_message(laptop.exchange, &m, now_ms), -EPROTO);
	/* a kind that was not offered */
	exchange_set_line(laptop.exchange, false, now_ms);
	exchange_set_line(laptop.exchange, true, now_ms);
	m.clipboard_ask.offer = laptop.exchange->last_offer;
	m.clipboard_ask.kind = CLIPBOARD_PNG;
	assert_int_equal(exchange_message(laptop.exchange, &m, now_ms), 0);
	assert_int_equal(laptop.last_data.status, WIRE_CLIPBOARD_REFUSED);
	/* bytes beyond the window */
	buffer_clear(&laptop.out);
	m = (struct wire_message){ .type = WIRE_CLIPBOARD_OFFER,
		.clipboard_offer = { .offer = 7, .kinds = 1, .origin = 1 } };
	assert_int_equal(exchange_message(office.exchange, &m, now_ms), 0);
	fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, 0);
	office.exchange->remote[0].answers[0].window_bytes = sizeof(bytes) - 1;
	m = (struct wire_message){ .type = WIRE_CLIPBOARD_DATA,
		.clipboard_data = { .ask = 1, .bytes = bytes, .len = sizeof(bytes) } };
	assert_int_equal(exchange_message(office.exchange, &m, now_ms), -EPROTO);
	/* answers to what nobody asked, and what is none of the clipboard's */
	m.clipboard_data.ask = 77;
	assert_int_equal(exchange_message(office.exchange, &m, now_ms), 0);
	m = (struct wire_message){ .type = WIRE_PING };
	assert_int_equal(exchange_message(office.exchange, &m, now_ms), -EPROTO);
}

static void test_what_is_kept_has_a_limit(void **state)
{
	size_t len = 12U << 20;
	uint8_t *bytes = calloc(1, len);

	(void)state;
	assert_non_null(bytes);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, bytes, len);
	fake_copy(&laptop.local, CLIPBOARD_PRIMARY, CLIPBOARD_TEXT, bytes, len);
	run();
	fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	fake_paste(&office.local, CLIPBOARD_PRIMARY, CLIPBOARD_TEXT, SIZE_MAX);
	run();
	assert_int_equal(office.exchange->remote[0].answers[0].bytes.len, 0);
	assert_int_equal(office.exchange->remote[1].answers[0].bytes.len, len);
	free(bytes);
	/* a picture over the limit is given, and not kept */
	len = CLIPBOARD_KEPT_MAX_BYTES + 1;
	bytes = calloc(1, len);
	assert_non_null(bytes);
	fake_copy(&laptop.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_PNG, bytes, len);
	run();
	struct fake_request *r =
		fake_paste(&office.local, CLIPBOARD_CLIPBOARD, CLIPBOARD_PNG, SIZE_MAX);
	run();
	assert_true(r->ended);
	assert_int_equal(r->got.len, len);
	assert_int_equal(office.exchange->remote[0].answers[CLIPBOARD_PNG].bytes.len, 0);
	free(bytes);
}

#define A_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		A_TEST(test_an_offer_is_all_until_a_paste),
		A_TEST(test_never_more_than_the_window),
		A_TEST(test_questions_beside_another_have_less),
		A_TEST(test_one_question_for_all_who_paste),
		A_TEST(test_files_are_fetched_when_they_are_pasted),
		A_TEST(test_files_that_do_not_come),
		A_TEST(test_files_go_where_they_may),
		A_TEST(test_a_program_that_takes_little),
		A_TEST(test_an_empty_answer_is_whole),
		A_TEST(test_secrets_stay),
		A_TEST(test_a_secret_is_read_when_it_is_asked_for_here),
		A_TEST(test_what_may_not_go_is_told),
		A_TEST(test_directions_count_at_once),
		A_TEST(test_closed_it_says_nothing),
		A_TEST(test_primary_is_offered_seldom),
		A_TEST(test_a_program_copies_in_a_loop),
		A_TEST(test_late_answers_are_refused),
		A_TEST(test_too_large),
		A_TEST(test_parts_are_given_after_a_while),
		A_TEST(test_the_owner_changes_in_the_middle),
		A_TEST(test_who_pastes_goes_away),
		A_TEST(test_nothing_goes_round),
		A_TEST(test_an_echo_is_not_offered),
		A_TEST(test_the_line_breaks),
		A_TEST(test_the_rules),
		A_TEST(test_what_is_kept_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
