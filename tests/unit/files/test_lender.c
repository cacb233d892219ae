/* The end that lends, over a folder of this machine: what it shows, what it reads, what it does not. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/files/lender.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than one message. */
#define LARGE_BYTES 20000

struct scene {
	char folder[64];
	struct files_source sources[2];
	struct files_lender lender;
	char names[256]; /* that were listed, a blank after each */
	char bytes[LARGE_BYTES];
	size_t len;
	int ends;
	uint8_t fault;
	struct lending_version version;
};

static int say(void *user, const struct wire_message *m)
{
	struct scene *s = user;
	struct lending_answer a;
	struct lending_entry e;

	assert_int_equal(m->type, WIRE_FILE_STREAM);
	assert_int_equal(lending_answer_read(&a, m->file_data.bytes, m->file_data.len), 0);
	while (a.kind == LENDING_ENTRIES && lending_entry_read(&a.entries, &e) == 1) {
		size_t at = strlen(s->names);
		snprintf(s->names + at, sizeof(s->names) - at, "%.*s%s ", (int)e.name_len,
			(const char *)e.name, e.kind == WIRE_FILE_FOLDER ? "/" : "");
	}
	if (a.kind == LENDING_BYTES) {
		assert_true(a.len <= sizeof(s->bytes) - s->len);
		memcpy(s->bytes + s->len, a.bytes, a.len);
		s->len += a.len;
	}
	if (a.kind == LENDING_END) {
		s->ends++;
		s->fault = a.fault;
		s->version = a.version;
	}
	return 0;
}

static void make(const struct scene *s, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
}

static int begin(void **state)
{
	static struct scene s;
	char path[128];

	memset(&s, 0, sizeof(s));
	snprintf(s.folder, sizeof(s.folder), "/tmp/farseat-lender-XXXXXX");
	assert_int_equal(dir_make_fresh(s.folder), 0);
	make(&s, "file", "a file");
	snprintf(path, sizeof(path), "%s/out", s.folder);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/up", s.folder);
	assert_int_equal(symlink("..", path), 0);
	snprintf(path, sizeof(path), "%s/pipe", s.folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	for (size_t i = 0; i < 2; i++) {
		s.sources[i].fd = dir_open(s.folder);
		snprintf(s.sources[i].name, sizeof(s.sources[i].name), "same");
	}
	s.lender = (struct files_lender){
		.transfer = 1, .sources = s.sources, .source_count = 2, .send = say, .user = &s
	};
	assert_int_equal(files_lender_init(&s.lender), 0);
	*state = &s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;
	static const char *const names[] = { "file", "out", "up", "pipe" };
	char path[128];

	files_lender_finish(&s->lender);
	for (size_t i = 0; i < 2; i++)
		close(s->sources[i].fd);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->folder, names[i]);
		(void)!file_remove(path);
	}
	return dir_remove(s->folder);
}

static int ask(struct scene *s, uint8_t kind, const char *path, uint64_t offset, uint32_t len)
{
	uint8_t bytes[512];
	struct wire_writer w;
	const struct lending_question q = { .ask = 1,
		.kind = kind,
		.offset = offset,
		.len = len,
		.path = (const uint8_t *)path,
		.path_len = strlen(path) };

	wire_writer_init(&w, bytes, sizeof(bytes));
	lending_question_write(&w, &q);
	const struct wire_message m = { .type = WIRE_FILE_STREAM,
		.file_data = { .transfer = 1, .bytes = bytes, .len = w.len } };
	return files_lender_take(&s->lender, &m, w.len + 5);
}

static void answer(struct scene *s, uint8_t kind, const char *path, uint64_t offset, uint32_t len)
{
	s->ends = 0;
	s->len = 0;
	s->names[0] = '\0';
	assert_int_equal(ask(s, kind, path, offset, len), 0);
	while (files_lender_waits(&s->lender))
		assert_int_equal(files_lender_step(&s->lender), 0);
	assert_int_equal(s->ends, 1);
}

static void what_is_copied_has_different_names(void **state)
{
	struct scene *s = *state;

	answer(s, LENDING_LIST, "", 0, 0);
	assert_string_equal(s->names, "same/ same (2)/ ");
}

