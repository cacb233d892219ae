/*
 * A proxy's address as the way to a workstation: the connection ends at the proxy, and farseat-link
 * asks it for the rest, since what a proxy answers is a stranger's. farseat.
 */
#pragma once

#include "client/way/way_impl.h"

/* The proxy that way, or else the environment, names for host. NULL: *out is written, with kind
 * RECORD_PROXY_NONE where there is none; else what is wrong, static text. *named_by: where it was
 * named, for messages. */
struct proxy_url;
const char *way_proxy_find(
	const struct way *way, const char *host, struct proxy_url *out, const char **named_by);

extern const struct way_impl way_proxy;
