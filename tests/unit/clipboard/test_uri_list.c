/* What file managers copy, and what is no file of this machine. */
#include "tests/unit/cmocka_first.h"

#include "common/clipboard/uri_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* From memory of just that length, so that a sanitizer sees a read beyond it. */
static int first(const char *text, size_t len, char *out, size_t size)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct uri_list l;

	assert_non_null(exact);
	memcpy(exact, text, len);
	uri_list_init(&l, exact, len);
	int r = uri_list_next(&l, out, size);
	free(exact);
	return r;
}

static void test_file_managers(void **state)
{
	/* PCManFM and Thunar: CR LF, %XX, a zero byte at the end; KDE: "localhost" has been seen. */
	static const char text[] = "# a comment\r\nfile:///home/ann/M%C3%A4rz%25.txt\r\n\r\n"
				   "file://localhost/b\nfile:/c\r\n\0file:///never";
	struct uri_list l;
	char path[64];

	(void)state;
	uri_list_init(&l, (const uint8_t *)text, sizeof(text) - 1);
	assert_int_equal(uri_list_next(&l, path, sizeof(path)), 1);
	assert_string_equal(path, "/home/ann/M\xc3\xa4rz%.txt");
	assert_int_equal(uri_list_next(&l, path, sizeof(path)), 1);
	assert_string_equal(path, "/b");
	assert_int_equal(uri_list_next(&l, path, sizeof(path)), 1);
	assert_string_equal(path, "/c");
	assert_int_equal(uri_list_next(&l, path, sizeof(path)), 0);
}

static void test_no_files(void **state)
{
	static const char *const lines[] = { "http://example.org/a", "sftp://office/a",
		"file://office/a", "file:a", "file:", "file://", "file:///a%00b", "file:///%",
		"file:///%4", "file:///%4g", "file:///%g4", "trash:///a", "/home/ann", "copy",
		" file:///a" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (first(lines[i], strlen(lines[i]), path, sizeof(path)) != -EINVAL)
			fail_msg("%s", lines[i]);
	assert_int_equal(first("", 0, path, sizeof(path)), 0);
	assert_int_equal(first("#\r\n\r\n", 5, path, sizeof(path)), 0);
}

/* A line that is no use does not hide the next one. */
static void test_goes_on(void **state)
{
	static const char text[] = "http://a/b\r\nfile:///c";
	struct uri_list l;
	char path[64];

	(void)state;
	uri_list_init(&l, (const uint8_t *)text, strlen(text));
	assert_int_equal(uri_list_next(&l, path, sizeof(path)), -EINVAL);
	assert_int_equal(uri_list_next(&l, path, sizeof(path)), 1);
	assert_string_equal(path, "/c");
}

static void test_room(void **state)
{
	static const char text[] = "file:///abc%20";
	char path[6];

	(void)state;
	assert_int_equal(first(text, strlen(text), path, 6), 1);
	assert_string_equal(path, "/abc ");
	assert_int_equal(first(text, strlen(text), path, 5), -EINVAL);
	assert_int_equal(first(text, strlen(text), path, 1), -EINVAL);
	/* Every part of it is either a shorter path or none. */
	for (size_t len = 0; len < strlen(text); len++)
		assert_true(first(text, len, path, sizeof(path)) <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_managers),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
