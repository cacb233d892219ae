/*
 * What a connection does about news of the network: a try that waits begins at once, one that asks
 * a network which is gone begins anew, and an open one is asked whether it still lives, or given up
 * where its own address is gone. Timers alone would find all of it, later.
 */
#include "client/session/connection_state.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/net_path.h"

#include <stdio.h>

/* Changes come in bursts: a link, its addresses, its routes. */
#define SETTLE_MS 50
/* A dial or handshake that is younger began on the network as it is now. */
#define DIAL_STALE_MS   300
#define SECURE_STALE_MS 2000

void connection_note_socket(struct connection *c, int fd)
{
	net_local_address(fd, &c->local);
	c->multipath = net_path_spare(fd) >= 0;
}

static void try_now(struct connection *c)
{
	backoff_reset(&c->backoff);
	c->deadline_ms = clock_now_ms() + SETTLE_MS;
}

static void give_up(struct connection *c, const char *why)
{
	connection_say(c, why, "");
	connection_end_link(c, OUTCOME_RETRY, 0);
	if (c->state == CONNECTION_LOST)
		try_now(c);
}

static void ask_link(struct connection *c, bool went)
{
	const struct link_record check = { .type = RECORD_LINK_CHECK,
		.link_check = { .went = went } };

	if (link_record_send(&c->link.channel, &check, -1) < 0)
		log_debug("farseat-link does not listen"); /* its end is seen on receiving */
}

static bool has_program(const struct connection *c)
{
	return c->workstation.way.via[0] != '\0' || c->workstation.way.command[0] != '\0';
}

static void act(struct connection *c, unsigned news)
{
	uint64_t now = clock_now_ms();

	switch (c->state) {
	case CONNECTION_LOST:
		try_now(c);
		return;
	case CONNECTION_DIALING:
		/* A way with a program of its own may be asking the person something. */
		if (now >= c->begun_ms + DIAL_STALE_MS && !has_program(c))
			connection_start(c);
		return;
	case CONNECTION_SECURING:
		if (now >= c->begun_ms + SECURE_STALE_MS)
			give_up(c, "the network changed");
		return;
	case CONNECTION_OPEN:
	case CONNECTION_SILENT:
		if ((news & NETWORK_WENT) && !c->multipath)
			give_up(c, "this laptop's network address changed");
		else
			ask_link(c, news & NETWORK_WENT);
		return;
	case CONNECTION_IDLE:
	case CONNECTION_REFUSED:
	case CONNECTION_ENDED:
	case CONNECTION_FAILED:
		return;
	}
}

void connection_hear_network(struct connection *c)
{
	if (!c->options.reconnect)
		return;
	unsigned news = network_take(&c->network, &c->local);
	if (news)
		act(c, news);
}
