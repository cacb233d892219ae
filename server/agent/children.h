/* Linux: the processes below us, as a subreaper has them (orphans become our own children). */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>

/* From now on orphaned grandchildren become our children. -errno. */
int children_adopt(void) MUST_CHECK;

/*
 * Ends every child and what they leave behind: SIGHUP and SIGTERM, grace_ms later SIGKILL; waits
 * until none is left. SIGCHLD need not be handled.
 */
void children_end(int grace_ms);

/* Where PATH has the program. false: nowhere. */
bool children_find_program(const char *name, char out[static PATH_MAX]);
