/*
 * What a command says when it fails: a sentence for people on standard error, which is also kept for
 * the JSON document of a command that was asked for one (json_output.h).
 */
#pragma once

#include "common/base/macros.h"

#include <stdarg.h>

/* A longer one is cut where it is kept; people get all of it. */
#define COMPLAINT_MAX_BYTES 1024

/* "WHO: MESSAGE\n" on standard error; the first message of a process is kept. Returns EXIT_FAILED. */
int complaint_say(const char *who, const char *format, ...) PRINTF_LIKE(2, 3);
int complaint_say_list(const char *who, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* Keeps what was printed otherwise. Bytes that are not UTF-8 become question marks. */
void complaint_keep(const char *message);

/* The one that is kept; "" before there is any. */
const char *complaint_text(void);
