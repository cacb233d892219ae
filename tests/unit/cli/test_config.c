/* A typing mistake in a configuration file never changes policy silently. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/cli/config.h"
#include "tests/unit/base/scratch.h"

#include <errno.h>
#include <string.h>

struct settings {
	char name[CONFIG_TEXT_MAX_BYTES];
	bool on;
	unsigned count;
	int64_t time_s;
};

static const struct config_key keys[] = {
	{ "", "name", offsetof(struct settings, name), config_take_text },
	{ "limits", "on", offsetof(struct settings, on), config_take_bool },
	{ "limits", "count", offsetof(struct settings, count), config_take_number },
	{ "limits", "time", offsetof(struct settings, time_s), config_take_duration },
	{ 0 },
};

static struct settings got;
static char error[CONFIG_ERROR_MAX_BYTES];

static int read_text(const char *text)
{
	const char *path = scratch_path("test.conf");

	memset(&got, 0, sizeof(got));
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
	return config_read(path, keys, &got, error);
}

static void test_reading(void **state)
{
	(void)state;
	assert_int_equal(read_text("# a comment\nname = office pc\n\n[limits]\non=yes\ncount=7\n"
				   "time = 24h\n"),
		0);
	assert_string_equal(error, "");
	assert_string_equal(got.name, "office pc");
	assert_true(got.on);
	assert_int_equal(got.count, 7);
	assert_int_equal(got.time_s, 86400);
	assert_int_equal(read_text(""), 0);
	assert_int_equal(read_text("[limits]"), 0);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "nmae=x\n", ":1: [] nmae=x is not known" },
		{ "\n\n[limits]\nonn=yes\n", ":4: [limits] onn=yes is not known" },
		{ "on=yes\n", "is not known" }, /* right key, wrong section */
		{ "[limit]\non=yes\n", "is not known" },
		{ "[limits]\nON=yes\n", "is not known" },
		{ "[limits]\non=maybe\n", "is neither yes nor no" },
		{ "[limits]\non=\n", "is neither yes nor no" },
		{ "[limits]\ncount=-1\n", "is not a whole number" },
		{ "[limits]\ncount=1x\n", "is not a whole number" },
		{ "[limits]\ncount=4294967296\n", "is not a whole number" },
		{ "[limits]\ncount=99999999999999999999999\n", "is not a whole number" },
		{ "[limits]\ntime=5y\n", "is not a time" },
		{ "[limits]\ntime=-5\n", "is not a time" },
		{ "[limits]\ntime=1.5h\n", "is not a time" },
		{ "[limits\n", ":1:" },
		{ "just words\n", ":1:" },
		{ "name\n", ":1:" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int r = read_text(cases[i].text);
		if (r != -EINVAL || !strstr(error, cases[i].says) || !strstr(error, "test.conf"))
			fail_msg("case %zu: %d, '%s'", i, r, error);
		assert_null(strchr(error, '\n'));
	}
}

/* What libinih would read as something else, without a word. */
static void test_misread(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "name = a ; b\n", ":1: a ';' after a blank" },
		{ "name =\t;b\n", ":1: a ';' after a blank" },
		{ "[limits]\ncount=7 ;8\n", ":2: a ';' after a blank" },
		{ "[limits]\non=yes\n  time=5\n", ":3: this line is indented" },
		{ "name = a\n\tb\n", ":2: this line is indented" },
		{ " name = a\n", ":1: this line is indented" },
		{ "[limits] count=7\n", ":1: something follows" },
		{ "[limits] # a comment\n", ":1: something follows" },
	};
	static const char *const fine[] = { "name = a;b\n", "name = ab;\n",
		"name=a\r\n[limits]\t\r\n", "; a ; b\n# a ; b\n\t# a ; b\n   \n",
		"[limits]\n\n  ; x\ncount=7\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int r = read_text(cases[i].text);
		if (r != -EINVAL || !strstr(error, cases[i].says) || !strstr(error, "test.conf"))
			fail_msg("case %zu: %d, '%s'", i, r, error);
		assert_string_equal(got.name, ""); /* nothing was taken */
		assert_int_equal(got.count, 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(fine); i++)
		if (read_text(fine[i]) != 0)
			fail_msg("fine %zu: '%s'", i, error);
	assert_int_equal(read_text("name = a;b\n"), 0);
	assert_string_equal(got.name, "a;b");
}

