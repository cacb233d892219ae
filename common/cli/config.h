/*
 * Configuration files: INI as systemd and WireGuard users know it, read by libinih into a table of
 * known keys. Unknown sections and keys, values that are not valid, and lines that libinih would
 * misread are errors with file and line: a typing mistake never changes policy silently.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_FILE_MAX_BYTES  (256U * 1024)
#define CONFIG_ERROR_MAX_BYTES 512
/* libinih's buffer is INI_MAX_LINE, 200: less the line's end and the text's. */
#define CONFIG_LINE_MAX_BYTES 198

/* Takes one value. NULL: taken; else what is wrong with it, a static sentence part such as "is not
 * a size like 1920x1080". */
typedef const char *(*config_take_fn)(void *target, const char *value);

struct config_key {
	const char *section; /* "" before the first section */
	const char *name;
	size_t offset;       /* of the field in target */
	config_take_fn take; /* gets target + offset */
};

/*
 * Reads path into target by keys (ends with a NULL name). A missing file: -ENOENT, nothing is
 * changed. Other errors write one line to error: "/etc/farseat/farseat.conf:12: lisen= is not
 * known".
 */
int config_read(const char *path, const struct config_key *keys, void *target,
	char error[static CONFIG_ERROR_MAX_BYTES]) MUST_CHECK;

/* Takers. Text fields are char[CONFIG_TEXT_MAX_BYTES]. */
#define CONFIG_TEXT_MAX_BYTES 256
const char *config_take_text(void *target, const char *value);
/* bool: yes no true false on off 1 0 */
const char *config_take_bool(void *target, const char *value);
/* unsigned */
const char *config_take_number(void *target, const char *value);
/* int64_t seconds: 30, 30s, 15m, 24h, 7d */
const char *config_take_duration(void *target, const char *value);