static void only_files_and_links_within_are_listed(void **state)
{
	struct scene *s = *state;

	answer(s, LENDING_LIST, "same", 0, 0);
	assert_string_equal(s->names, "file ");
	assert_int_equal(s->fault, WIRE_FILE_OK);
	answer(s, LENDING_LIST, "same/file", 0, 0);
	assert_int_equal(s->fault, WIRE_FILE_NO_FOLDER);
	answer(s, LENDING_LIST, "other", 0, 0);
	assert_int_equal(s->fault, WIRE_FILE_NOT_FOUND);
	answer(s, LENDING_LIST, "same/up", 0, 0);
	assert_int_equal(s->fault, WIRE_FILE_IS_LINK);
}

static void a_part_is_read(void **state)
{
	struct scene *s = *state;

	answer(s, LENDING_READ, "same (2)/file", 2, 100);
	assert_int_equal(s->len, 4);
	assert_memory_equal(s->bytes, "file", 4);
	assert_int_equal(s->version.size_bytes, 6);
	answer(s, LENDING_READ, "same/file", 6, 100);
	assert_int_equal(s->len, 0);
	assert_int_equal(s->fault, WIRE_FILE_OK);
}

static void nothing_else_is_read(void **state)
{
	struct scene *s = *state;

	answer(s, LENDING_READ, "same/out", 0, 100);
	assert_int_equal(s->fault, WIRE_FILE_IS_LINK);
	answer(s, LENDING_READ, "same/up/file", 0, 100);
	assert_int_equal(s->fault, WIRE_FILE_IS_LINK);
	answer(s, LENDING_READ, "same/pipe", 0, 100);
	assert_int_equal(s->fault, WIRE_FILE_SPECIAL);
	answer(s, LENDING_READ, "same", 0, 100);
	assert_int_equal(s->fault, WIRE_FILE_IS_FOLDER);
	assert_int_equal(s->len, 0);
}

/* A file that is written between two steps of one answer. */
static void a_mixture_is_none(void **state)
{
	struct scene *s = *state;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/file", s->folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, LARGE_BYTES), 0);
	answer(s, LENDING_READ, "same/file", 0, LARGE_BYTES);
	assert_int_equal(s->len, LARGE_BYTES);
	assert_int_equal(s->fault, WIRE_FILE_OK);
	s->len = 0;
	assert_int_equal(ask(s, LENDING_READ, "same/file", 0, LARGE_BYTES), 0);
	assert_int_equal(files_lender_step(&s->lender), 0);
	assert_int_equal(pwrite(fd, "longer", 6, LARGE_BYTES), 6);
	while (files_lender_waits(&s->lender))
		assert_int_equal(files_lender_step(&s->lender), 0);
	assert_int_equal(s->fault, WIRE_FILE_CHANGED);
	close(fd);
}

static void questions_wait_in_turn(void **state)
{
	struct scene *s = *state;
	const struct wire_message ack = { .type = WIRE_FILE_ACK, .file_ack = { 1, 0 } };
	const struct wire_message close = { .type = WIRE_FILE_CLOSE,
		.file_close = { .transfer = 1 } };
	const struct wire_message other = { .type = WIRE_FILE_DATA,
		.file_data = { .transfer = 1 } };

	s->ends = 0;
	for (size_t i = 0; i < LENDING_ASKS_MAX; i++)
		assert_int_equal(ask(s, LENDING_LIST, "", 0, 0), 0);
	assert_int_equal(ask(s, LENDING_LIST, "", 0, 0), -EPROTO);
	while (files_lender_waits(&s->lender))
		assert_int_equal(files_lender_step(&s->lender), 0);
	assert_int_equal(s->ends, LENDING_ASKS_MAX);
	assert_int_equal(files_lender_take(&s->lender, &ack, 13), 0);
	assert_int_equal(files_lender_take(&s->lender, &other, 13), -EPROTO);
	assert_int_equal(files_lender_take(&s->lender, &close, 13), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_copied_has_different_names, begin, end),
		cmocka_unit_test_setup_teardown(only_files_and_links_within_are_listed, begin, end),
		cmocka_unit_test_setup_teardown(a_part_is_read, begin, end),
		cmocka_unit_test_setup_teardown(nothing_else_is_read, begin, end),
		cmocka_unit_test_setup_teardown(a_mixture_is_none, begin, end),
		cmocka_unit_test_setup_teardown(questions_wait_in_turn, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
