/*
 * A Wayland laptop's clipboard (common/clipboard/local.h), on the connection that SDL's window has: a
 * queue, a seat and devices of our own beside SDL's. The core protocol tells of the clipboard only a
 * client that has the keyboard's focus, and takes a new owner only from it: that is all Farseat needs.
 * farseat.
 */
#pragma once

#include "common/clipboard/local.h"

#include <SDL.h>

/*
 * -ENOTSUP: window is not on Wayland, or the compositor has no clipboard. SDL reads the connection:
 * dispatch after SDL's events, right before sleeping. Destroy before the window.
 */
int wayland_clipboard_create(struct clipboard_local **out, SDL_Window *window) MUST_CHECK;
