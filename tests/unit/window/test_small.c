/* The small pure parts: statistics, cursor pixels, remedies, dates of renewal. */
#include "client/session/remedy.h"
#include "client/session/renewal.h"
#include "client/window/cursor.h"
#include "client/window/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_key_to_photon(void **state)
{
	(void)state;
	static struct stats s;

	memset(&s, 0, sizeof(s));
	stats_input(&s, 1, 1000);
	stats_input(&s, 3, 2000);
	stats_shown(&s, 0, true, 1500); /* a picture from before: answers nothing */
	assert_int_equal(s.photon_us.count, 0);
	stats_shown(&s, 2, true, 3000); /* answers 1, not 3 */
	assert_int_equal(s.photon_us.count, 1);
	assert_int_equal(samples_percentile(&s.photon_us, 50), 2000);
	stats_shown(&s, 3, true, 3500);
	stats_shown(&s, 3, true, 9000); /* nothing new */
	assert_int_equal(s.photon_us.count, 2);
	stats_input(&s, 5, 10000);
	stats_reconnected(&s);
	stats_shown(&s, 5, true, 99000); /* of the old link: not counted */
	assert_int_equal(s.photon_us.count, 2);
}

static void test_serials_go_round(void **state)
{
	(void)state;
	static struct stats s;

	memset(&s, 0, sizeof(s));
	s.answered = UINT32_MAX - 1;
	stats_input(&s, UINT32_MAX, 100);
	stats_input(&s, 1, 200);
	stats_shown(&s, 1, true, 300);
	assert_int_equal(s.photon_us.count, 2);
}

static void test_rates(void **state)
{
	(void)state;
	static struct stats s;

	memset(&s, 0, sizeof(s));
	assert_true(stats_tick(&s, 1000000));
	for (int i = 0; i < 60; i++)
		stats_shown(&s, 0, true, 1000000);
	stats_link(&s, &(struct record_link_stats){ .bytes_in = 5000 });
	assert_false(stats_tick(&s, 1999999));
	assert_true(stats_tick(&s, 2000000));
	assert_true(s.fps > 59.9 && s.fps < 60.1);
	assert_true(s.bytes_per_s > 4999 && s.bytes_per_s < 5001);
}

static void test_unpremultiply(void **state)
{
	(void)state;
	const uint8_t in[] = { 0, 0, 0, 0, 64, 128, 0, 128, 255, 1, 2, 255, 200, 0, 0, 100 };
	uint8_t out[sizeof(in)];

	cursor_unpremultiply(out, in, 4);
	const uint8_t expected[] = { 0, 0, 0, 0, 128, 255, 0, 128, 255, 1, 2, 255, 255, 0, 0, 100 };
	assert_memory_equal(out, expected, sizeof(expected));
	/* Back and forth loses nothing that 8 bits hold. */
	for (unsigned a = 1; a < 256; a++)
		for (unsigned c = 0; c <= a; c++) {
			const uint8_t pixel[4] = { (uint8_t)c, 0, 0, (uint8_t)a };
			cursor_unpremultiply(out, pixel, 1);
			assert_int_equal((out[0] * a + 127) / 255, c);
		}
}

static void test_outcomes(void **state)
{
	(void)state;
	assert_int_equal(outcome_of(CRYPTO_REVOKED, 0, false), OUTCOME_REFUSED);
	assert_int_equal(outcome_of(CRYPTO_WRONG_NAME, 0, false), OUTCOME_REFUSED);
	assert_int_equal(outcome_of(0, WIRE_BYE_REVOKED, false), OUTCOME_REFUSED);
	assert_int_equal(outcome_of(0, WIRE_BYE_DISCONNECTED, false), OUTCOME_ENDED);
	assert_int_equal(outcome_of(0, WIRE_BYE_SHUTDOWN, false), OUTCOME_RETRY);
	assert_int_equal(outcome_of(CRYPTO_CLOSED, 0, true), OUTCOME_RETRY);
	assert_int_equal(outcome_of(0, 0, false), OUTCOME_FAILED);
	assert_int_equal(outcome_of(255, 0, false), OUTCOME_FAILED); /* numbers we do not know */
	assert_int_equal(outcome_of(0, 65535, false), OUTCOME_FAILED);
	assert_string_equal(remedy_for(255, 65535), "");
	for (unsigned fault = CRYPTO_NO_CERTIFICATE; fault <= CRYPTO_WRONG_PROTOCOL; fault++)
		assert_true(strlen(remedy_for((uint8_t)fault, 0)) > 10);
}

static void test_sentences(void **state)
{
	(void)state;
	assert_string_equal(sentence_end("no connection"), ".");
	assert_string_equal(sentence_end("was the text quoted?"), "");
	assert_string_equal(sentence_end("Try again."), "");
	assert_string_equal(sentence_end(""), ".");
}

static void test_renewal_dates(void **state)
{
	(void)state;
	assert_false(renewal_due_at(0, 90, 59));
	assert_true(renewal_due_at(0, 90, 60));
	assert_true(renewal_due_at(0, 90, 1000));
	assert_false(renewal_due_at(90, 90, 100)); /* nonsense is not renewed for ever */
	assert_false(renewal_due_at(100, 0, 200));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_to_photon),
		cmocka_unit_test(test_serials_go_round),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_unpremultiply),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_renewal_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
