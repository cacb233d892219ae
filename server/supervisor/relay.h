/* The reverse tunnel to a relay. */
#pragma once

#include "common/base/backoff.h"
#include "server/supervisor/child.h"

#include <jansson.h>

struct supervisor;

enum relay_state {
	RELAY_OFF, /* none is configured */
	RELAY_CONNECTING,
	RELAY_OPEN,
	RELAY_WAITING, /* to try again */
};

struct relay {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running;
	int program; /* owned: farseat-tunnel as it was at our start; -1 there is none */
	enum relay_state state;
	uint64_t since_ms; /* OPEN */
	int64_t since_s;
	char fingerprint[64]; /* of the relay's key */
	uint64_t retry_ms;    /* WAITING: until then */
	struct backoff backoff;
	bool told;  /* this one has said why it ends */
	bool again; /* the next start comes at once */
	uint8_t fault;
	char failure[RECORD_DETAIL_MAX_BYTES]; /* the last one; empty: none since it was open */
	uv_timer_t timer;                      /* CONNECTING: patience; WAITING: the next start */
};

/* The timer, which is there before anything can fail, and none of the rest. */
void relay_init(struct supervisor *s);
void relay_finish(struct supervisor *s);

/* Opens its program, before the confinement. */
void relay_open(struct supervisor *s);
void relay_start(struct supervisor *s);
/* Tries at once, with the settings as they are now; a tunnel that stands is ended first. */
void relay_again(struct supervisor *s);
void relay_reap(struct supervisor *s);
/* For good. What runs through it has ended by then. */
void relay_stop(struct supervisor *s);

/* For status; NULL: none is configured. */
json_t *relay_to_json(const struct supervisor *s);
