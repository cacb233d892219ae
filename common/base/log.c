#include "common/base/log.h"

#include "common/base/fd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A longer line is cut: stays below PIPE_BUF, so that one write is one line. */
#define LINE_MAX_BYTES 1024
#define STDERR_NUMBER  2

static struct {
	const char *name;
	enum log_level level;
	log_sink_fn sink;
	void *sink_user;
	char *kept;
	size_t kept_size;
} state = { .name = "farseat", .level = LOG_INFO };

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

void log_init(const char *name)
{
	const char *wanted = getenv("FARSEAT_LOG");

	state.name = name;
	for (size_t i = 0; wanted && i < ARRAY_LEN(level_names); i++)
		if (strcmp(wanted, level_names[i]) == 0)
			state.level = (enum log_level)i;
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

void log_set_sink(log_sink_fn sink, void *user)
{
	state.sink = sink;
	state.sink_user = user;
}

void log_keep_error(char *out, size_t size)
{
	state.kept = out;
	state.kept_size = size;
}

static void write_stderr(enum log_level level, const char *line)
{
	char out[LINE_MAX_BYTES + 64];
	int len = snprintf(out, sizeof(out), "%s: %s%s%s\n", state.name,
		level == LOG_INFO ? "" : level_names[level], level == LOG_INFO ? "" : ": ", line);

	size_t put;
	if (len > 0 && fd_write(STDERR_NUMBER, out, MIN((size_t)len, sizeof(out) - 1), &put) < 0)
		return; /* nowhere left to say it */
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	int saved_errno = errno;
	va_list args;

	if (level > state.level)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);

	if (level == LOG_ERROR && state.kept)
		snprintf(state.kept, state.kept_size, "%s", line);
	if (state.sink)
		state.sink(state.sink_user, level, line);
	else
		write_stderr(level, line);
	errno = saved_errno;
}

const char *log_escape(char out[static LOG_ESCAPED_MAX], const void *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *in = bytes;
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		if (at + 4 + 4 > LOG_ESCAPED_MAX) { /* an escape and "...", with its end */
			memcpy(out + at, "...", 3);
			at += 3;
			break;
		}
		if (in[i] >= 0x20 && in[i] < 0x7f && in[i] != '\\') {
			out[at++] = (char)in[i];
			continue;
		}
		out[at++] = '\\';
		out[at++] = 'x';
		out[at++] = hex[in[i] >> 4];
		out[at++] = hex[in[i] & 15];
	}
	out[at] = '\0';
	return out;
}
