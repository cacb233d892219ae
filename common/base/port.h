/* A TCP port as text. */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

/* len bytes, one to five digits and nothing else: 1 to 65535. -EINVAL. */
int port_parse(const char *text, size_t len, uint16_t *out) MUST_CHECK;
