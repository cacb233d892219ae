/*
 * The keys that seal the tickets of resumption: new ones every few hours, those before them still
 * open what they sealed (ARCHITECTURE.md, D-TICKETS). Each ticket is opened once, so that what was
 * recorded of a connection stays closed to a worker that is taken over later.
 */
#pragma once

#include "common/crypto/ticket_seal.h"

#include <stdbool.h>
#include <uv.h>

/* Of one period of keys: a session comes back every ten seconds or so, for six hours, at worst. */
#define TICKETS_USED_MAX 2048

struct tickets_used {
	uint8_t names[TICKETS_USED_MAX][TICKET_NAME_BYTES];
	size_t count;
};

struct tickets {
	uint8_t keys[2][TICKET_KEY_BYTES]; /* the first seals; secret */
	struct tickets_used used[2];       /* since the first came, and before */
	uv_timer_t rotation;
};

void tickets_open(struct tickets *t, uv_loop_t *loop);
/* Closes the timer; the keys are the owner's to wipe, by tickets_wipe. */
void tickets_close(struct tickets *t);
/* Whether there is a key that seals: random numbers may have been out. */
bool tickets_ready(const struct tickets *t);
void tickets_wipe(struct tickets *t);

/*
 * As ticket_open, but once: -EALREADY, it was opened before. Where TICKETS_USED_MAX were opened,
 * there are new keys, and no older ticket opens.
 */
int tickets_take(struct tickets *t, const uint8_t *ticket, size_t len, uint8_t *out,
	size_t *plain_len) MUST_CHECK;
