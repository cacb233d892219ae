/* How much a client may type: what is counted, the burst, the rate, and clocks that jump. */
#include "tests/unit/cmocka_first.h"

#include "common/wire/typing.h"

#define NOW_MS 5000

static const uint8_t letters[WIRE_TEXT_INPUT_MAX_BYTES] = { 'a' };
static const struct wire_message key = { .type = WIRE_KEY };
static const struct wire_message text = { .type = WIRE_TEXT,
	.text = { .utf8 = letters, .len = sizeof(letters) } };

static uint32_t take_all(struct wire_typing *t, const struct wire_message *m, uint64_t now_ms)
{
	uint32_t count = 0;

	while (wire_typing_take(t, m, now_ms) == 0)
		count++;
	return count;
}

static void what_is_counted(void **state)
{
	static const enum wire_type free_types[] = { WIRE_POINTER, WIRE_BUTTON, WIRE_WHEEL,
		WIRE_POINTER_BY, WIRE_RELEASE_ALL, WIRE_VIEW, WIRE_REFRESH, WIRE_FRAME_ACK };
	struct wire_typing t;

	(void)state;
	wire_typing_init(&t, 1000, NOW_MS);
	assert_int_equal(take_all(&t, &key, NOW_MS), 1000);
	for (size_t i = 0; i < ARRAY_LEN(free_types); i++) {
		struct wire_message m = { .type = free_types[i] };
		assert_int_equal(wire_typing_take(&t, &m, NOW_MS), 0);
	}
	wire_typing_init(&t, WIRE_TYPED_BURST, NOW_MS);
	assert_int_equal(take_all(&t, &text, NOW_MS), WIRE_TYPED_BURST / sizeof(letters));
	assert_int_equal(take_all(&t, &key, NOW_MS), WIRE_TYPED_BURST % sizeof(letters));
}

static void it_fills_at_the_rate(void **state)
{
	struct wire_typing t;

	(void)state;
	wire_typing_init(&t, WIRE_TYPED_BURST, NOW_MS);
	take_all(&t, &key, NOW_MS);
	assert_int_equal(take_all(&t, &key, NOW_MS + 1000), WIRE_TYPED_PER_S);
	/* In steps of a millisecond nothing is lost. */
	uint32_t count = 0;
	for (uint64_t ms = 1; ms <= 1000; ms++)
		count += take_all(&t, &key, NOW_MS + 1000 + ms);
	assert_int_equal(count, WIRE_TYPED_PER_S);
}

static void it_says_how_long_to_wait(void **state)
{
	struct wire_typing t;
	uint64_t now_ms = NOW_MS;

	(void)state;
	wire_typing_init(&t, WIRE_TYPED_BURST, now_ms);
	take_all(&t, &key, now_ms);
	for (unsigned i = 0; i < 100; i++) {
		uint64_t wait_ms = wire_typing_take(&t, &text, now_ms);
		assert_in_range(wait_ms, 1, sizeof(letters) * 1000 / WIRE_TYPED_PER_S + 1);
		assert_int_not_equal(wire_typing_take(&t, &text, now_ms + wait_ms - 1), 0);
		now_ms += wait_ms;
		assert_int_equal(wire_typing_take(&t, &text, now_ms), 0);
	}
}

/* A client whose bucket is half of the server's never overdraws it, however its bytes bunch up. */
static void half_a_bucket_is_safe(void **state)
{
	struct wire_typing client, server;
	uint64_t sent_ms = NOW_MS, arrives_ms = NOW_MS;

	(void)state;
	wire_typing_init(&client, WIRE_TYPED_BURST / 2, NOW_MS);
	wire_typing_init(&server, WIRE_TYPED_BURST, NOW_MS);
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t wait_ms;
		while ((wait_ms = wire_typing_take(&client, &text, sent_ms)) > 0)
			sent_ms += wait_ms;
		if (i % 100 == 0)
			arrives_ms = sent_ms + 3000; /* the network holds all back until then */
		if (arrives_ms < sent_ms)
			arrives_ms = sent_ms;
		assert_int_equal(wire_typing_take(&server, &text, arrives_ms), 0);
	}
}

static void clocks_that_jump(void **state)
{
	struct wire_typing t;

	(void)state;
	wire_typing_init(&t, 100, NOW_MS);
	take_all(&t, &key, NOW_MS);
	assert_int_not_equal(wire_typing_take(&t, &key, 0), 0);
	assert_int_equal(take_all(&t, &key, UINT64_MAX), 100);
	assert_int_not_equal(wire_typing_take(&t, &key, NOW_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_counted),
		cmocka_unit_test(it_fills_at_the_rate),
		cmocka_unit_test(it_says_how_long_to_wait),
		cmocka_unit_test(half_a_bucket_is_safe),
		cmocka_unit_test(clocks_that_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
