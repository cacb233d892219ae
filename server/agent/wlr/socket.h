/* Wayland sockets: finding one, and whose process it is that listens. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The path of the Wayland socket of our user's session: one in the user's runtime folder, which is
 * that user's alone, on which somebody listens; the first by name. *more: there are others, too. -ENOENT: there is none.
 */
int wlr_socket_find(char *out, size_t size, bool *more) MUST_CHECK;

/*
 * Whether a process that is `ancestor` or comes of it listens on the socket at that path. 0: so it is;
 * -ENOENT: nothing is there, or another's; -EAGAIN: it is bound and nobody listens yet (or any more).
 * *owner: which process.
 */
int wlr_socket_belongs_to(const char *path, pid_t ancestor, pid_t *owner) MUST_CHECK;
