/* How much waits, by how late frames were; and what counts as silence. */
#include "tests/unit/cmocka_first.h"

#include "common/sound/lateness.h"
#include "common/sound/ring.h"
#include "common/sound/silence.h"

#include <string.h>

/* count frames of 10 ms, the frame's number modulo every is late_us late. */
static uint32_t add(struct sound_lateness *l, uint64_t *at_us, unsigned count, unsigned every,
	uint64_t late_us, uint64_t begin_us)
{
	uint32_t ms = 0;

	for (unsigned i = 0; i < count; i++, *at_us += 10000)
		ms = sound_lateness_add(
			l, begin_us + *at_us + (i % every == every - 1 ? late_us : 0), *at_us);
	return ms;
}

static void test_target(void **state)
{
	struct sound_lateness l;
	uint64_t at_us = 0;

	(void)state;
	sound_lateness_init(&l);
	assert_int_equal(add(&l, &at_us, 1000, 1, 0, 777), SOUND_TARGET_MIN_MS);
	/* One in fifty is not what 95 of 100 are. */
	assert_int_equal(add(&l, &at_us, 1000, 50, 90000, 777), SOUND_TARGET_MIN_MS);
	assert_int_equal(add(&l, &at_us, 1000, 10, 40000, 777), SOUND_TARGET_MIN_MS + 40);
	assert_int_equal(add(&l, &at_us, 1000, 10, 900000, 777), SOUND_TARGET_MAX_MS);
	assert_int_equal(add(&l, &at_us, 1050, 1000000, 0, 777), SOUND_TARGET_MIN_MS);
}

/* 1000 ppm for ten minutes do not look like a network that gets worse; nor does a route that is 70 ms
 * longer, after some seconds. */
static void test_slow_changes(void **state)
{
	struct sound_lateness l;
	uint64_t at_us = 0;
	uint32_t ms = 0;

	(void)state;
	sound_lateness_init(&l);
	for (int i = 0; i < 60000; i++, at_us += 10000)
		ms = sound_lateness_add(&l, at_us + at_us / 1000, at_us);
	assert_in_range(ms, SOUND_TARGET_MIN_MS, SOUND_TARGET_MIN_MS + 10);
	sound_lateness_init(&l);
	at_us = 0;
	(void)add(&l, &at_us, 1000, 1, 0, 0);
	assert_true(add(&l, &at_us, 300, 1, 0, 70000) > 80);
	assert_int_equal(add(&l, &at_us, 2100, 1, 0, 70000), SOUND_TARGET_MIN_MS);
}

/* Another stream has another begin, and the network is the same one. */
static void test_restart(void **state)
{
	struct sound_lateness l;
	uint64_t at_us = 0;

	(void)state;
	sound_lateness_init(&l);
	(void)add(&l, &at_us, 500, 10, 40000, 0);
	sound_lateness_restart(&l);
	at_us = 0;
	assert_int_equal(add(&l, &at_us, 60, 10, 40000, 123456789), SOUND_TARGET_MIN_MS + 40);
}

/* A number that cannot be costs nothing but the delay. */
static void test_far_off(void **state)
{
	struct sound_lateness l;

	(void)state;
	sound_lateness_init(&l);
	for (int i = 0; i < 300; i++) {
		uint32_t ms =
			sound_lateness_add(&l, 1000, i % 2 ? 0 : (uint64_t)UINT32_MAX * 60000);
		assert_in_range(ms, SOUND_TARGET_MIN_MS, SOUND_TARGET_MAX_MS);
	}
}

static void test_silence(void **state)
{
	int16_t zeros[480 * SOUND_CHANNELS] = { 0 }, quiet[480 * SOUND_CHANNELS] = { 0 };
	struct sound_silence s = { 0 };

	(void)state;
	quiet[959] = 1;
	assert_false(sound_silence_add(&s, zeros, 480)); /* from the begin */
	assert_true(sound_silence_add(&s, quiet, 480));
	for (int i = 0; i < 19; i++)
		assert_true(sound_silence_add(&s, zeros, 480));
	assert_false(sound_silence_add(&s, zeros, 480)); /* 200 ms */
	assert_false(sound_silence_add(&s, zeros, 480));
	assert_true(sound_silence_add(&s, quiet, 480));
	assert_true(sound_silence_add(&s, zeros, 480));
	assert_true(sound_silence_add(&s, quiet, 480)); /* counts anew */
	for (int i = 0; i < 19; i++)
		assert_true(sound_silence_add(&s, zeros, 480));
	assert_false(sound_silence_add(&s, zeros, 480));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_slow_changes),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_far_off),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
