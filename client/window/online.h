/*
 * Which of the launcher's workstations answer: whether something accepts a TCP connection there,
 * which is closed at once. Only those that are reached directly are asked; a hop or a command would
 * want a login, and a proxy would be asked in the person's name. farseat.
 */
#pragma once

#include "client/session/workstation.h"

#define ONLINE_AT_ONCE 4 /* that are asked at the same time, each by a thread of its own */
#define ONLINE_TIMEOUT_MS                                                                          \
	4000                /* then it does not answer: a slow link's handshake is done by then */
#define ONLINE_AGE_MS 60000 /* so old is no news any more */

enum online_state {
	ONLINE_UNKNOWN, /* not asked, or no answer yet */
	ONLINE_ANSWERS,
	ONLINE_SILENT,
};

struct online {
	enum online_state state;
	struct dial *dial; /* owned; NULL: it is not being asked */
	uint64_t since_ms; /* when it was asked last; 0 never */
};

/*
 * Takes the answer that came, and asks when it is time and fewer than ONLINE_AT_ONCE are being asked
 * (*asking, which is counted here for all). Returns whether the state changed.
 */
bool online_step(struct online *o, const struct workstation *w, int *asking, uint64_t now_ms);

/* Gives up asking and forgets. */
void online_finish(struct online *o, int *asking);
