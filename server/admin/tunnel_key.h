/* The reverse tunnel's key, and the line that lets it in at the relay. */
#pragma once

#include "server/registry/settings.h"

#include <limits.h>

#define TUNNEL_LINE_MAX_BYTES 2048

/*
 * Makes sure that there is a key: the one that the configuration names must be there already, ours
 * is made (0600), and its public half beside it. comment: for the public half. path: the key's.
 * Prints what went wrong: an exit status.
 */
int tunnel_key_make(const struct settings_tunnel *t, const char *comment,
	char path[static PATH_MAX]) MUST_CHECK;

/* The line for the relay's authorized_keys: that key may ask for this port, and for nothing else.
 * Prints what went wrong: an exit status. */
int tunnel_key_line(
	const struct settings_tunnel *t, char out[static TUNNEL_LINE_MAX_BYTES]) MUST_CHECK;
