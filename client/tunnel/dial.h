/* A connected TCP socket, by name: for a tunnel whose parent gave it none. Blocks; before the
 * confinement. farseat-tunnel. */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

#define TUNNEL_DIAL_TIMEOUT_MS 10000 /* for each address */

/* 0 and *fd, the caller's; -ENOENT: the name is not known; else the last address's error. */
int tunnel_dial(const char *host, uint16_t port, int *fd) MUST_CHECK;
