/* SIGINT and SIGTERM: asked to end, whatever window is open. A signal wakes poll; who sleeps
 * otherwise looks now and then. farseat. */
#pragma once

#include <stdbool.h>

/* Sets the handlers; SDL is told to leave signals alone. */
void termination_install(void);
bool termination_asked(void);
