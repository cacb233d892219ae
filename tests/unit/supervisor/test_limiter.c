/* Who may begin a connection, by a clock and dice of the test's own. */
#include "tests/unit/cmocka_first.h"

#include "server/supervisor/limiter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define NEVER_DROP UINT32_MAX
#define T0_MS      1000000U

static struct limiter_source source4(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
	return limiter_source_of((const struct sockaddr *)&in);
}

static struct limiter_source source6(const char *text)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return limiter_source_of((const struct sockaddr *)&in6);
}

static struct limiter_source nth(unsigned n)
{
	struct limiter_source s = { .family = AF_INET };

	memcpy(s.bytes, &n, sizeof(n));
	return s;
}

static bool same(struct limiter_source a, struct limiter_source b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct limiter));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void sources_are_addresses_or_networks(void **state)
{
	(void)state;
	assert_true(same(source4("192.0.2.1"), source4("192.0.2.1")));
	assert_false(same(source4("192.0.2.1"), source4("192.0.2.2")));
	assert_true(same(source6("2001:db8:0:1::1"), source6("2001:db8:0:1:ffff::2")));
	assert_false(same(source6("2001:db8:0:1::1"), source6("2001:db8:0:2::1")));
	assert_true(same(source6("::ffff:192.0.2.1"), source4("192.0.2.1")));
}

static void one_source_has_few_at_once(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1), other = nth(2);

	for (int i = 0; i < LIMITER_SOURCE_PREAUTH_MAX; i++)
		assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_SOURCE);
	assert_int_equal(limiter_begin(l, &s, T0_MS + 60000, NEVER_DROP), LIMITER_SOURCE);
	assert_int_equal(limiter_begin(l, &other, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	limiter_end(l, &s);
	assert_int_equal(limiter_begin(l, &s, T0_MS + 60000, NEVER_DROP), LIMITER_ADMIT);
}

static void one_source_is_rated(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1);

	for (int i = 0; i < LIMITER_SOURCE_RATE; i++) {
		assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_ADMIT);
		limiter_end(l, &s);
	}
	assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_RATE_SOURCE);
	assert_int_equal(limiter_begin(l, &s, T0_MS + 99, NEVER_DROP), LIMITER_RATE_SOURCE);
	assert_int_equal(limiter_begin(l, &s, T0_MS + 100, NEVER_DROP), LIMITER_ADMIT);
	limiter_end(l, &s);
	assert_int_equal(limiter_begin(l, &s, T0_MS + 101, NEVER_DROP), LIMITER_RATE_SOURCE);
	/* A rest fills up to a burst, never beyond. */
	for (int i = 0; i < LIMITER_SOURCE_RATE; i++) {
		assert_int_equal(limiter_begin(l, &s, T0_MS + 900000, NEVER_DROP), LIMITER_ADMIT);
		limiter_end(l, &s);
	}
	assert_int_equal(limiter_begin(l, &s, T0_MS + 900000, NEVER_DROP), LIMITER_RATE_SOURCE);
}

static void fill(struct limiter *l, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct limiter_source s = nth(100 + i);
		assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	}
}

static void all_together_are_bounded(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1), first = nth(100);

	fill(l, LIMITER_PREAUTH_MAX);
	assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_FULL);
	limiter_end(l, &first);
	assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	assert_int_equal(l->preauth, LIMITER_PREAUTH_MAX);
}

static void drops_begin_half_way_and_grow(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1);
	const uint32_t middle = UINT32_MAX / 2;

	fill(l, LIMITER_PREAUTH_DROP_FROM - 1);
	assert_int_equal(limiter_begin(l, &s, T0_MS, 0), LIMITER_ADMIT); /* the worst throw */
	assert_int_equal(limiter_begin(l, &s, T0_MS, 0), LIMITER_DROP);
	assert_int_equal(limiter_begin(l, &s, T0_MS, middle), LIMITER_ADMIT);
	for (unsigned i = l->preauth; i < (LIMITER_PREAUTH_DROP_FROM + LIMITER_PREAUTH_MAX) / 2 + 1;
		i++) {
		struct limiter_source more = nth(1000 + i);
		assert_int_equal(limiter_begin(l, &more, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	}
	struct limiter_source late = nth(2);
	assert_int_equal(limiter_begin(l, &late, T0_MS, middle), LIMITER_DROP);
}

static void a_refused_one_is_not_counted(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1);

	fill(l, LIMITER_PREAUTH_DROP_FROM);
	unsigned before = l->preauth;
	for (int i = 0; i < 100; i++)
		assert_int_equal(limiter_begin(l, &s, T0_MS, 0), LIMITER_DROP);
	assert_int_equal(l->preauth, before);
	assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_ADMIT);
}

