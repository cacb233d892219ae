/* How long to wait before the next try to connect. farseat; pure arithmetic. */
#pragma once

#include <stdint.h>

/* The first retry comes at once: most broken links are a restarted daemon or a changed address. */
#define BACKOFF_FIRST_MS 100
/* A returned link is found within this, and the picture of it within two seconds. */
#define BACKOFF_MAX_MS 1000
/* A connection that stood for so long starts the row anew. */
#define BACKOFF_STEADY_MS 5000

struct backoff {
	unsigned tries;
};

/* Milliseconds to wait before the next try; doubles up to BACKOFF_MAX_MS, spread by up to a fifth
 * less with random. */
uint32_t backoff_next(struct backoff *b, uint32_t random);
void backoff_reset(struct backoff *b);
