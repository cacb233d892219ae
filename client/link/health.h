/* How the open connection does, for the UI: silence, statistics, the ticket that resumes it, and when
 * it is due for new keys. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The picture is called old after this: the other end sends a heartbeat every 1.5 s. */
#define LINK_SILENT_MS     2500
#define LINK_SILENT_SAY_MS 500 /* and its age is told so often */
#define LINK_STATS_MS      1000
/* mbedTLS never changes the keys of a connection: after so long or so much it is made anew, in a
 * moment when nobody types or points, and after half as much again in any case. A test has a link
 * of its own with less. */
#ifndef LINK_RENEW_MS
#define LINK_RENEW_MS (12ULL * 3600 * 1000)
#endif
#define LINK_RENEW_BYTES    (64ULL * 1024 * 1024 * 1024)
#define LINK_RENEW_QUIET_MS 2000

struct link;

struct link_health {
	uint64_t opened_ms, stats_ms, silent_said_ms;
	bool silent, ticket_sent;
};

/* While it is open: tells what is due, and may end the link. How long the loop may sleep. */
int link_health_tick(struct link *l, uint64_t now_ms);
