/* What one kind of way gives to way.c; nobody else includes it. */
#pragma once

#include "client/way/way.h"

/* Each gets the object that open made. All but for_link, process, opened, asking and blame must be
 * there. */
struct way_impl {
	int (*open)(void **self, const struct way *way, const char *host, uint16_t port);
	int (*fd)(const void *self);
	int (*take)(void *self, struct dial_result *out);
	bool (*for_link)(const void *self, struct record_link_way *out); /* out is zeroed */
	void (*process)(void *self);
	void (*opened)(void *self);
	bool (*asking)(void *self);
	bool (*blame)(void *self, char reason[static WAY_REASON_BYTES], const char **remedy);
	void (*close)(void *self);
};

extern const struct way_impl way_command; /* way_command.c */
extern const struct way_impl way_tunnel;  /* way_tunnel.c */
