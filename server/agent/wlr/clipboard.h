/*
 * The clipboard of a compositor of the wlroots family (common/clipboard/local.h), by wlr-data-control, on
 * a connection of its own: large contents hold up neither pictures nor keys.
 */
#pragma once

#include "common/clipboard/local.h"

/*
 * Connects to that display, as wlr_open. Waits for the compositor's answers. Its one descriptor (fds)
 * stands for all that it waits for. Ask for it after each flush, since it may have become another one; the
 * former is closed when the next call comes. -ENOTSUP: the compositor lets no program without a window have the clipboard;
 * -errno.
 */
int wlr_clipboard_create(struct clipboard_local **out, const char *name) MUST_CHECK;
