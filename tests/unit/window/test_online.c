/* Whether workstations answer: asked by a connection, a few at a time, and only where that asks nobody else. */
#include "tests/unit/cmocka_first.h"

#include "client/window/online.h"
#include "common/base/clock.h"
#include "common/base/fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port of loopback; with listens 0 nothing is there, and nobody else gets it. */
static int hold_port(struct workstation *w, bool listens)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&a, sizeof(a)), 0);
	if (listens)
		assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&a, &len), 0);
	*w = (struct workstation){ .name = "office", .host = "127.0.0.1" };
	w->port = ntohs(a.sin_port);
	return fd;
}

/* Steps until the first answer. */
static void ask(struct online *o, const struct workstation *w, int *asking)
{
	uint64_t end_ms = clock_now_ms() + 20000;

	while (!online_step(o, w, asking, clock_now_ms()) && clock_now_ms() < end_ms)
		usleep(1000);
}

static void test_answers(void **state)
{
	struct workstation w;
	struct online o = { 0 };
	int asking = 0, fd = hold_port(&w, true);

	(void)state;
	ask(&o, &w, &asking);
	assert_int_equal(o.state, ONLINE_ANSWERS);
	assert_int_equal(asking, 0);
	/* It is old news after a while, and asked again: the same answer is no change. */
	assert_false(online_step(&o, &w, &asking, o.since_ms + ONLINE_AGE_MS - 1));
	assert_null(o.dial);
	assert_false(online_step(&o, &w, &asking, o.since_ms + ONLINE_AGE_MS));
	assert_non_null(o.dial);
	assert_int_equal(asking, 1);
	online_finish(&o, &asking);
	assert_int_equal(asking, 0);
	fd_close(&fd);
}

static void test_silent(void **state)
{
	struct workstation w;
	struct online o = { 0 };
	int asking = 0, fd = hold_port(&w, false);

	(void)state;
	assert_false(online_step(&o, &w, &asking, clock_now_ms()));
	assert_true(online_step(&o, &w, &asking, o.since_ms + ONLINE_TIMEOUT_MS));
	assert_int_equal(o.state, ONLINE_SILENT);
	assert_int_equal(asking, 0);
	fd_close(&fd);
}

static void test_not_asked(void **state)
{
	struct workstation ways[3] = { { .host = "127.0.0.1", .port = 1 } };
	struct online o = { 0 };
	int asking = ONLINE_AT_ONCE;

	(void)state;
	assert_false(online_step(&o, &ways[0], &asking, clock_now_ms()));
	assert_null(o.dial);
	asking = 0;
	ways[1] = ways[2] = ways[0];
	snprintf(ways[0].way.via, sizeof(ways[0].way.via), "me@jump");
	snprintf(ways[1].way.command, sizeof(ways[1].way.command), "nc %%h %%p");
	snprintf(ways[2].way.proxy, sizeof(ways[2].way.proxy), "http://127.0.0.1:1");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		assert_false(online_step(&o, &ways[i], &asking, clock_now_ms()));
		assert_null(o.dial);
	}
	assert_int_equal(o.state, ONLINE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
