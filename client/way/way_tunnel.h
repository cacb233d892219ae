/*
 * SSH hops as the way to a workstation: one farseat-tunnel for each, the stream of one being the
 * transport of the next. Runs in a thread of its own, since ssh -G, the network and the person all
 * take their time; asks on the terminal where there is one. farseat.
 */
#pragma once

#include "client/way/way.h"

struct way_tunnel;

/* Why it failed: also for exit statuses. */
enum way_tunnel_end {
	WAY_TUNNEL_BROKE,   /* try again */
	WAY_TUNNEL_REFUSED, /* a host key, or the SSH server does not let us in: exit status 3 */
	WAY_TUNNEL_FAILED,
};

/*
 * Opens via (ssh_config.h). Through the last hop to host and port; or, command not NULL, runs that
 * there. -ENOMEM, -EAGAIN.
 */
int way_tunnel_open(struct way_tunnel **out, const char *via, const char *host, uint16_t port,
	const char *command) MUST_CHECK;

/* Becomes readable when the result is there. */
int way_tunnel_fd(const struct way_tunnel *w);

/* -EAGAIN: not yet. out->fd -1: failed, reason and remedy say why. Once. */
int way_tunnel_take(struct way_tunnel *w, struct dial_result *out) MUST_CHECK;

/* Whether it waits for the person right now. */
bool way_tunnel_asking(struct way_tunnel *w);

/* After take: whether a hop said why it broke. */
bool way_tunnel_blame(
	struct way_tunnel *w, char reason[static WAY_REASON_BYTES], const char **remedy);

/* After take, with a command: waits for its end. Its status, or -1 unknown; talk: the end of its
 * standard error. */
int way_tunnel_exit(struct way_tunnel *w, char *talk, size_t size);

/* Ends everything; waits for the thread. NULL is fine. */
void way_tunnel_close(struct way_tunnel *w);
