/*
 * How far a connection has come, and what follows from it: one table, so that a state stands in one
 * place and is never compared by its number.
 */
#pragma once

#include "common/wire/messages.h"

enum link_state {
	LINK_START,     /* waits for the UI's configuration */
	LINK_PROXY,     /* a proxy is asked for the way */
	LINK_PROBE,     /* TLS as far as the server's chain */
	LINK_HANDSHAKE, /* TLS */
	LINK_HELLO,     /* ours is sent; waits for the server's */
	LINK_PROVEN,    /* PROOF is sent; waits for WELCOME */
	LINK_OPEN,      /* the session */
	LINK_CLAIM,     /* an enrolment's HELLO is sent; waits for the server's */
	LINK_ENROLL,    /* PROOF and ENROLL are sent; waits for ENROLLED */
	LINK_ENDED,
	LINK_STATES,
};

/* Whether a connection may go from one state to another; to LINK_ENDED always. */
bool link_state_follows(enum link_state from, enum link_state to);

/* TLS is done: messages are read and written, and a GOODBYE can be said. */
bool link_state_speaks(enum link_state state);

/* Of the protocol. Only for states that speak. */
enum wire_phase link_state_phase(enum link_state state);
