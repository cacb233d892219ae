/* What a device may do, and when what it holds is let go. */
#include "server/worker/held.h"
#include "server/worker/rights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_granted(void **state)
{
	struct rights r = { 0 };

	(void)state;
	assert_int_equal(rights_of(&r, WIRE_CAP_SEE, 0), RIGHTS_BEYOND);
	rights_grant(&r, WIRE_CAPS_VIEW);
	assert_int_equal(rights_of(&r, 0, 1000), RIGHTS_ALLOWED);
	assert_int_equal(rights_of(&r, WIRE_CAP_SEE, 1000), RIGHTS_ALLOWED);
	assert_int_equal(rights_of(&r, WIRE_CAP_INPUT, 1000), RIGHTS_BEYOND);
	assert_int_equal(rights_of(&r, WIRE_CAP_SEE | WIRE_CAP_INPUT, 1000), RIGHTS_BEYOND);
}

/* What was taken away is late for a while, then beyond; what was never there is beyond at once. */
static void test_taken_away(void **state)
{
	struct rights r = { 0 };

	(void)state;
	rights_grant(&r, WIRE_CAP_SEE | WIRE_CAP_INPUT);
	assert_int_equal(rights_change(&r, WIRE_CAP_SEE, 5000), 0);
	assert_int_equal(rights_of(&r, WIRE_CAP_INPUT, 5000), RIGHTS_LATE);
	assert_int_equal(rights_of(&r, WIRE_CAP_INPUT, 5000 + RIGHTS_GRACE_MS - 1), RIGHTS_LATE);
	assert_int_equal(rights_of(&r, WIRE_CAP_INPUT, 5000 + RIGHTS_GRACE_MS), RIGHTS_BEYOND);
	assert_int_equal(rights_of(&r, WIRE_CAP_FILES_IN, 5000), RIGHTS_BEYOND);
	assert_int_equal(rights_change(&r, WIRE_CAP_SEE | WIRE_CAP_INPUT, 6000), WIRE_CAP_INPUT);
	assert_int_equal(rights_of(&r, WIRE_CAP_INPUT, 6000), RIGHTS_ALLOWED);
}

static void test_held(void **state)
{
	const struct wire_message key = { .type = WIRE_KEY, .key.serial = 41 };
	struct held h = { 0 };

	(void)state;
	assert_int_equal(held_due_ms(&h, 100000), -1);
	held_note(&h, &key);
	assert_int_equal(held_due_ms(&h, 0), HELD_RELEASE_MS);
	assert_int_equal(held_due_ms(&h, HELD_RELEASE_MS - 1), 1);
	assert_int_equal(held_due_ms(&h, HELD_RELEASE_MS), 0);
	struct wire_message m = held_release(&h);
	assert_int_equal(m.type, WIRE_RELEASE_ALL);
	assert_int_equal(m.release_all.serial, 41);
	assert_int_equal(held_due_ms(&h, HELD_RELEASE_MS), -1);
	assert_int_equal(h.events, 1);
	held_note(&h, &key);
	assert_int_equal(held_due_ms(&h, HELD_RELEASE_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_granted),
		cmocka_unit_test(test_taken_away),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
