/* One end of a stream, between pipes: what it says, what it holds back, what it does not take. */
#include "tests/unit/cmocka_first.h"

#include "common/base/fd.h"
#include "common/files/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct scene {
	struct files_stream stream;
	int in[2], out[2]; /* ours are in[1] and out[0] */
	struct wire_message said[8];
	size_t said_count;
};

static int say(void *user, const struct wire_message *m)
{
	struct scene *s = user;

	assert_true(s->said_count < ARRAY_LEN(s->said));
	s->said[s->said_count++] = *m;
	return 0;
}

static int begin(void **state)
{
	static struct scene s;

	memset(&s, 0, sizeof(s));
	assert_int_equal(fd_pipe(s.in), 0);
	assert_int_equal(fd_pipe(s.out), 0);
	s.stream = (struct files_stream){
		.transfer = 3, .from = s.in[0], .to = s.out[1], .send = say, .user = &s
	};
	*state = &s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	for (int i = 0; i < 2; i++) {
		fd_close(&s->in[i]);
		fd_close(&s->out[i]);
	}
	return 0;
}

static int take(struct scene *s, enum wire_type type, const void *bytes, size_t len)
{
	const struct wire_message m = { .type = type, .file_data = { 3, bytes, len } };

	return files_stream_take(&s->stream, &m, WIRE_HEADER_BYTES + 1 + len);
}

static int acknowledge(struct scene *s, uint64_t bytes)
{
	const struct wire_message m = { .type = WIRE_FILE_ACK, .file_ack = { 3, bytes } };

	return files_stream_take(&s->stream, &m, 13);
}

/* CLOSE would overtake what it follows. */
static void closes_when_all_is_taken(void **state)
{
	struct scene *s = *state;

	assert_int_equal(write(s->in[1], "hello", 5), 5);
	assert_int_equal(files_stream_read(&s->stream), 0);
	assert_int_equal(s->said[0].type, WIRE_FILE_STREAM);
	fd_close(&s->in[1]);
	assert_int_equal(files_stream_read(&s->stream), 0);
	assert_false(files_stream_reads(&s->stream));
	assert_int_equal(s->said_count, 1);
	assert_int_equal(acknowledge(s, 9), 0);
	assert_int_equal(s->said_count, 1);
	assert_int_equal(acknowledge(s, 10), 1);
	assert_int_equal(s->said_count, 2);
	assert_int_equal(s->said[1].type, WIRE_FILE_CLOSE);
	assert_int_equal(s->said[1].file_close.bytes, 5);
}

static void an_empty_one_closes_at_once(void **state)
{
	struct scene *s = *state;

	fd_close(&s->in[1]);
	assert_int_equal(files_stream_read(&s->stream), 1);
	assert_int_equal(s->said[0].type, WIRE_FILE_CLOSE);
}

static void acknowledges_what_was_written(void **state)
{
	struct scene *s = *state;
	char got[8];

	assert_int_equal(take(s, WIRE_FILE_STREAM, "bytes", 5), 0);
	assert_false(files_stream_waits(&s->stream));
	assert_int_equal(read(s->out[0], got, sizeof(got)), 5);
	assert_memory_equal(got, "bytes", 5);
	assert_int_equal(files_stream_ack(&s->stream, false), 0);
	assert_int_equal(s->said_count, 0);
	assert_int_equal(files_stream_ack(&s->stream, true), 0);
	assert_int_equal(s->said[0].file_ack.taken_bytes, 10);
	assert_int_equal(files_stream_ack(&s->stream, true), 0);
	assert_int_equal(s->said_count, 1);
}

/* A reader that stands still: one message waits, not acknowledged, and no other one is taken. */
static void waits_for_its_reader(void **state)
{
	static uint8_t bytes[WIRE_FILE_PART_MAX_BYTES], got[WIRE_FILE_PART_MAX_BYTES];
	struct scene *s = *state;
	uint64_t taken;

	for (size_t i = 0; !files_stream_waits(&s->stream); i++) {
		assert_true(i < 1000);
		assert_int_equal(take(s, WIRE_FILE_STREAM, bytes, sizeof(bytes)), 0);
	}
	taken = s->stream.taken_bytes;
	assert_int_equal(take(s, WIRE_FILE_STREAM, bytes, 1), -EPROTO);
	assert_int_equal(files_stream_write(&s->stream), 0);
	assert_int_equal(s->stream.taken_bytes, taken);
	while (files_stream_waits(&s->stream)) {
		assert_true(read(s->out[0], got, sizeof(got)) > 0);
		assert_int_equal(files_stream_write(&s->stream), 0);
	}
	assert_int_equal(s->stream.taken_bytes, taken + sizeof(bytes) + WIRE_HEADER_BYTES + 1);
}

static void a_reader_that_is_gone(void **state)
{
	struct scene *s = *state;

	fd_no_pipe_signal();
	fd_close(&s->out[0]);
	assert_int_equal(take(s, WIRE_FILE_STREAM, "x", 1), -EIO);
}

static void what_is_out_of_turn(void **state)
{
	static const enum wire_type types[] = { WIRE_FILE_TOTAL, WIRE_FILE_ENTRY, WIRE_FILE_DATA,
		WIRE_FILE_SKIP, WIRE_FILE_END, WIRE_FILE_LAST, WIRE_FILE_HAVE, WIRE_FILE_FAULT,
		WIRE_FILE_OPENED, WIRE_FILE_SFTP };
	struct scene *s = *state;

	assert_int_equal(acknowledge(s, 1), -EPROTO);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		assert_int_equal(take(s, types[i], "x", 1), -EPROTO);
	assert_int_equal(s->said_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(closes_when_all_is_taken, begin, end),
		cmocka_unit_test_setup_teardown(an_empty_one_closes_at_once, begin, end),
		cmocka_unit_test_setup_teardown(acknowledges_what_was_written, begin, end),
		cmocka_unit_test_setup_teardown(waits_for_its_reader, begin, end),
		cmocka_unit_test_setup_teardown(a_reader_that_is_gone, begin, end),
		cmocka_unit_test_setup_teardown(what_is_out_of_turn, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
