#include "client/link/state.h"

#define FROM(state) (1U << (state))

static const struct {
	unsigned from; /* states before it */
	bool speaks;
	enum wire_phase phase;
} states[LINK_STATES] = {
	/* clang-format off */
	/*                  from                                                     speaks phase */
	[LINK_START]     = { 0,                                                      false, WIRE_PHASE_HELLO },
	[LINK_PROXY]     = { FROM(LINK_START),                                       false, WIRE_PHASE_HELLO },
	[LINK_PROBE]     = { FROM(LINK_START) | FROM(LINK_PROXY),                    false, WIRE_PHASE_HELLO },
	[LINK_HANDSHAKE] = { FROM(LINK_START) | FROM(LINK_PROXY),                    false, WIRE_PHASE_HELLO },
	[LINK_HELLO]     = { FROM(LINK_HANDSHAKE),                                   true,  WIRE_PHASE_HELLO },
	[LINK_PROVEN]    = { FROM(LINK_HELLO),                                       true,  WIRE_PHASE_PROOF },
	[LINK_OPEN]      = { FROM(LINK_PROVEN),                                      true,  WIRE_PHASE_OPEN },
	[LINK_CLAIM]     = { FROM(LINK_HANDSHAKE),                                   true,  WIRE_PHASE_ENROLL },
	[LINK_ENROLL]    = { FROM(LINK_HANDSHAKE) | FROM(LINK_CLAIM),                true,  WIRE_PHASE_ENROLL },
	[LINK_ENDED]     = { ~0U,                                                    false, WIRE_PHASE_HELLO },
	/* clang-format on */
};

bool link_state_follows(enum link_state from, enum link_state to)
{
	return states[to].from & FROM(from);
}

bool link_state_speaks(enum link_state state)
{
	return states[state].speaks;
}

enum wire_phase link_state_phase(enum link_state state)
{
	return states[state].phase;
}
