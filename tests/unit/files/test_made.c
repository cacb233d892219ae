/* What a transfer has brought, as URIs for the session's clipboard. */
#include "tests/unit/cmocka_first.h"

#include "common/files/program.h"

#include <stdlib.h>
#include <string.h>

static struct files_made *made;

static int setup(void **state)
{
	(void)state;
	made = calloc(1, sizeof(*made));
	return made ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(made);
	return 0;
}

static void assert_uris(const char *wanted)
{
	assert_int_equal(made->len, strlen(wanted));
	assert_memory_equal(made->uris, wanted, made->len);
}

/* Names are bytes of the other end: line ends, spaces and what is no ASCII become %XX. */
static void test_names(void **state)
{
	(void)state;
	files_made_add(made, "/home/ann/Farseat", "M\xc3\xa4rz 1%.txt");
	files_made_add(made, "/", "a\r\nfile:///etc/passwd");
	assert_uris("file:///home/ann/Farseat/M%C3%A4rz%201%25.txt\r\n"
		    "file:///a%0D%0Afile%3A///etc/passwd\r\n");
}

static void test_undone(void **state)
{
	(void)state;
	files_made_add(made, "/a", "one");
	files_made_add(made, "/a", "two");
	files_made_undo(made);
	assert_uris("file:///a/one\r\n");
}

/* A part of the files would look like all of them. */
static void test_too_many(void **state)
{
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];

	(void)state;
	memset(name, ' ', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < RECORD_URIS_MAX_BYTES / (3 * sizeof(name) + 10); i++)
		files_made_add(made, "/", name);
	assert_false(made->beyond);
	for (size_t i = 0; i < 2; i++)
		files_made_add(made, "/", name);
	assert_true(made->beyond);
	assert_true(made->len <= sizeof(made->uris));
	files_made_add(made, "/", "small");
	files_made_undo(made);
	assert_true(made->beyond);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
