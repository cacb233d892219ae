/* How long to wait before the next try: longer each time, and never in step with others. Pure
 * arithmetic. */
#pragma once

#include <stdint.h>

struct backoff {
	uint32_t first_ms, max_ms;
	unsigned tries; /* since the last reset */
};

/* Milliseconds to wait before the next try: first_ms, then doubling up to max_ms; spread by up to a
 * fifth less with random. */
uint32_t backoff_next(struct backoff *b, uint32_t random);
void backoff_reset(struct backoff *b);
