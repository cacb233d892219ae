/* A peer's bytes in a log line, and where lines go. */
#include "tests/unit/cmocka_first.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *escaped(const char *bytes, size_t len)
{
	static char out[LOG_ESCAPED_MAX];

	memset(out, 'Z', sizeof(out));
	assert_ptr_equal(log_escape(out, bytes, len), out);
	return out;
}

static void test_escaping(void **state)
{
	(void)state;
	assert_string_equal(escaped("", 0), "");
	assert_string_equal(escaped("farseat 0.1.0 (x~!)", 19), "farseat 0.1.0 (x~!)");
	assert_string_equal(escaped("a\nb\r\tc", 6), "a\\x0ab\\x0d\\x09c");
	assert_string_equal(escaped("\x1b[31m", 5), "\\x1b[31m");
	assert_string_equal(escaped("\0x", 2), "\\x00x");
	assert_string_equal(escaped("\x7f\x80\xff", 3), "\\x7f\\x80\\xff");
	assert_string_equal(escaped("\xc3\xbc", 2), "\\xc3\\xbc");
	assert_string_equal(escaped("\\x0a", 4), "\\x5cx0a"); /* nobody forges an escape */
}

static void test_every_byte_and_length(void **state)
{
	char bytes[600];

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		memset(bytes, (int)byte, sizeof(bytes));
		for (size_t len = 0; len < sizeof(bytes); len++) {
			const char *out = escaped(bytes, len);
			size_t n = strlen(out);
			assert_true(n < LOG_ESCAPED_MAX);
			for (size_t i = 0; i < n; i++)
				assert_true(out[i] >= 0x20 && out[i] < 0x7f);
		}
		const char *out = escaped(bytes, sizeof(bytes));
		assert_string_equal(out + strlen(out) - 3, "...");
	}
}

static char last[2000];
static enum log_level last_level;
static unsigned lines;

static void keep(void *user, enum log_level level, const char *line)
{
	assert_ptr_equal(user, &lines);
	lines++;
	last_level = level;
	snprintf(last, sizeof(last), "%s", line);
}

static void test_sink_and_levels(void **state)
{
	static char longest[3000];

	(void)state;
	log_set_sink(keep, &lines);
	log_set_level(LOG_WARN);
	log_info("not wanted");
	assert_int_equal(lines, 0);
	errno = ENOTTY;
	log_warn("%d refused", 3);
	assert_int_equal(errno, ENOTTY); /* logging disturbs no error handling */
	assert_int_equal(lines, 1);
	assert_int_equal(last_level, LOG_WARN);
	assert_string_equal(last, "3 refused");
	memset(longest, 'x', sizeof(longest) - 1);
	log_error("%s", longest);
	assert_true(strlen(last) < 1024);
	log_set_sink(NULL, NULL);
}

static void test_standard_error(void **state)
{
	char got[512] = "";
	int pipes[2], stderr_copy = dup(2);

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	setenv("FARSEAT_LOG", "debug", 1);
	log_init("farseat-test");
	dup2(pipes[1], 2);
	log_info("started");
	log_debug("detail");
	log_error("broken");
	dup2(stderr_copy, 2);
	assert_true(read(pipes[0], got, sizeof(got) - 1) > 0);
	assert_string_equal(got,
		"farseat-test: started\nfarseat-test: debug: detail\nfarseat-test: error: broken\n");
	close(pipes[0]);
	close(pipes[1]);
	close(stderr_copy);

	setenv("FARSEAT_LOG", "nonsense", 1);
	log_init("farseat-test"); /* keeps the level that was set */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_every_byte_and_length),
		cmocka_unit_test(test_sink_and_levels),
		cmocka_unit_test(test_standard_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
