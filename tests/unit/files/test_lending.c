/* Questions and answers of what is lent: their bytes, every cut of them, and values out of range. */
#include "tests/unit/cmocka_first.h"

#include "common/files/lending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	uint8_t at[LENDING_MAX_BYTES];
	struct wire_writer w;
};

static const struct lending_question read_question = { .ask = 7,
	.kind = LENDING_READ,
	.offset = 131072,
	.len = 1000,
	.path = (const uint8_t *)"a/b",
	.path_len = 3 };
static const struct lending_entry link_entry = { .kind = WIRE_FILE_LINK,
	.mode = 0777,
	.version = { 0, -1, 999999999 },
	.name = (const uint8_t *)"l",
	.name_len = 1,
	.target = (const uint8_t *)"b",
	.target_len = 1 };

static void write_question(struct bytes *b, const struct lending_question *q)
{
	wire_writer_init(&b->w, b->at, sizeof(b->at));
	lending_question_write(&b->w, q);
	assert_true(wire_writer_ok(&b->w));
}

/* A copy on the heap, so that a read past its end is found. */
static int read_question_of(const uint8_t *at, size_t len, struct lending_question *q)
{
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, at, len);
	int r = lending_question_read(q, exact, len);
	free(exact);
	return r;
}

static int read_answer_of(const uint8_t *at, size_t len)
{
	struct lending_answer a;
	struct lending_entry e;
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, at, len);
	int r = lending_answer_read(&a, exact, len);
	while (r == 0 && a.kind == LENDING_ENTRIES && (r = lending_entry_read(&a.entries, &e)) == 1)
		r = 0;
	free(exact);
	return r;
}

static void a_question_has_these_bytes(void **state)
{
	static const uint8_t golden[] = { 0, 0, 0, 7, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0xe8, 0,
		3, 'a', '/', 'b' };
	struct lending_question q;
	struct bytes b;

	(void)state;
	write_question(&b, &read_question);
	assert_int_equal(b.w.len, sizeof(golden));
	assert_memory_equal(b.at, golden, sizeof(golden));
	assert_int_equal(lending_question_read(&q, b.at, b.w.len), 0);
	assert_int_equal(q.offset, 131072);
	assert_int_equal(q.len, 1000);
	for (size_t len = 0; len < sizeof(golden); len++)
		assert_int_equal(read_question_of(golden, len, &q), -EPROTO);
	b.at[b.w.len] = 0;
	assert_int_equal(read_question_of(b.at, b.w.len + 1, &q), -EPROTO);
}

static void refuses(struct lending_question q)
{
	struct lending_question out;
	struct bytes b;

	write_question(&b, &q);
	assert_int_equal(read_question_of(b.at, b.w.len, &out), -EPROTO);
}

static void questions_have_limits(void **state)
{
	struct lending_question q = read_question;

	(void)state;
	q.len = 0;
	refuses(q);
	q.len = LENDING_READ_MAX_BYTES + 1;
	refuses(q);
	q = read_question;
	q.offset = WIRE_FILE_MAX_BYTES + 1;
	refuses(q);
	q = read_question;
	q.path_len = 0; /* there is no file of no name */
	refuses(q);
	q = read_question;
	q.path = (const uint8_t *)"../";
	refuses(q);
	q.path = (const uint8_t *)"a/\0";
	refuses(q);
	q.path = (const uint8_t *)"/ab";
	refuses(q);
	q = read_question;
	q.kind = 3;
	refuses(q);
}

static void write_answer(struct bytes *b, uint8_t kind, uint8_t fault, struct lending_version v)
{
	const struct lending_answer a = { .ask = 7, .kind = kind, .fault = fault, .version = v };

	wire_writer_init(&b->w, b->at, sizeof(b->at));
	lending_answer_write(&b->w, &a);
}

static void entries_are_read_one_by_one(void **state)
{
	struct lending_answer a;
	struct lending_entry e;
	struct bytes b;

	(void)state;
	write_answer(&b, LENDING_ENTRIES, 0, (struct lending_version){ 0 });
	lending_entry_write(&b.w, &link_entry);
	lending_entry_write(&b.w, &link_entry);
	assert_int_equal(lending_answer_read(&a, b.at, b.w.len), 0);
	assert_int_equal(lending_entry_read(&a.entries, &e), 1);
	assert_int_equal(e.version.mtime_s, -1);
	assert_memory_equal(e.target, "b", 1);
	assert_int_equal(lending_entry_read(&a.entries, &e), 1);
	assert_int_equal(lending_entry_read(&a.entries, &e), 0);
	size_t one = 5 + (b.w.len - 5) / 2;
	for (size_t len = 0; len < b.w.len; len++)
		assert_int_equal(read_answer_of(b.at, len), len == one ? 0 : -EPROTO);
}

static void refuses_entry(struct lending_entry e)
{
	struct bytes b;

	write_answer(&b, LENDING_ENTRIES, 0, (struct lending_version){ 0 });
	lending_entry_write(&b.w, &e);
	assert_int_equal(read_answer_of(b.at, b.w.len), -EPROTO);
}

static void entries_have_limits(void **state)
{
	struct lending_entry e = link_entry;

	(void)state;
	e.kind = WIRE_FILE_KINDS;
	refuses_entry(e);
	e = link_entry;
	e.mode = 04777;
	refuses_entry(e);
	e = link_entry;
	e.version.mtime_ns = 1000000000;
	refuses_entry(e);
	e = link_entry;
	e.version.size_bytes = 1;
	refuses_entry(e);
	e = link_entry;
	e.kind = WIRE_FILE_REGULAR; /* with a target */
	refuses_entry(e);
	e = link_entry;
	e.target_len = 0;
	refuses_entry(e);
	static const char *const names[] = { "..", ".", "a/b", "" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		e = link_entry;
		e.name = (const uint8_t *)names[i];
		e.name_len = strlen(names[i]);
		refuses_entry(e);
	}
}

static void ends_say_the_state(void **state)
{
	struct lending_answer a;
	struct bytes b;

	(void)state;
	write_answer(&b, LENDING_END, WIRE_FILE_CHANGED, (struct lending_version){ 0 });
	assert_int_equal(lending_answer_read(&a, b.at, b.w.len), 0);
	assert_int_equal(a.fault, WIRE_FILE_CHANGED);
	for (size_t len = 0; len < b.w.len; len++)
		assert_int_equal(read_answer_of(b.at, len), -EPROTO);
	write_answer(&b, LENDING_END, WIRE_FILE_FAULTS, (struct lending_version){ 0 });
	assert_int_equal(read_answer_of(b.at, b.w.len), -EPROTO);
	write_answer(&b, LENDING_END, 0, (struct lending_version){ WIRE_FILE_MAX_BYTES + 1, 0, 0 });
	assert_int_equal(read_answer_of(b.at, b.w.len), -EPROTO);
	write_answer(&b, LENDING_BYTES, 0, (struct lending_version){ 0 }); /* without any */
	assert_int_equal(read_answer_of(b.at, b.w.len), -EPROTO);
	b.at[4] = 9; /* no kind */
	assert_int_equal(read_answer_of(b.at, b.w.len), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_has_these_bytes),
		cmocka_unit_test(questions_have_limits),
		cmocka_unit_test(entries_are_read_one_by_one),
		cmocka_unit_test(entries_have_limits),
		cmocka_unit_test(ends_say_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