static void ending_what_never_began_changes_nothing(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1), other = nth(2);

	limiter_end(l, &s);
	assert_int_equal(l->preauth, 0);
	assert_int_equal(limiter_begin(l, &s, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	limiter_end(l, &other);
	assert_int_equal(l->preauth, 1);
	limiter_end(l, &s);
	limiter_end(l, &s);
	assert_int_equal(l->preauth, 0);
}

/* Behind a gateway a source is learned later; until then it counts among all. */
static void an_unknown_source_is_learned(void **state)
{
	struct limiter *l = *state;
	struct limiter_source unknown = { 0 }, s = nth(1);

	assert_true(limiter_source_is_unknown(&unknown));
	assert_false(limiter_source_is_unknown(&s));
	for (int i = 0; i < 20; i++)
		assert_int_equal(limiter_begin(l, &unknown, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	assert_int_equal(l->preauth, 20);
	for (int i = 0; i < LIMITER_SOURCE_PREAUTH_MAX; i++)
		assert_int_equal(limiter_learn(l, &s, T0_MS), LIMITER_ADMIT);
	assert_int_equal(limiter_learn(l, &s, T0_MS), LIMITER_SOURCE);
	assert_int_equal(l->preauth, 20);
	for (int i = 0; i < 30; i++)
		limiter_end(l, i < LIMITER_SOURCE_PREAUTH_MAX ? &s : &unknown);
	assert_int_equal(l->preauth, 0);
	for (int i = 0; i < LIMITER_PREAUTH_MAX; i++)
		assert_int_equal(limiter_begin(l, &unknown, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	assert_int_equal(limiter_begin(l, &unknown, T0_MS, NEVER_DROP), LIMITER_FULL);
}

/* Who comes through the relay is nobody that an address could be, and many people. */
static void the_relay_is_a_source_of_its_own(void **state)
{
	struct limiter *l = *state;
	struct limiter_source relay = limiter_source_of_relay(), other = source4("0.0.0.0");

	assert_false(limiter_source_is_unknown(&relay));
	for (int i = 0; i < LIMITER_SOURCE_PREAUTH_MAX * LIMITER_CROWD_FACTOR; i++)
		assert_int_equal(limiter_begin(l, &relay, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	assert_int_equal(limiter_begin(l, &relay, T0_MS, NEVER_DROP), LIMITER_SOURCE);
	assert_int_equal(limiter_begin(l, &other, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	other = source6("::");
	assert_int_equal(limiter_begin(l, &other, T0_MS, NEVER_DROP), LIMITER_ADMIT);
}

/* SSH logins that forward a port all come from this machine: ten in a second are no attack. */
static void this_machine_is_a_crowd(void **state)
{
	struct limiter *l = *state;
	struct limiter_source local[] = { source4("127.0.0.1"), source6("::1"),
		source6("::ffff:127.0.0.1") };

	for (size_t i = 0; i < ARRAY_LEN(local); i++) {
		uint64_t now_ms = T0_MS + i * 60000;
		for (int n = 0; n < LIMITER_SOURCE_RATE * LIMITER_CROWD_FACTOR; n++) {
			assert_int_equal(
				limiter_begin(l, &local[i], now_ms, NEVER_DROP), LIMITER_ADMIT);
			limiter_end(l, &local[i]);
		}
		assert_int_equal(
			limiter_begin(l, &local[i], now_ms, NEVER_DROP), LIMITER_RATE_SOURCE);
		/* It comes back as fast as it went. */
		assert_int_equal(
			limiter_begin(l, &local[i], now_ms + 26, NEVER_DROP), LIMITER_ADMIT);
		limiter_end(l, &local[i]);
	}
	assert_false(limiter_source_is_crowd(&(struct limiter_source){ 0 }));
	struct limiter_source far[] = { source4("10.0.0.1"), source6("2001:db8::1"),
		source6("fe80::1") };
	for (size_t i = 0; i < ARRAY_LEN(far); i++)
		assert_false(limiter_source_is_crowd(&far[i]));
}

/* More sources than the table holds: the quiet are forgotten, those with connections never. */
static void the_table_forgets_the_quiet(void **state)
{
	struct limiter *l = *state;
	struct limiter_source busy = nth(1);

	assert_int_equal(limiter_begin(l, &busy, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	for (unsigned i = 0; i < 3 * LIMITER_SOURCES_MAX; i++) {
		struct limiter_source s = nth(10 + i);
		assert_int_equal(limiter_begin(l, &s, T0_MS + i * 1000 / LIMITER_RATE, NEVER_DROP),
			LIMITER_ADMIT);
		limiter_end(l, &s);
	}
	assert_int_equal(l->preauth, 1);
	for (int i = 1; i < LIMITER_SOURCE_PREAUTH_MAX; i++)
		assert_int_equal(
			limiter_begin(l, &busy, T0_MS + 100000, NEVER_DROP), LIMITER_ADMIT);
	assert_int_equal(limiter_begin(l, &busy, T0_MS + 100000, NEVER_DROP), LIMITER_SOURCE);
}

/* How many of so many strangers are let in, each from an address of its own, a millisecond apart. */
static unsigned let_in(struct limiter *l, unsigned first, unsigned count, uint64_t from_ms)
{
	unsigned admitted = 0;

	for (unsigned i = 0; i < count; i++) {
		struct limiter_source s = nth(first + i);
		if (limiter_begin(l, &s, from_ms + i, NEVER_DROP) != LIMITER_ADMIT)
			continue;
		admitted++;
		limiter_end(l, &s);
	}
	return admitted;
}

/* Addresses cost an attacker little: their number must not make the number of processes. */
static void a_flood_from_everywhere_is_rated(void **state)
{
	struct limiter *l = *state;
	struct limiter_source s = nth(1);

	assert_in_range(
		let_in(l, 10000, 1000, T0_MS), LIMITER_BURST, LIMITER_BURST + LIMITER_RATE + 1);
	assert_in_range(let_in(l, 20000, 1000, T0_MS + 1000), LIMITER_RATE - 1, LIMITER_RATE + 1);
	let_in(l, 1000, 1, T0_MS + 2000); /* what a millisecond may have brought */
	assert_int_equal(limiter_begin(l, &s, T0_MS + 2000, NEVER_DROP), LIMITER_RATE_ALL);
	assert_int_equal(l->preauth, 0);
	assert_in_range(
		let_in(l, 30000, 500, T0_MS + 900000), LIMITER_BURST, LIMITER_BURST + LIMITER_RATE);
}

/* During that flood, which also has more addresses than the table: a device's address is known. */
static void who_was_here_comes_back_during_a_flood(void **state)
{
	struct limiter *l = *state;
	struct limiter_source home = nth(1), stranger = nth(2);

	assert_int_equal(limiter_begin(l, &home, T0_MS, NEVER_DROP), LIMITER_ADMIT);
	limiter_authorised(l, &home);
	assert_int_equal(l->preauth, 0);
	let_in(l, 10000, 3 * LIMITER_SOURCES_MAX, T0_MS + 1);
	const uint64_t now_ms = T0_MS + 3 * LIMITER_SOURCES_MAX;
	assert_int_equal(limiter_begin(l, &stranger, now_ms, NEVER_DROP), LIMITER_RATE_ALL);
	for (int i = 0; i < LIMITER_SOURCE_PREAUTH_MAX; i++)
		assert_int_equal(limiter_begin(l, &home, now_ms, NEVER_DROP), LIMITER_ADMIT);
	/* Its own limits hold as ever. */
	assert_int_equal(limiter_begin(l, &home, now_ms, NEVER_DROP), LIMITER_SOURCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_addresses_or_networks),
		cmocka_unit_test_setup_teardown(one_source_has_few_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(one_source_is_rated, setup, teardown),
		cmocka_unit_test_setup_teardown(all_together_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(drops_begin_half_way_and_grow, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refused_one_is_not_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(
			ending_what_never_began_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_relay_is_a_source_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(this_machine_is_a_crowd, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unknown_source_is_learned, setup, teardown),
		cmocka_unit_test_setup_teardown(the_table_forgets_the_quiet, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood_from_everywhere_is_rated, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_was_here_comes_back_during_a_flood, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
