/* What the worker tells of itself: STATS to the client for show, and the figures of
 * `farseatctl sessions` to the supervisor. */
#pragma once

#include <stdint.h>

struct worker;

struct figures {
	uint64_t sent_ms; /* when STATS was sent last */
	uint64_t sent_frames;
};

/* Sends STATS when they are due. Only while the session is open. */
void figures_send(struct worker *w, uint64_t now_ms);

/* Answers RECORD_STATS_ASK. */
void figures_tell(struct worker *w);
