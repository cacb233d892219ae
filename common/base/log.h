/*
 * The log of a process: one line an event on stderr, or through a sink (a worker's goes to its
 * supervisor). The only global of the project besides const tables. Thread-safe: a line is written
 * by one write(2).
 *
 * Strings that come from a peer are passed through log_escape first.
 */
#pragma once

#include "common/base/macros.h"

enum log_level {
	LOG_ERROR, /* something failed that should not have */
	LOG_WARN,  /* refused, or degraded */
	LOG_INFO,  /* what an administrator wants to see */
	LOG_DEBUG,
};

/* What log_escape writes at most, with the end of the text. A peer's string is cut to fit. */
#define LOG_ESCAPED_MAX 128

/* Receives each finished line (no newline at its end). */
typedef void (*log_sink_fn)(void *user, enum log_level level, const char *line);

/* Names the process in front of each line; name is borrowed for ever (a literal). Level from
 * FARSEAT_LOG. */
void log_init(const char *name);
void log_set_level(enum log_level level);

/* Sends lines to sink instead of stderr; NULL goes back to stderr. Not thread-safe: before threads
 * start. */
void log_set_sink(log_sink_fn sink, void *user);

/* Keeps the last line of LOG_ERROR in out, cut to size, until NULL takes its place. For processes with
 * one thread. */
void log_keep_error(char *out, size_t size);

void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/*
 * Makes a peer's bytes safe to print: printable ASCII stays, everything else and the backslash
 * become \xHH, and what does not fit ends in "...". Returns out.
 */
const char *log_escape(char out[static LOG_ESCAPED_MAX], const void *bytes, size_t len);
