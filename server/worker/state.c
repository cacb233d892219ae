#include "server/worker/state.h"

#define FROM(state) (1U << (state))

static const struct {
	unsigned from; /* states before it */
	bool speaks, unproven;
	enum wire_phase phase;
} states[WORKER_STATES] = {
	/* clang-format off */
	/*                    from                                     speaks unproven phase */
	[WORKER_START]     = { 0,                                      false, true,  WIRE_PHASE_HELLO },
	[WORKER_GATEWAY]   = { FROM(WORKER_START),                     false, true,  WIRE_PHASE_HELLO },
	[WORKER_HANDSHAKE] = { FROM(WORKER_START) | FROM(WORKER_GATEWAY), false, true, WIRE_PHASE_HELLO },
	[WORKER_HELLO]     = { FROM(WORKER_HANDSHAKE),                 true,  true,  WIRE_PHASE_HELLO },
	[WORKER_PROOF]     = { FROM(WORKER_HELLO),                     true,  true,  WIRE_PHASE_PROOF },
	[WORKER_VERIFY]    = { FROM(WORKER_PROOF),                     true,  true,  WIRE_PHASE_PROOF },
	[WORKER_OPEN]      = { FROM(WORKER_VERIFY),                    true,  false, WIRE_PHASE_OPEN },
	[WORKER_ENROLL]    = { FROM(WORKER_HANDSHAKE),                 true,  true,  WIRE_PHASE_ENROLL },
	[WORKER_CLAIM]     = { FROM(WORKER_ENROLL),                    true,  true,  WIRE_PHASE_ENROLL },
	[WORKER_REQUEST]   = { FROM(WORKER_CLAIM),                     true,  true,  WIRE_PHASE_ENROLL },
	[WORKER_SIGN]      = { FROM(WORKER_REQUEST),                   true,  false, WIRE_PHASE_ENROLL },
	[WORKER_ENDED]     = { ~0U,                                    false, false, WIRE_PHASE_HELLO },
	/* clang-format on */
};

bool worker_state_follows(enum worker_state from, enum worker_state to)
{
	return states[to].from & FROM(from);
}

bool worker_state_speaks(enum worker_state state)
{
	return states[state].speaks;
}

bool worker_state_unproven(enum worker_state state)
{
	return states[state].unproven;
}

enum wire_phase worker_state_phase(enum worker_state state)
{
	return states[state].phase;
}
