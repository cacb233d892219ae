#include "common/cli/config.h"

#include "common/base/file.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
	const struct config_key *keys;
	void *target;
	/* The first one; empty: the line could not be read at all. */
	char mistake[CONFIG_ERROR_MAX_BYTES / 2];
};

static const struct config_key *find(
	const struct config_key *keys, const char *section, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->section, section) == 0 && strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

/* Called by inih for each key; 0 says that the line is wrong. Debian's inih tells the line number
 * only at the end. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	const struct config_key *key = find(reading->keys, section, name);
	const char *wrong =
		key ? key->take((char *)reading->target + key->offset, value) : "is not known";

	if (!wrong)
		return 1;
	if (reading->mistake[0] == '\0')
		snprintf(reading->mistake, sizeof(reading->mistake), "[%s] %s=%s %s", section, name,
			value, wrong);
	return 0;
}

static bool is_blank(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)bytes[i]))
			return false;
	return true;
}

static bool is_comment(const char *bytes, size_t len)
{
	return len > 0 && (bytes[0] == ';' || bytes[0] == '#');
}

/*
 * What libinih would take for something else than what stands there, without a word: it cuts long
 * lines in two, takes an indented line for more of the value before, drops what follows a section's
 * bracket, and ends a value at a ';' after a blank. NULL: none of these.
 */
static const char *misread(const char *line, size_t len)
{
	size_t indent = 0;

	if (len > CONFIG_LINE_MAX_BYTES)
		return "this line is longer than " TEXT_OF(CONFIG_LINE_MAX_BYTES) " bytes";
	while (indent < len && isspace((unsigned char)line[indent]))
		indent++;
	if (indent == len || is_comment(line + indent, len - indent))
		return NULL;
	if (indent > 0)
		return "this line is indented; keys and sections begin at its first column";
	const char *bracket = line[0] == '[' ? memchr(line, ']', len) : NULL;
	if (bracket) {
		const char *rest = bracket + 1;
		size_t rest_len = len - (size_t)(rest - line);
		return is_blank(rest, rest_len) ? NULL
						: "something follows the section's ']' on its line";
	}
	for (size_t i = 1; i < len; i++)
		if (line[i] == ';' && isspace((unsigned char)line[i - 1]))
			return "a ';' after a blank would end the value; comments stand on lines of their own";
	return NULL;
}

/* The number of the first line that would be misread, and why; 0: none. */
static int find_misread(const char *text, size_t len, const char **why)
{
	const char *end = text + len;

	for (int number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;
		*why = misread(text, (size_t)(line_end - text));
		if (*why)
			return number;
		text = line_end + 1;
	}
	return 0;
}

/* The number of the first wrong line, 0 when all were taken. */
static int take_all(const char *text, size_t len, struct reading *reading, const char **why)
{
	int line = find_misread(text, len, why);

	if (line != 0)
		return line;
	line = ini_parse_string(text, take, reading);
	*why = reading->mistake[0] ? reading->mistake
				   : "this line is not [section], key=value or a comment";
	return line;
}

int config_read(const char *path, const struct config_key *keys, void *target,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	struct reading reading = { .keys = keys, .target = target };
	struct buffer text = { 0 };

	error[0] = '\0';
	int r = file_read(path, CONFIG_FILE_MAX_BYTES + 1, &text); /* one more: the text's end */
	if (r == 0 && text.len > 0 && memchr(buffer_front(&text), '\0', text.len))
		r = -EINVAL; /* what stands behind it would not be seen */
	if (r == 0)
		r = buffer_append(&text, "", 1);
	if (r < 0) {
		if (r != -ENOENT)
			snprintf(error, CONFIG_ERROR_MAX_BYTES, "%s: %s", path,
				r == -EINVAL ? "this is not a text file" : strerror(-r));
	} else {
		const char *why;
		int line =
			take_all((const char *)buffer_front(&text), text.len - 1, &reading, &why);
		if (line != 0) {
			snprintf(error, CONFIG_ERROR_MAX_BYTES, "%.200s:%d: %s", path, line, why);
			r = -EINVAL;
		}
	}
	buffer_finish(&text);
	return r;
}

const char *config_take_text(void *target, const char *value)
{
	size_t len = strlen(value);

	if (len >= CONFIG_TEXT_MAX_BYTES)
		return "is too long";
	memcpy(target, value, len + 1);
	return NULL;
}

const char *config_take_bool(void *target, const char *value)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*(bool *)target = i % 2 == 1;
			return NULL;
		}
	}
	return "is neither yes nor no";
}

const char *config_take_number(void *target, const char *value)
{
	char *end = NULL;

	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || n > UINT32_MAX)
		return "is not a whole number";
	*(unsigned *)target = (unsigned)n;
	return NULL;
}

const char *config_take_duration(void *target, const char *value)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	char *end = NULL;

	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	if (value[0] >= '0' && value[0] <= '9' && errno == 0 && n <= 36500UL * 86400) {
		for (size_t i = 0; i < ARRAY_LEN(units); i++) {
			if (strcmp(end, units[i].unit) == 0 &&
				(int64_t)n <= INT64_C(36500) * 86400 / units[i].seconds) {
				*(int64_t *)target = (int64_t)n * units[i].seconds;
				return NULL;
			}
		}
	}
	return "is not a time such as 30s, 15m, 24h or 7d";
}
