/*
 * How far a connection has come, and what follows from it: one table, so that a state stands in one
 * place and is never compared by its number.
 */
#pragma once

#include "common/wire/messages.h"

enum worker_state {
	WORKER_START,     /* waits for the supervisor's configuration */
	WORKER_GATEWAY,   /* waits for the gateway's PROXY header */
	WORKER_HANDSHAKE, /* TLS */
	WORKER_HELLO,     /* waits for the client's HELLO */
	WORKER_PROOF,     /* and its PROOF */
	WORKER_VERIFY,    /* and the supervisor's word about it */
	WORKER_OPEN,      /* the session */
	WORKER_ENROLL,    /* an invitation's: waits for HELLO */
	WORKER_CLAIM,     /* and its PROOF */
	WORKER_REQUEST,   /* and ENROLL */
	WORKER_SIGN,      /* and the supervisor's certificate */
	WORKER_ENDED,
	WORKER_STATES,
};

/* Whether a connection may go from one state to another; to WORKER_ENDED always. */
bool worker_state_follows(enum worker_state from, enum worker_state to);

/* TLS is done: messages are read and written, and a GOODBYE can be said. */
bool worker_state_speaks(enum worker_state state);

/* The client has not proven itself yet: WIRE_AUTH_TIMEOUT_MS counts. */
bool worker_state_unproven(enum worker_state state);

/* Of the protocol. Only for states that speak. */
enum wire_phase worker_state_phase(enum worker_state state);
