/* The window of pictures under way, by a clock and acknowledgements of the test's own. */
#include "server/worker/screen/pace.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS 1000000ULL
#define S  1000000000ULL

/* A frame of that size, sent in no time. */
static void send_frame(struct pace *p, uint32_t frame, size_t bytes, bool limited, uint64_t now_ns)
{
	pace_begin(p, frame, now_ns);
	pace_wrote(p, bytes);
	pace_end(p, limited, true, now_ns);
}

static void test_starts_open(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, S);
	assert_int_equal(pace_free_bytes(&p, S), PACE_START_BYTES);
	assert_int_equal(pace_frame_bytes(&p, S), PACE_START_BYTES / PACE_FRAME_PART);
	assert_int_equal(pace_link_bytes_per_s(&p, S), 0);
	assert_int_equal(pace_base_rtt_us(&p), 0);
}

static void test_two_frames_under_way(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, S);
	send_frame(&p, 1, 100, false, S);
	assert_true(pace_free_bytes(&p, S) > 0);
	send_frame(&p, 2, 100, false, S);
	assert_int_equal(pace_free_bytes(&p, S), 0);
	assert_int_equal(pace_acked(&p, 1, 0, S + MS), 0);
	assert_true(pace_free_bytes(&p, S + MS) > 0);
}

static void test_more_frames_on_a_long_way(void **state)
{
	struct pace p;
	uint64_t now_ns = S;

	(void)state;
	pace_init(&p, now_ns);
	send_frame(&p, 1, 100, false, now_ns);
	now_ns += 40 * MS;
	assert_int_equal(pace_acked(&p, 1, 0, now_ns), 0);
	assert_int_equal(pace_base_rtt_us(&p), 40000);
	/* 60 frames a second hold: one each 16.7 ms for 40 ms, and two. */
	for (uint32_t f = 2; f < 6; f++) {
		assert_true(pace_free_bytes(&p, now_ns) > 0);
		send_frame(&p, f, 100, false, now_ns);
	}
	assert_int_equal(pace_free_bytes(&p, now_ns), 0);
}

static void test_never_more_than_the_ring(void **state)
{
	struct pace p;
	uint64_t now_ns = S;

	(void)state;
	pace_init(&p, now_ns);
	send_frame(&p, 1, 100, false, now_ns);
	now_ns += 30 * S;
	assert_int_equal(pace_acked(&p, 1, 0, now_ns), 0);
	uint32_t f = 2;
	while (pace_free_bytes(&p, now_ns) > 0 && f < 1000)
		send_frame(&p, f++, 10, false, now_ns);
	assert_in_range(f, 3, PACE_FRAMES_MAX + 2);
}

static void test_rate_of_a_slow_link(void **state)
{
	struct pace p;
	uint64_t now_ns = S;

	(void)state;
	pace_init(&p, now_ns);
	/* 2.5 MB/s (20 Mbit/s), 40 ms there and back. */
	send_frame(&p, 1, 1000, false, now_ns);
	assert_int_equal(pace_acked(&p, 1, 0, now_ns + 40 * MS), 0);
	now_ns += S;
	send_frame(&p, 2, 250000, true, now_ns);
	now_ns += 140 * MS; /* 100 ms of bytes, 40 ms of way */
	assert_int_equal(pace_acked(&p, 2, 0, now_ns), 0);
	assert_in_range(pace_link_bytes_per_s(&p, now_ns), 2400000, 2600000);
	/* 50 ms of it. */
	assert_in_range(pace_window_bytes(&p, now_ns), 120000, 130000);
	assert_in_range(pace_frame_bytes(&p, now_ns), 60000, 65000);
	/* What is under way counts. */
	send_frame(&p, 3, 100000, true, now_ns);
	assert_in_range(pace_free_bytes(&p, now_ns), 20000, 30000);
	send_frame(&p, 4, 30000, true, now_ns);
	assert_int_equal(pace_free_bytes(&p, now_ns), 0);
}

