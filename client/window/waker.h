/*
 * Where a window system gives no descriptor to poll (Wayland by SDL): a thread that polls ours
 * while SDL sleeps, and wakes it by an SDL event. farseat.
 */
#pragma once

#include "common/base/fd.h"

struct waker;

int waker_create(struct waker **out) MUST_CHECK;
/* NULL is fine. */
void waker_destroy(struct waker *w);

/* Sleeps until an SDL event, one of fds (at most 24), or timeout_ms. The event that woke stays in
 * SDL's queue. */
void waker_wait(struct waker *w, const struct fd_poll *fds, size_t count, int timeout_ms);
