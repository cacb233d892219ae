/*
 * A session without a window, for the commands that look at it or act in it: connects, waits for a
 * condition, says on stderr what goes wrong. farseat.
 */
#pragma once

#include "client/session/connection.h"

#define HEADLESS_TIMEOUT_MS 20000 /* unless --timeout says otherwise */

struct headless {
	struct workstation workstation;
	struct connection *connection; /* owned */
	uint64_t until_ms;
	uint32_t updates;       /* pictures that came */
	uint64_t updated_ms;    /* when the last one came */
	bool exact;             /* whether the last one was */
	uint32_t input_serial;  /* newest that a picture answered */
	uint32_t asked;         /* id of the last checksum question; 0 none */
	uint32_t updates_asked; /* updates when it was asked */
	/* The answer: both ends equal, nothing pending, and no picture came in between. */
	bool matches;
	uint32_t rtt_us;
	struct record_link_stats stats; /* the newest figures */
	unsigned stats_count, wanted_stats;
	uint32_t wanted_serial;               /* of the input whose answer is waited for */
	const struct connection_events *more; /* called as well; may be NULL */
	void *more_user;
};

/*
 * Looks the workstation up and starts to connect. Returns an exit status; 0 goes on. The caller
 * calls headless_close in any case.
 */
int headless_open(struct headless *h, const char *name, const struct connection_options *options,
	const struct connection_events *more, void *more_user, uint32_t timeout_ms);

/*
 * Runs until done says so: EXIT_OK, or the exit status of what came in between (said on stderr).
 * done NULL: until the session is open. what: what was waited for, for the message when the time is
 * up.
 */
int headless_wait(struct headless *h, bool (*done)(struct headless *h), const char *what);

/* Runs for ms, whatever happens in the session; 0, or the status when it ended. */
int headless_run_ms(struct headless *h, uint32_t ms);

/* Conditions. */
bool headless_is_open(struct headless *h);
/* The picture here equals the far end's, and nothing is pending: asks again and again. */
bool headless_is_settled(struct headless *h);

/* One turn of the loop: sleeps until something happens, or the time is until_ms. */
void headless_turn(struct headless *h, uint64_t until_ms);

void headless_close(struct headless *h);

/* Says the connection's reason and remedy on stderr; returns its exit status. */
int headless_complain(const struct connection *c, const char *name);

/* Whether there is a workstation of that name. */
bool headless_known(const char *name);

/* Loads a workstation for a command; EXIT_OK or a status, said on stderr. */
int headless_find(const char *name, struct workstation *out);
