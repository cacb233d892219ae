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

/* Refused connections that are kept open for a moment, so that the refusal is read. */
#define LISTENERS_REFUSED_MAX 16

struct listeners {
	struct listener list[SETTINGS_LISTEN_MAX];
	size_t count;
	int refused[LISTENERS_REFUSED_MAX]; /* owned; -1: none */
	size_t refused_at;                  /* the oldest */
	uv_timer_t refused_timer;
};

/* The timer, which is there before anything can fail; closed by listeners_close. */
void listeners_init(struct supervisor *s);

int listeners_open(struct supervisor *s) MUST_CHECK;
void listeners_close(struct supervisor *s);

/* Takes an accepted connection over: it goes to a worker, or the limiter refuses it. */
void listeners_admit(
	struct supervisor *s, int fd, const struct limiter_source *source, const char *peer);

/* "192.0.2.1:5000", "[2001:db8::1]:5000". */
void listeners_describe(
	const struct sockaddr *address, socklen_t len, char out[static WIRE_NAME_MAX_BYTES]);

/* Where it listens in fact, whoever made the sockets: "0.0.0.0:7420 [::]:7420". */
void listeners_text(const struct supervisor *s, char out[static CONFIG_TEXT_MAX_BYTES]);

/* Logs a connection that the limiter refused. */
void listeners_refused(enum limiter_verdict verdict, const char *peer);
