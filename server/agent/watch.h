/* The loop's eyes on the descriptors of a display, whose list may change while it lives. */
#pragma once

#include "server/agent/display.h"

#include <uv.h>

typedef void (*watch_fn)(void *user, int fd);

struct watch {
	struct watch_poll *polls[DISPLAY_FDS_MAX]; /* NULL: none */
};

/* Polls exactly these from now on; on_ready is called when one of them is readable, writable or
 * broken. -ENOMEM, -errno: none is polled. */
int watch_set(struct watch *w, uv_loop_t *loop, const struct display_fd *fds, size_t count,
	watch_fn on_ready, void *user) MUST_CHECK;

/* Polls none. The loop must run once more to free what was used. A zeroed one is fine. */
void watch_finish(struct watch *w);
