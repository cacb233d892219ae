/* The states of a connection: which follows which, and what each means. */
#include "server/worker/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Every way that a connection can take, and no other. */
static void test_ways(void **state)
{
	static const enum worker_state ways[][2] = {
		{ WORKER_START, WORKER_GATEWAY },
		{ WORKER_START, WORKER_HANDSHAKE },
		{ WORKER_GATEWAY, WORKER_HANDSHAKE },
		{ WORKER_HANDSHAKE, WORKER_HELLO },
		{ WORKER_HANDSHAKE, WORKER_ENROLL },
		{ WORKER_HELLO, WORKER_PROOF },
		{ WORKER_PROOF, WORKER_VERIFY },
		{ WORKER_VERIFY, WORKER_OPEN },
		{ WORKER_ENROLL, WORKER_CLAIM },
		{ WORKER_CLAIM, WORKER_REQUEST },
		{ WORKER_REQUEST, WORKER_SIGN },
	};

	(void)state;
	for (unsigned from = 0; from < WORKER_STATES; from++)
		for (unsigned to = 0; to < WORKER_STATES; to++) {
			bool expected = to == WORKER_ENDED;
			for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
				expected = expected || (ways[i][0] == from && ways[i][1] == to);
			assert_int_equal(worker_state_follows(from, to), expected);
		}
}

/* Nobody gets a session without the supervisor's word, nor beyond the time for it. */
static void test_meaning(void **state)
{
	(void)state;
	for (unsigned s = WORKER_START; s <= WORKER_HANDSHAKE; s++) {
		assert_false(worker_state_speaks(s));
		assert_true(worker_state_unproven(s));
	}
	for (unsigned s = WORKER_HELLO; s <= WORKER_VERIFY; s++) {
		assert_true(worker_state_speaks(s));
		assert_true(worker_state_unproven(s));
		assert_int_not_equal(worker_state_phase(s), WIRE_PHASE_OPEN);
	}
	assert_int_equal(worker_state_phase(WORKER_HELLO), WIRE_PHASE_HELLO);
	assert_int_equal(worker_state_phase(WORKER_PROOF), WIRE_PHASE_PROOF);
	assert_int_equal(worker_state_phase(WORKER_VERIFY), WIRE_PHASE_PROOF);
	assert_int_equal(worker_state_phase(WORKER_OPEN), WIRE_PHASE_OPEN);
	for (unsigned s = WORKER_ENROLL; s <= WORKER_REQUEST; s++) {
		assert_int_equal(worker_state_phase(s), WIRE_PHASE_ENROLL);
		assert_true(worker_state_unproven(s));
	}
	assert_int_equal(worker_state_phase(WORKER_SIGN), WIRE_PHASE_ENROLL);
	assert_false(worker_state_unproven(WORKER_OPEN));
	assert_false(worker_state_unproven(WORKER_SIGN)); /* the signer's time, not the client's */
	assert_false(worker_state_speaks(WORKER_ENDED));
	assert_false(worker_state_unproven(WORKER_ENDED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