static void test_fast_link_is_not_waited_for(void **state)
{
	struct pace p;
	uint64_t now_ns = S;

	(void)state;
	pace_init(&p, now_ns);
	/* Typing: small frames say nothing about the link, and never close the window. */
	for (uint32_t f = 1; f < 200; f++) {
		send_frame(&p, f, 200, false, now_ns);
		now_ns += 5 * MS;
		assert_int_equal(pace_acked(&p, f, 100, now_ns), 0);
		assert_true(pace_free_bytes(&p, now_ns) >= PACE_START_BYTES);
		assert_int_equal(pace_link_bytes_per_s(&p, now_ns), 0);
	}
	/* A large one that the kernel took at once: no limit is known. */
	send_frame(&p, 200, 2000000, false, now_ns);
	now_ns += 20 * MS;
	assert_int_equal(pace_acked(&p, 200, 0, now_ns), 0);
	assert_int_equal(pace_frame_bytes(&p, now_ns), 0);
}

static void test_slower_samples_of_an_idle_link_do_not_count(void **state)
{
	struct pace p;
	uint64_t now_ns = S;

	(void)state;
	pace_init(&p, now_ns);
	send_frame(&p, 1, 1000000, false, now_ns);
	now_ns += 10 * MS;
	assert_int_equal(pace_acked(&p, 1, 0, now_ns), 0);
	uint64_t window = pace_window_bytes(&p, now_ns);
	now_ns += S;
	send_frame(&p, 2, 10000, false, now_ns);
	now_ns += 50 * MS;
	assert_int_equal(pace_acked(&p, 2, 0, now_ns), 0);
	assert_true(pace_window_bytes(&p, now_ns) >= window);
}

static void test_adapts_within_a_second(void **state)
{
	struct pace p;
	uint64_t now_ns = S;
	uint32_t f = 1;

	(void)state;
	pace_init(&p, now_ns);
	for (int i = 0; i < 20; i++) { /* 10 MB/s */
		send_frame(&p, f, 100000, true, now_ns);
		now_ns += 10 * MS;
		assert_int_equal(pace_acked(&p, f++, 0, now_ns), 0);
	}
	uint64_t fast = pace_link_bytes_per_s(&p, now_ns);
	uint64_t slow_since_ns = now_ns;
	while (now_ns - slow_since_ns < S + 100 * MS) { /* a tenth of it */
		send_frame(&p, f, 100000, true, now_ns);
		now_ns += 100 * MS;
		assert_int_equal(pace_acked(&p, f++, 0, now_ns), 0);
	}
	assert_true(pace_link_bytes_per_s(&p, now_ns) < fast / 5);
	for (int i = 0; i < 10; i++) { /* and back: at once */
		send_frame(&p, f, 100000, true, now_ns);
		now_ns += 10 * MS;
		assert_int_equal(pace_acked(&p, f++, 0, now_ns), 0);
	}
	assert_true(pace_link_bytes_per_s(&p, now_ns) > fast / 2);
}

/* Film leaves the link idle between its pictures, and part of each waits in the kernel for a
 * moment: the link is not slower for it. Nor faster because a busy client acknowledges two at once.
 */
static void test_film_keeps_the_rate(void **state)
{
	struct pace p;
	uint64_t now_ns = S;
	uint32_t f = 1;

	(void)state;
	pace_init(&p, now_ns);
	send_frame(&p, f, 1000, false, now_ns);
	assert_int_equal(pace_acked(&p, f++, 0, now_ns + 40 * MS), 0);
	now_ns += S;
	send_frame(&p, f, 250000, true, now_ns);
	now_ns += 140 * MS; /* 2.5 MB/s, 40 ms there and back */
	assert_int_equal(pace_acked(&p, f++, 0, now_ns), 0);
	/* 20,000 bytes each 33 ms: 8 ms of link; each acknowledged when the next is under way. */
	send_frame(&p, f++, 20000, true, now_ns);
	for (int i = 0; i < 60; i++) {
		send_frame(&p, f, 20000, true, now_ns + 33 * MS);
		uint64_t late_ns = i % 10 == 0 ? 31 * MS : 0;
		assert_int_equal(pace_acked(&p, f - 1, 0, now_ns + 48 * MS + late_ns), 0);
		now_ns += 33 * MS;
		f++;
		assert_in_range(
			pace_link_bytes_per_s(&p, now_ns + 15 * MS + late_ns), 2000000, 3000000);
	}
}

