/* The keys that seal the tickets of resumption: new ones every few hours, those before them still
 * open what they sealed (ARCHITECTURE.md, D-TICKETS). */
#pragma once

#include "common/crypto/ticket_seal.h"

#include <stdbool.h>
#include <uv.h>

struct tickets {
	uint8_t keys[2][TICKET_KEY_BYTES]; /* the first seals; secret */
	uv_timer_t rotation;
};

void tickets_open(struct tickets *t, uv_loop_t *loop);
/* Closes the timer; the keys are the owner's to wipe, by tickets_wipe. */
void tickets_close(struct tickets *t);
/* Whether there is a key that seals: random numbers may have been out. */
bool tickets_ready(const struct tickets *t);
void tickets_wipe(struct tickets *t);
