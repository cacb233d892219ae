/* Listening sockets, and what is accepted from them or comes through the reverse tunnel. */
#pragma once

#include "server/registry/settings.h"
#include "server/supervisor/limiter.h"

#include <uv.h>

struct supervisor;

struct listener {
	uv_poll_t poll;
	int fd; /* owned */
};

struct listeners {
	struct listener list[SETTINGS_LISTEN_MAX];
	size_t count;
};

int listeners_open(struct supervisor *s) MUST_CHECK;
void listeners_close(struct supervisor *s);

/* Takes an accepted connection over: it goes to a worker, or the limiter refuses it. */
void listeners_admit(
	struct supervisor *s, int fd, const struct limiter_source *source, const char *peer);

/* "192.0.2.1:5000", "[2001:db8::1]:5000". */
void listeners_describe(
	const struct sockaddr *address, socklen_t len, char out[static WIRE_NAME_MAX_BYTES]);

/* Logs a connection that the limiter refused. */
void listeners_refused(enum limiter_verdict verdict, const char *peer);