static void test_limit_is_forgotten(void **state)
{
	struct pace p;
	uint64_t now_ns = S;

	(void)state;
	pace_init(&p, now_ns);
	send_frame(&p, 1, 100000, true, now_ns);
	now_ns += 200 * MS;
	assert_int_equal(pace_acked(&p, 1, 0, now_ns), 0);
	assert_true(pace_link_bytes_per_s(&p, now_ns) > 0);
	assert_int_equal(pace_link_bytes_per_s(&p, now_ns + PACE_LIMIT_WINDOW_NS), 0);
}

/* A fast link makes the kernel refuse a record now and then, while a picture is still coded. */
static void test_a_moment_is_no_limit(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, S);
	pace_begin(&p, 1, S);
	pace_wrote(&p, 500000);
	pace_end(&p, 10 * MS, true, S + 70 * MS);
	assert_int_equal(pace_acked(&p, 1, 0, S + 71 * MS), 0);
	assert_int_equal(pace_link_bytes_per_s(&p, S + 71 * MS), 0);
	assert_int_equal(pace_frame_bytes(&p, S + 71 * MS), 0);

	pace_begin(&p, 2, 2 * S);
	pace_wrote(&p, 500000);
	pace_end(&p, 40 * MS, true, 2 * S + 70 * MS);
	assert_int_equal(pace_acked(&p, 2, 0, 2 * S + 71 * MS), 0);
	assert_true(pace_link_bytes_per_s(&p, 2 * S + 71 * MS) > 0);
}

static void test_acknowledges_several(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, S);
	send_frame(&p, 1, 100, false, S);
	send_frame(&p, 2, 100, false, S);
	assert_int_equal(pace_acked(&p, 2, 0, S + MS), 0);
	assert_int_equal(p.count, 0);
	assert_int_equal(p.in_flight_bytes, 0);
	assert_int_equal(pace_acked(&p, 2, 0, S + MS), 0); /* again */
	assert_int_equal(pace_acked(&p, 1, 0, S + MS), 0);
}

static void test_lies(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, S);
	assert_int_equal(pace_acked(&p, 1, 0, S), -EPROTO); /* nothing was sent */
	send_frame(&p, 1, 100, false, S);
	assert_int_equal(pace_acked(&p, 2, 0, S), -EPROTO);
	assert_int_equal(
		pace_acked(&p, 1, UINT32_MAX, S + MS), 0); /* presented before it was sent */
	assert_true(pace_base_rtt_us(&p) >= 1);
	pace_begin(&p, 2, S + 2 * MS);
	pace_wrote(&p, 50);
	assert_int_equal(pace_acked(&p, 2, 0, S + 3 * MS), -EPROTO); /* not whole yet */
}

/* Sends a small frame and says whether it needs an acknowledgement. */
static bool send_small(struct pace *p, uint32_t frame, size_t bytes, uint64_t now_ns)
{
	pace_begin(p, frame, now_ns);
	bool needs_ack = pace_needs_ack(p, bytes, now_ns);
	pace_wrote(p, bytes);
	pace_end(p, 0, needs_ack, now_ns);
	return needs_ack;
}

