#include "common/base/config.h"

#include "common/base/fd.h"

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
	char mistake[CONFIG_ERROR_MAX_BYTES / 2]; /* the first one; empty: the line could not be
						 read at all */
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
		int line = ini_parse_string((const char *)buffer_front(&text), take, &reading);
		if (line != 0) {
			snprintf(error, CONFIG_ERROR_MAX_BYTES, "%.200s:%d: %s", path, line,
				reading.mistake[0]
					? reading.mistake
					: "this line is not [section], key=value or a comment");
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
