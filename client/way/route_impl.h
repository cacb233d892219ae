/* What one kind of way gives to route.c; nobody else includes it. */
#pragma once

#include "client/way/route.h"

/* Each gets the object that open made. All but way, process, opened, asking and blame must be
 * there. */
struct route_impl {
	int (*open)(void **self, const struct route *route, const char *host, uint16_t port);
	int (*fd)(const void *self);
	int (*take)(void *self, struct dial_result *out);
	bool (*way)(const void *self, struct record_link_way *out); /* out is zeroed */
	void (*process)(void *self);
	void (*opened)(void *self);
	bool (*asking)(void *self);
	bool (*blame)(void *self, char reason[static ROUTE_REASON_BYTES], const char **remedy);
	void (*close)(void *self);
};

extern const struct route_impl command_transport; /* command_transport.c */
extern const struct route_impl tunnel_transport;  /* tunnel_process.c */
