/*
 * SSH hops as the way to a workstation: one farseat-tunnel for each, the stream of one being the
 * transport of the next. Runs in a thread of its own, since ssh -G, the network and the person all
 * take their time; asks on the terminal where there is one. farseat.
 */
#pragma once

#include "client/way/route.h"

struct tunnel_way;

/* Why it failed: also for exit statuses. */
enum tunnel_way_end {
	TUNNEL_WAY_BROKE,   /* try again */
	TUNNEL_WAY_REFUSED, /* a host key, or the SSH server does not let us in: exit status 3 */
	TUNNEL_WAY_FAILED,
};

/*
 * Opens via (ssh_config.h). Through the last hop to host and port; or, command not NULL, runs that
 * there. -ENOMEM, -EAGAIN.
 */
int tunnel_way_open(struct tunnel_way **out, const char *via, const char *host, uint16_t port,
	const char *command) MUST_CHECK;

/* Becomes readable when the result is there. */
int tunnel_way_fd(const struct tunnel_way *w);

/* -EAGAIN: not yet. out->fd -1: failed, reason and remedy say why. Once. */
int tunnel_way_take(struct tunnel_way *w, struct dial_result *out) MUST_CHECK;

/* Whether it waits for the person right now. */
bool tunnel_way_asking(struct tunnel_way *w);

/* After take: whether a hop said why it broke. */
bool tunnel_way_blame(
	struct tunnel_way *w, char reason[static ROUTE_REASON_BYTES], const char **remedy);

/* After take, with a command: waits for its end. Its status, or -1 unknown; talk: the end of its
 * standard error. */
int tunnel_way_exit(struct tunnel_way *w, char *talk, size_t size);

/* Ends everything; waits for the thread. NULL is fine. */
void tunnel_way_close(struct tunnel_way *w);
