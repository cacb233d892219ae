/* Every record and every message that there is, with every capability: nothing passes by accident.
 */
#include "server/agent/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t record_needs(int type, bool *known)
{
	*known = true;
	switch (type) {
	case RECORD_FRAME_REQUEST:
	case RECORD_FRAME_TAKEN:
	case RECORD_LOOK:
		return WIRE_CAP_SEE;
	case RECORD_WIRE:
		return 0;
	default:
		*known = false;
		return 0;
	}
}

static uint32_t wire_needs(int type, bool *known)
{
	*known = true;
	switch (type) {
	case WIRE_KEY:
	case WIRE_TEXT:
	case WIRE_POINTER:
	case WIRE_POINTER_BY:
	case WIRE_BUTTON:
	case WIRE_WHEEL:
	case WIRE_RELEASE_ALL:
		return WIRE_CAP_INPUT;
	case WIRE_REFRESH:
		return WIRE_CAP_SEE;
	case WIRE_CLIPBOARD_OFFER:
	case WIRE_CLIPBOARD_WITHDRAW:
	case WIRE_CLIPBOARD_DATA:
		return WIRE_CAP_CLIPBOARD_IN;
	case WIRE_CLIPBOARD_ASK:
	case WIRE_CLIPBOARD_MORE:
	case WIRE_CLIPBOARD_STOP:
		return WIRE_CAP_CLIPBOARD_OUT;
	case WIRE_VIEW:
	case WIRE_DPI:
		return 0;
	default:
		*known = false;
		return 0;
	}
}

static enum gate expected(uint32_t needs, bool known, uint32_t caps)
{
	if (!known)
		return GATE_PROTOCOL;
	return (needs & caps) == needs ? GATE_PASS : GATE_VIOLATION;
}

static void test_records(void **state)
{
	bool known;

	(void)state;
	for (int type = 0; type < 256; type++)
		for (uint32_t caps = 0; caps <= WIRE_CAPS_ALL; caps++) {
			uint32_t needs = record_needs(type, &known);
			assert_int_equal(gate_record((enum record_type)type, caps),
				expected(needs, known, caps));
		}
}

static void test_messages(void **state)
{
	bool known;

	(void)state;
	for (int type = 0; type < 256; type++)
		for (uint32_t caps = 0; caps <= WIRE_CAPS_ALL; caps++) {
			uint32_t needs = wire_needs(type, &known);
			assert_int_equal(gate_wire((enum wire_type)type, caps),
				expected(needs, known, caps));
		}
}

/* The agent's own list is no laxer than the protocol's. */
static void test_agrees_with_the_protocol(void **state)
{
	(void)state;
	for (int type = 0; type < 256; type++)
		if (wire_cap_needed((uint8_t)type))
			assert_int_not_equal(
				gate_wire((enum wire_type)type,
					WIRE_CAPS_ALL & ~wire_cap_needed((uint8_t)type)),
				GATE_PASS);
}

static void test_view_role(void **state)
{
	(void)state;
	assert_int_equal(gate_wire(WIRE_KEY, WIRE_CAPS_VIEW), GATE_VIOLATION);
	assert_false(gate_may_resize(WIRE_CAPS_VIEW));
	assert_true(gate_may_resize(WIRE_CAPS_CONTROL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_agrees_with_the_protocol),
		cmocka_unit_test(test_view_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