/* A line of any length is read whole or refused, whatever its buffer in libinih holds. */
static void test_long_lines(void **state)
{
	static const char *const heads[] = { "name=", "# ", "[", "" };
	char text[1024];

	(void)state;
	for (size_t len = CONFIG_LINE_MAX_BYTES - 3; len < CONFIG_LINE_MAX_BYTES + 300; len++) {
		memset(text, 'x', sizeof(text));
		memcpy(text, "name=", 5);
		strcpy(text + len, "\n[limits]\ncount=7\n");
		int r = read_text(text);
		if (len <= CONFIG_LINE_MAX_BYTES) {
			assert_int_equal(r, 0);
			assert_int_equal(strlen(got.name), len - 5);
			assert_int_equal(got.count, 7);
		} else {
			assert_int_equal(r, -EINVAL);
			assert_non_null(strstr(error, ":1: this line is longer than 198 bytes"));
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		memset(text, 'x', sizeof(text));
		memcpy(text, heads[i], strlen(heads[i]));
		strcpy(text + 197, "name=hidden\n"); /* where a second line would begin */
		assert_int_equal(read_text(text), -EINVAL);
		assert_string_equal(got.name, "");
	}
}

static void test_values_at_their_limits(void **state)
{
	char text[CONFIG_TEXT_MAX_BYTES + 1];
	char value[CONFIG_TEXT_MAX_BYTES] = "";
	unsigned n = 0;
	int64_t s = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[CONFIG_TEXT_MAX_BYTES] = '\0';
	assert_non_null(config_take_text(value, text));
	assert_string_equal(value, "");
	text[CONFIG_TEXT_MAX_BYTES - 1] = '\0';
	assert_null(config_take_text(value, text));
	assert_null(config_take_number(&n, "4294967295"));
	assert_int_equal(n, UINT32_MAX);
	assert_non_null(config_take_number(&n, " 1"));
	assert_non_null(config_take_number(&n, "0x10"));
	assert_null(config_take_duration(&s, "36500d"));
	assert_int_equal(s, 36500LL * 86400);
	assert_non_null(config_take_duration(&s, "36501d"));
	assert_non_null(config_take_duration(&s, "18446744073709551615d"));
	assert_null(config_take_duration(&s, "15m"));
	assert_int_equal(s, 900);
	assert_null(config_take_duration(&s, "30"));
	assert_int_equal(s, 30);
}

static void test_files(void **state)
{
	static char big[CONFIG_FILE_MAX_BYTES + 1];

	(void)state;
	assert_int_equal(config_read(scratch_path("none.conf"), keys, &got, error), -ENOENT);
	assert_string_equal(error, "");
	assert_int_equal(config_read(scratch, keys, &got, error), -EISDIR);
	assert_non_null(strstr(error, scratch));
	memset(big, '\n', sizeof(big));
	for (size_t len = CONFIG_FILE_MAX_BYTES - 1; len <= CONFIG_FILE_MAX_BYTES + 1; len++) {
		const char *path = scratch_path("big.conf");
		assert_int_equal(file_replace(path, big, len, 0600), 0);
		int r = config_read(path, keys, &got, error);
		assert_true(r == (len <= CONFIG_FILE_MAX_BYTES ? 0 : -E2BIG));
		assert_int_equal(r < 0, error[0] != '\0'); /* what fails says so */
	}
	/* What stands behind a NUL would not be seen. */
	assert_int_equal(file_replace(scratch_path("nul.conf"), "name=x\n\0nmae=y\n", 15, 0600), 0);
	assert_int_equal(config_read(scratch_path("nul.conf"), keys, &got, error), -EINVAL);
	assert_true(error[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_misread),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_values_at_their_limits),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
