/* Waiting, bytes, pairs and wake-ups: what the portable part of the client knows of descriptors. */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static void make_pair(int pair[static 2])
{
	assert_int_equal(fd_pair(pair), 0);
	assert_int_equal(fd_set_nonblock(pair[0]), 0);
	assert_int_equal(fd_set_nonblock(pair[1]), 0);
}

static void test_bytes(void **state)
{
	int pair[2];
	char text[8];
	size_t n = 7;

	(void)state;
	make_pair(pair);
	assert_int_equal(fd_read(pair[0], text, sizeof(text), &n), -EAGAIN);
	assert_int_equal(n, 7); /* written on success alone */
	assert_int_equal(fd_write(pair[1], "abc", 3, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(fd_read(pair[0], text, sizeof(text), &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(text, "abc", 3);
	fd_end_writing(pair[1]);
	assert_int_equal(fd_read(pair[0], text, sizeof(text), &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(fd_write(pair[0], "x", 1, &n), 0); /* the other way is still open */
	fd_close(&pair[1]);
	/* No signal: this process has not said that it wants none. */
	assert_int_equal(fd_write(pair[0], "x", 1, &n), -EPIPE);
	fd_close(&pair[0]);
}

static void test_pipe(void **state)
{
	int ends[2];
	char byte;
	size_t n;

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(fd_write(ends[1], "p", 1, &n), 0); /* no socket: written all the same */
	assert_int_equal(fd_read(ends[0], &byte, 1, &n), 0);
	assert_int_equal(byte, 'p');
	fd_no_pipe_signal();
	fd_close(&ends[0]);
	assert_int_equal(fd_write(ends[1], "p", 1, &n), -EPIPE);
	fd_close(&ends[1]);
}

static void test_waiting(void **state)
{
	int pair[2];
	size_t n;

	(void)state;
	make_pair(pair);
	struct fd_poll polls[] = {
		{ .fd = -1, .want = FD_READ },
		{ .fd = pair[0], .want = FD_READ },
		{ .fd = pair[1], .want = FD_READ | FD_WRITE },
	};
	assert_int_equal(fd_wait(polls, 3, -1), 1);
	assert_int_equal(polls[0].got, 0);
	assert_int_equal(polls[1].got, 0);
	assert_int_equal(polls[2].got, FD_WRITE);
	assert_int_equal(fd_wait_one(pair[0], FD_READ, 0), 0);
	uint64_t before = clock_now_ms();
	assert_int_equal(fd_wait_one(pair[0], FD_READ, 30), 0);
	assert_int_equal(fd_wait(NULL, 0, 30), 0);
	assert_true(clock_now_ms() >= before + 50);
	assert_int_equal(fd_write(pair[1], "x", 1, &n), 0);
	assert_int_equal(fd_wait_one(pair[0], FD_READ, -1), 1);
	fd_close(&pair[1]);
	struct fd_poll end = { .fd = pair[0], .want = 0 };
	assert_int_equal(fd_wait(&end, 1, -1), 1);
	assert_true(end.got & FD_END); /* unasked */
	fd_close(&pair[0]);
}

static void *tell(void *user)
{
	fd_event_tell(*(const int *)user);
	return NULL;
}

static void test_wake_ups(void **state)
{
	pthread_t thread;
	int event = -1;

	(void)state;
	assert_int_equal(fd_event_open(&event), 0);
	assert_int_equal(fd_wait_one(event, FD_READ, 0), 0);
	assert_false(fd_event_clear(event));
	assert_int_equal(pthread_create(&thread, NULL, tell, &event), 0);
	assert_int_equal(fd_wait_one(event, FD_READ, 10000), 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	fd_event_tell(event); /* twice is once */
	assert_true(fd_event_clear(event));
	assert_false(fd_event_clear(event));
	assert_int_equal(fd_wait_one(event, FD_READ, 0), 0);
	fd_close(&event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_wake_ups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
