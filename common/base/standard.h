/*
 * Standard input, output and error: for programs that people start, first and last of all in main.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

/* Opens /dev/null where one of the three is closed, so that no socket or file of ours takes its
 * number and what is meant for a person goes there. -errno. */
int standard_open(void) MUST_CHECK;

/* Whether a person reads it: standard output (1) or error (2) is a terminal. */
bool standard_is_terminal(int number);

/* Writes what waits for standard output. The status to exit with: this one, or 1 where it was 0 and
 * the output could not be written, which is then said on standard error. */
int standard_close(int status) MUST_CHECK;
