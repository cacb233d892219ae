/* The session's cursor as SDL wants it. farseat. */
#pragma once

#include "common/ipc/records.h"

#include <SDL.h>

/*
 * bgra: premultiplied, as many pixels as cursor says; NULL: an invisible cursor, which becomes one
 * transparent pixel. -EIO: SDL cannot make one; -ENOMEM.
 */
int cursor_create(
	SDL_Cursor **out, const struct record_cursor *cursor, const uint8_t *bgra) MUST_CHECK;

/*
 * Premultiplied BGRA to straight BGRA, rounded to nearest. Colours above their alpha (malformed)
 * are cut to white.
 */
void cursor_unpremultiply(uint8_t *out, const uint8_t *in, size_t count);
