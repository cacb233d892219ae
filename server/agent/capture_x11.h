/* Capture of an X11 root window: XDamage tells where, MIT-SHM writes into our own memory. */
#pragma once

#include "server/agent/capture.h"
#include "server/agent/x11.h"

/* Begins to watch. x and listener are borrowed as long as the capture lives. -ENOMEM, -EIO, -E2BIG.
 */
int capture_x11_create(
	struct capture **out, struct x11 *x, const struct capture_listener *listener) MUST_CHECK;

/* Takes a damage event; false: it is another kind. */
bool capture_x11_event(struct capture *c, const xcb_generic_event_t *event);
