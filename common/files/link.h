/* Where a symbolic link leads, by its words alone. Pure. */
#pragma once

#include <stdbool.h>

/* Whether a link at path (clean; its own name last) leads nowhere but within the transfer: never absolute,
 * never above the path's first name. */
bool files_link_stays(const char *path, const char *target);