static void test_typing_is_seldom_acknowledged(void **state)
{
	struct pace p;
	uint32_t frame = 0;
	unsigned acks = 0;

	(void)state;
	pace_init(&p, S);
	for (uint64_t now_ns = S; frame < 90; now_ns += 100 * MS) {
		if (!send_small(&p, ++frame, 100, now_ns))
			continue;
		acks++;
		assert_int_equal(pace_acked(&p, frame, 0, now_ns + MS), 0);
	}
	assert_int_equal(acks, 90 / (PACE_NO_ACK_ROW + 1));
	assert_int_equal(p.count, 0);
	assert_int_equal(p.in_flight_bytes, 0);
}

/* A client that does not follow gets no more than a row of them and the frames that may be under
 * way. */
static void test_unacknowledged_end(void **state)
{
	struct pace p;
	uint64_t now_ns = S;
	uint32_t frame = 0;

	(void)state;
	pace_init(&p, S);
	while (pace_free_bytes(&p, now_ns) > 0) {
		send_small(&p, ++frame, 100, now_ns);
		now_ns += 100 * MS;
		assert_true(frame < 100);
	}
	/* Each that needs one begins another row. */
	assert_int_equal(frame, PACE_FRAMES_LEAST * (PACE_NO_ACK_ROW + 1));
	assert_int_equal(pace_acked(&p, frame, 0, now_ns), 0); /* for all of them */
	assert_int_equal(p.count, 0);
}

static void test_what_needs_acknowledgement(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, S);
	assert_true(send_small(&p, 1, PACE_NO_ACK_BYTES + 1, S));
	assert_false(send_small(&p, 2, 100, S + MS)); /* little is under way */
	assert_int_equal(p.in_flight_bytes, PACE_NO_ACK_BYTES + 1);
	/* More than a screen shows. */
	assert_false(send_small(&p, 3, 100, S + 2 * MS));
	assert_true(send_small(&p, 4, 100, S + 3 * MS));
	assert_int_equal(pace_acked(&p, 2, 0, S + 4 * MS), 0); /* covers 1 */
	assert_int_equal(p.count, 1);
	assert_int_equal(pace_acked(&p, 3, 0, S + 4 * MS), 0);
	assert_int_equal(p.count, 1);
	assert_int_equal(pace_acked(&p, 5, 0, S + 4 * MS), -EPROTO);
	/* What waits behind a picture tells when that has arrived. */
	assert_true(send_small(&p, 5, PACE_NO_ACK_ALL_BYTES, S + 50 * MS));
	assert_true(send_small(&p, 6, 100, S + 100 * MS));
}

static void test_frame_numbers_wrap(void **state)
{
	struct pace p;
	uint32_t f = UINT32_MAX - 2;

	(void)state;
	pace_init(&p, S);
	p.last_ended = f - 1;
	for (int i = 0; i < 6; i++, f++) {
		send_frame(&p, f, 100, false, S);
		assert_int_equal(pace_acked(&p, f, 0, S + MS), 0);
	}
	assert_int_equal(p.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_open),
		cmocka_unit_test(test_two_frames_under_way),
		cmocka_unit_test(test_more_frames_on_a_long_way),
		cmocka_unit_test(test_never_more_than_the_ring),
		cmocka_unit_test(test_rate_of_a_slow_link),
		cmocka_unit_test(test_fast_link_is_not_waited_for),
		cmocka_unit_test(test_slower_samples_of_an_idle_link_do_not_count),
		cmocka_unit_test(test_adapts_within_a_second),
		cmocka_unit_test(test_film_keeps_the_rate),
		cmocka_unit_test(test_limit_is_forgotten),
		cmocka_unit_test(test_a_moment_is_no_limit),
		cmocka_unit_test(test_acknowledges_several),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_typing_is_seldom_acknowledged),
		cmocka_unit_test(test_unacknowledged_end),
		cmocka_unit_test(test_what_needs_acknowledgement),
		cmocka_unit_test(test_frame_numbers_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
