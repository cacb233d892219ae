/* Answers the client's question whether it has the same picture as we: when everything is settled,
 * or after CHECKSUM_WAIT_MS. Goes by the screen's channel, so that it stays behind its frames. */
#pragma once

#include "server/worker/screen/frame.h"

/* A checksum is given when all is settled, or after this. */
#define CHECKSUM_WAIT_MS 2000

struct checksum {
	const struct worker_host *host; /* borrowed */
	struct frame *frame;            /* borrowed */
	bool asked;                     /* a new question replaces one that waits */
	uint32_t id;
	uint64_t until_ms;
};

extern const struct worker_channel checksum_channel; /* self: struct checksum */

/* host and frame live as long as it. */
void checksum_init(struct checksum *c, const struct worker_host *host, struct frame *frame);
