/* A FARSEAT_HOME of its own for each test, removed after it. */
#pragma once

#include <limits.h>

/* cmocka set-up and tear-down. *state is the folder's path. */
int home_setup(void **state);
int home_teardown(void **state);

/* Path of a file below the present home. */
const char *home_file(const char *name, char out[static PATH_MAX]);

/* Writes text as a file below the present home. */
void home_write(const char *name, const char *text);
