/*
 * SIGINT and SIGTERM ask us to end, whatever window is open. A signal wakes poll; a loop that sleeps
 * elsewhere asks now and then. farseat.
 */
#pragma once

#include <stdbool.h>

/* Sets the handlers; SDL is told to leave signals alone. */
void termination_install(void);
bool termination_asked(void);
