/* What a confined or foreign-facing child sees of the environment. */
#pragma once

#include "common/base/macros.h"

#define ENVIRONMENT_MAX 32 /* variables, with the NULL at their end */

/* PATH, HOME, the locale, the time zone, XDG_*, FARSEAT_* and the sanitizers' options; borrowed
 * from environ. */
void environment_small(const char *out[static ENVIRONMENT_MAX]);
