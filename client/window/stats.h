/*
 * What --stats shows: rates, delays and their percentiles, and key-to-photon times: from sending an
 * input message to giving the window system the picture that was captured after the workstation had
 * applied it (input_serial of UPDATE). farseat; no I/O.
 */
#pragma once

#include "common/base/samples.h"
#include "common/ipc/records_link.h"

#include <stdbool.h>
#include <stdint.h>

#define STATS_INPUTS_MAX 256 /* inputs without an answer; older ones are forgotten */

struct stats {
	struct samples photon_us; /* key to photon */
	struct {
		uint32_t serial; /* 0 none */
		uint64_t sent_us;
	} inputs[STATS_INPUTS_MAX];
	uint32_t answered; /* newest serial seen in a picture */

	uint64_t frames;                                /* shown */
	uint64_t rate_from_us, rate_frames, rate_bytes; /* when the second that is counted began */
	double fps, bytes_per_s;

	struct record_link_stats link; /* as it came last */
	bool exact;
};

/* An input that ought to be answered on the screen was sent: keys, buttons, text, wheel; not the
 * pointer's motion. */
void stats_input(struct stats *s, uint32_t serial, uint64_t now_us);

/* A picture was given to the window system. */
void stats_shown(struct stats *s, uint32_t input_serial, bool exact, uint64_t now_us);

/* What the link counted; once a second. */
void stats_link(struct stats *s, const struct record_link_stats *link);

/* Ends the running second when it is over; whether the rates changed. */
bool stats_tick(struct stats *s, uint64_t now_us);

/* A new connection: unanswered inputs and counters of the old link are forgotten. */
void stats_reconnected(struct stats *s);
