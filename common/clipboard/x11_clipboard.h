/*
 * The clipboard of an X11 display (struct clipboard_local_impl), over a connection of its own: of the
 * laptop in farseat, of the session in farseat-agent.
 *
 *   x11_selection  who owns it, and what that one has      x11_reader    what is taken from others
 *   x11_targets    kinds by their names in X11             x11_requests  what others ask of us
 *   x11_base       connection, window, atoms               x11_transfer  an answer on its way to them
 */
#pragma once

#include "common/clipboard/local.h"

/*
 * Connects to that display (NULL: $DISPLAY) by the environment's XAUTHORITY. The listener is set by the
 * caller before the first dispatch. Waits for the server's answers. -ECONNREFUSED, -ENOTSUP: the server
 * has no XFixes, -EIO, -ENOMEM.
 */
int x11_clipboard_create(struct clipboard_local **out, const char *display) MUST_CHECK;
