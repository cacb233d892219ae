/*
 * How much a client may type (limits.h): a bucket that is full at first and fills again at a steady
 * rate. The server ends a client that overdraws it; a client that types long texts waits by it.
 * Pure: takes times, holds no clock.
 */
#pragma once

#include "common/wire/messages.h"

struct wire_typing {
	uint64_t left_milli, burst_milli; /* in 1/1000 of what limits.h counts */
	uint64_t since_ms;                /* left_milli is of that moment */
};

/* burst: how much may be typed at once, WIRE_TYPED_BURST at the server. */
void wire_typing_init(struct wire_typing *t, uint32_t burst, uint64_t now_ms);

/*
 * Takes what m costs out of the bucket; messages other than KEY and TEXT cost nothing. Returns 0, or
 * in how many milliseconds there will be enough; then nothing was taken. burst must not be less than
 * the largest message costs.
 */
uint64_t wire_typing_take(struct wire_typing *t, const struct wire_message *m, uint64_t now_ms);
