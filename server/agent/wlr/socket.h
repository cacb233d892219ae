/* Whose process has a Wayland socket. */
#pragma once

#include "common/base/macros.h"

#include <sys/types.h>

/*
 * Whether a process that is `ancestor` or comes of it listens on the socket at that path. 0: so it is;
 * -ENOENT: nothing is there, or another's; -EAGAIN: it is bound and nobody listens yet (or any more).
 * *owner: which process.
 */
int wlr_socket_belongs_to(const char *path, pid_t ancestor, pid_t *owner) MUST_CHECK;
