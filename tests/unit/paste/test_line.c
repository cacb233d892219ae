/* farseat-paste's line: questions keep to the limit, and answers to the questions. */
#include "tests/unit/cmocka_first.h"

#include "client/paste/line.h"

#include "common/base/fd.h"

#include <errno.h>
#include <string.h>

static struct paste_line line;
static struct ipc_channel far_end;

static int begin(void **state)
{
	int pair[2];

	(void)state;
	memset(&line, 0, sizeof(line));
	line.transfer = 3;
	assert_int_equal(ipc_pair(pair), 0);
	assert_int_equal(ipc_channel_init(&line.channel, pair[0]), 0);
	assert_int_equal(ipc_channel_init(&far_end, pair[1]), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	ipc_channel_finish(&line.channel);
	ipc_channel_finish(&far_end);
	return 0;
}

static int ask(uint8_t kind, uint32_t len)
{
	const struct lending_question q = {
		.kind = kind, .len = len, .path = (const uint8_t *)"a", .path_len = 1
	};

	return paste_line_ask(&line, &q, 2, 0);
}

static void say(const struct wire_message *m)
{
	assert_int_equal(record_send_wire(&far_end, m), 0);
}

static void open_line(void)
{
	const struct wire_message opened = { .type = WIRE_FILE_OPENED, .file_of = { 3 } };
	struct paste_news_of news;

	say(&opened);
	assert_int_equal(paste_line_next(&line, &news), 1);
	assert_int_equal(news.news, PASTE_OPENED);
}

static void answer(uint32_t number, uint8_t kind, const char *bytes)
{
	uint8_t out[256];
	struct wire_writer w;
	const struct lending_answer a = { .ask = number, .kind = kind };

	wire_writer_init(&w, out, sizeof(out));
	lending_answer_write(&w, &a);
	wire_write_bytes(&w, bytes, strlen(bytes));
	const struct wire_message m = { .type = WIRE_FILE_STREAM,
		.file_data = { .transfer = 3, .bytes = out, .len = w.len } };
	say(&m);
}

static void breaks(void)
{
	struct paste_news_of news;

	assert_int_equal(paste_line_next(&line, &news), -ENOTCONN);
	assert_true(line.cut);
	assert_int_equal(line.ended, WIRE_FILE_PROTOCOL);
	assert_int_equal(ask(LENDING_LIST, 0), -ENOTCONN);
}

static void questions_wait_for_the_line(void **state)
{
	(void)state;
	assert_int_equal(ask(LENDING_LIST, 0), -ENOTCONN);
	assert_false(line.cut);
	open_line();
	for (size_t i = 0; i < LENDING_ASKS_MAX; i++)
		assert_int_equal(ask(LENDING_LIST, 0), 0);
	assert_int_equal(ask(LENDING_LIST, 0), -EBUSY);
	assert_int_equal(line.waiting, LENDING_ASKS_MAX);
}

static void an_answer_ends_its_question(void **state)
{
	struct paste_news_of news;

	(void)state;
	open_line();
	assert_int_equal(ask(LENDING_READ, 4), 0);
	answer(1, LENDING_BYTES, "abc");
	answer(1, LENDING_END, "");
	assert_int_equal(paste_line_next(&line, &news), 1);
	assert_int_equal(news.news, PASTE_ANSWER);
	assert_int_equal(news.ask.node, 2);
	assert_memory_equal(news.answer.bytes, "abc", 3);
	assert_int_equal(line.waiting, 1);
	assert_int_equal(paste_line_next(&line, &news), 1);
	assert_int_equal(line.waiting, 0);
	assert_int_equal(paste_line_next(&line, &news), 0);
	answer(1, LENDING_END, ""); /* twice */
	breaks();
}

static void more_than_was_asked_for(void **state)
{
	(void)state;
	open_line();
	assert_int_equal(ask(LENDING_READ, 2), 0);
	answer(1, LENDING_BYTES, "abc");
	breaks();
}

static void bytes_for_a_list(void **state)
{
	(void)state;
	open_line();
	assert_int_equal(ask(LENDING_LIST, 0), 0);
	answer(1, LENDING_BYTES, "abc");
	breaks();
}

static void an_answer_to_nothing(void **state)
{
	(void)state;
	open_line();
	answer(0, LENDING_END, "");
	breaks();
}

static void the_other_end_stops(void **state)
{
	const struct wire_message stop = { .type = WIRE_FILE_STOP,
		.file_stop = { 3, WIRE_FILE_NOT_FOUND } };
	struct paste_news_of news;

	(void)state;
	say(&stop);
	assert_int_equal(paste_line_next(&line, &news), -ENOTCONN);
	assert_int_equal(line.ended, WIRE_FILE_NOT_FOUND);
}

static void the_other_end_is_gone(void **state)
{
	struct paste_news_of news;

	(void)state;
	ipc_channel_finish(&far_end);
	far_end.fd = -1;
	assert_int_equal(paste_line_next(&line, &news), -ENOTCONN);
	assert_int_equal(line.ended, WIRE_FILE_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(questions_wait_for_the_line, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_ends_its_question, begin, end),
		cmocka_unit_test_setup_teardown(more_than_was_asked_for, begin, end),
		cmocka_unit_test_setup_teardown(bytes_for_a_list, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_to_nothing, begin, end),
		cmocka_unit_test_setup_teardown(the_other_end_stops, begin, end),
		cmocka_unit_test_setup_teardown(the_other_end_is_gone, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
