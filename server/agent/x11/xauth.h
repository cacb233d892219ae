/* An Xauthority file with one fresh MIT-MAGIC-COOKIE-1: who can read it may use the display. */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

#define XAUTH_COOKIE_BYTES 16

/* -EIO: no random numbers. */
int xauth_make_cookie(uint8_t cookie[static XAUTH_COOKIE_BYTES]) MUST_CHECK;

/*
 * Writes the file (0600): for any address, and for this host by name as xauth(1) lists it. number
 * is the display's ("60");
 * "" stands for every display, while it is not yet known.
 */
int xauth_write(const char *path, const char *number,
	const uint8_t cookie[static XAUTH_COOKIE_BYTES]) MUST_CHECK;
