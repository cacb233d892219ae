/* What the files of a connection share (connection*.c, channels.c); nobody else includes it. */
#pragma once

#include "client/session/connection.h"
#include "client/session/link_process.h"
#include "client/session/remedy.h"
#include "client/way/network.h"
#include "common/base/backoff.h"

#define CONNECTION_REASON_BYTES 400
/* The first retry comes at once: most broken links are a restarted daemon or a changed address. */
#define CONNECTION_RETRY_MS 100
/* A returned link is found within this, and the picture of it within two seconds. */
#define CONNECTION_RETRY_MAX_MS 1000
/* So many links in a row that break our own rules are no accident. */
#define CONNECTION_DISTRUST_MAX 3
/* A command that does not reconnect tries so often where the workstation took no connection at that
 * moment: 1.5 s in all. */
#define CONNECTION_TRIES 5
/* A connection that stood for so long starts the row anew. */
#define CONNECTION_STEADY_MS 5000
/* A renewal that takes no longer is nobody's business. */
#define CONNECTION_RENEWAL_MS 2000

struct connection {
	struct workstation workstation;
	struct connection_options options;
	struct connection_events events;
	void *user;

	enum connection_state state;
	char reason[CONNECTION_REASON_BYTES];
	const char *remedy; /* static */
	uint8_t fault;
	uint16_t goodbye;
	uint16_t lost_by; /* the goodbye that ended the session of the picture, 0 none */

	struct way_attempt *attempt; /* owned; lives as long as the link */
	bool dialing;                /* it has not given its descriptor yet */
	struct link_process link;
	uint64_t deadline_ms;   /* of DIALING, SECURING; when to try again in LOST */
	uint64_t open_since_ms; /* 0 not open */
	uint64_t lost_since_ms;
	uint64_t renewed_ms; /* when farseat-link ended it for new keys; 0: nothing is renewed */
	uint64_t begun_ms;   /* of DIALING, SECURING */
	struct backoff backoff;
	struct network network;
	struct net_address local; /* of the transport; none: unknown */
	bool multipath;           /* it can lose an address and live */
	struct net_address known; /* where the workstation answered last */
	bool way_failed;          /* what is on the way failed, by its own account */
	bool resumable;           /* a session was handed to the link */

	struct ipc_memory shown;
	struct ipc_memory coming; /* announced by SCREEN, shown from its first UPDATE on */
	struct connection_picture picture, next;
	uint32_t shown_generation, coming_generation; /* of SCREEN */
	bool shown_live;      /* the link that runs now draws into what is shown */
	uint64_t blank_at_ms; /* 0: nothing is coming */
	bool presenting;
	unsigned distrusted; /* links in a row that broke our own rules */

	bool welcomed;
	bool dpi_told; /* to this link */
	struct wire_welcome welcome;
	uint32_t caps;
	uint32_t serial;
};

/* connection.c */
void connection_set_state(struct connection *c, enum connection_state state);
void connection_say(struct connection *c, const char *reason, const char *remedy);
/* The link is gone: tries again later, or gives up for good. */
void connection_end_link(struct connection *c, enum outcome outcome, int grace_ms);
/* The session that was offered is worth nothing: at once again, without it. */
void connection_again_without_session(struct connection *c);

/* connection_network.c */
/* Remembers what the news of the network will be compared with. */
void connection_note_socket(struct connection *c, int fd);
/* Takes what is new, and acts on it. */
void connection_hear_network(struct connection *c);

/* connection_link.c */
/* Takes every record that farseat-link has sent. */
void connection_read_link(struct connection *c);

/* connection_picture.c */
/* The picture that SCREEN announced becomes the one that is shown; does nothing when none is
 * coming. */
void connection_swap_picture(struct connection *c);
