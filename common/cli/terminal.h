/*
 * Asks the person on the terminal that the program was started from, whatever its standard input is.
 * POSIX.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

/* Whether there is somebody to ask. */
bool terminal_there(void);

/*
 * Prints question (ours, or cleaned) and reads one line to out, without its end. echo false: for
 * secrets, nothing typed is shown. cancel_fd: gives up when it becomes readable; -1 none.
 * -ENOTTY: no terminal; -ECANCELED: Ctrl+C, Ctrl+D on an empty line, or cancel_fd; -E2BIG.
 */
int terminal_ask(const char *question, bool echo, int cancel_fd, char *out, size_t size) MUST_CHECK;

/* Prints to the terminal; nothing where there is none. */
void terminal_say(const char *text);
