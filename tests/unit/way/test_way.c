/* Ways to a workstation: what may be given, what a command gets, and how it is ended. */
#include "client/way/way.h"
#include "client/way/way_command.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 10000

static void test_expand(void **state)
{
	(void)state;
	char line[WAY_COMMAND_LINE_MAX_BYTES];

	assert_int_equal(
		way_command_expand("ssh -W %h:%p jump", "desk-1.example.org", 7420, line), 0);
	assert_string_equal(line, "ssh -W desk-1.example.org:7420 jump");
	assert_int_equal(way_command_expand("a%%h%%", "::1", 1, line), 0);
	assert_string_equal(line, "a%h%");
	assert_int_equal(way_command_expand("nc '%h' %p", "fe80::1", 65535, line), 0);
	assert_string_equal(line, "nc 'fe80::1' 65535");
	assert_int_equal(way_command_expand("a %r", "h", 1, line), -EINVAL);
	assert_int_equal(way_command_expand("a %", "h", 1, line), -EINVAL);
}

/* A host comes from an invitation, which may come from anybody; a shell would read it. */
static void test_hosts_for_a_shell(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "-oProxyCommand=x", "a;b", "a b", "$(x)", "`x`",
		"a\nb", "a'b", "a\"b", "a|b", "a&b", "a>b", "a\\b", "a%b", "\xc3\xa9", "a/b", "~" };
	char line[WAY_COMMAND_LINE_MAX_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(way_command_expand("x %h", bad[i], 1, line), -EINVAL);
}

static void test_expand_too_long(void **state)
{
	(void)state;
	char line[WAY_COMMAND_LINE_MAX_BYTES], host[201], command[512] = "";

	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	for (int i = 0; i < 11; i++)
		strcat(command, "%h");
	assert_int_equal(way_command_expand(command, host, 1, line), -E2BIG);
	command[20] = '\0';
	assert_int_equal(way_command_expand(command, host, 1, line), 0);
	assert_int_equal(strlen(line), 2000);
}

static void test_one_way_only(void **state)
{
	(void)state;
	struct way r = { 0 };

	assert_null(way_wrong(&r, "desk"));
	strcpy(r.command, "nc %h %p");
	assert_null(way_wrong(&r, "desk"));
	strcpy(r.command, "nc %x");
	assert_non_null(way_wrong(&r, "desk"));
	strcpy(r.command, "nc %h %p");
	strcpy(r.proxy, "none");
	assert_non_null(way_wrong(&r, "desk"));
}

/* Opens a way by a command; its descriptor. */
static int open_command(struct way_attempt **a, const char *command)
{
	struct way r = { 0 };
	struct dial_result result;

	snprintf(r.command, sizeof(r.command), "%s", command);
	assert_int_equal(way_open(a, &r, "desk", 7420, NULL), 0);
	assert_int_equal(way_take(*a, &result), 0);
	assert_true(result.fd >= 0);
	assert_true(result.through);
	return result.fd;
}

/* Reads a line, with patience. */
static void read_line(int fd, char *out, size_t size)
{
	size_t len = 0;

	while (len < size - 1 && (len == 0 || out[len - 1] != '\n')) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		ssize_t n = read(fd, out + len, size - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	out[len] = '\0';
}

static void test_bytes_both_ways(void **state)
{
	(void)state;
	struct way_attempt *a;
	char line[64];
	int fd = open_command(&a, "echo %h %p; exec cat");

	read_line(fd, line, sizeof(line));
	assert_string_equal(line, "desk 7420\n");
	assert_int_equal(write(fd, "there and back\n", 15), 15);
	read_line(fd, line, sizeof(line));
	assert_string_equal(line, "there and back\n");
	fd_close(&fd);
	way_close(a);
}

static bool is_gone(pid_t pid)
{
	for (uint64_t until = clock_now_ms() + PATIENCE_MS; clock_now_ms() < until;) {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return true;
		poll(NULL, 0, 5);
	}
	return false;
}

/* A command that ignores its input's end and SIGTERM, and has a child: all of it is ended. */
static void test_all_of_it_ends(void **state)
{
	(void)state;
	struct way_attempt *a;
	char line[64];
	int fd = open_command(&a, "trap '' TERM; sleep 1000 & echo $$ $!; wait; sleep 1000");
	int shell, child;

	read_line(fd, line, sizeof(line));
	assert_int_equal(sscanf(line, "%d %d", &shell, &child), 2);
	assert_int_equal(getpgid(shell), shell); /* a group of its own */
	assert_int_equal(getpgid(child), shell);
	fd_close(&fd);
	way_close(a);
	assert_true(kill(shell, 0) < 0);
	assert_true(is_gone(child));
}

static void test_blame(void **state)
{
	(void)state;
	struct way_attempt *a;
	char reason[WAY_REASON_BYTES] = "";
	const char *remedy = "";
	int fd = open_command(&a, "echo first >&2; printf 'no way \\033[31m' >&2; exit 7");

	assert_true(way_blame(a, reason, &remedy));
	assert_non_null(strstr(reason, "status 7"));
	assert_non_null(strstr(reason, "no way \\x1b[31m"));
	assert_null(strstr(reason, "first"));
	assert_true(remedy[0] != '\0');
	fd_close(&fd);
	way_close(a);
}

/* A command that goes on, or that did its work, is not why the session failed. */
static void test_no_blame(void **state)
{
	(void)state;
	struct way_attempt *a;
	char reason[WAY_REASON_BYTES] = "";
	const char *remedy = "";
	int fd = open_command(&a, "exec cat");

	assert_false(way_blame(a, reason, &remedy));
	fd_close(&fd);
	way_close(a);
	fd = open_command(&a, "exit 0");
	assert_false(way_blame(a, reason, &remedy));
	fd_close(&fd);
	way_close(a);
}

/* Much talk neither blocks the command nor fills memory; the newest is kept. */
static void test_much_talk(void **state)
{
	(void)state;
	struct way_attempt *a;
	char reason[WAY_REASON_BYTES] = "", line[64];
	const char *remedy = "";
	int fd = open_command(&a,
		"i=0; while [ $i -lt 4000 ]; do echo 'some line of forty characters or so ....' >&2; i=$((i+1)); done; "
		"echo last >&2; echo done; read x; exit 1");

	for (uint64_t until = clock_now_ms() + PATIENCE_MS; clock_now_ms() < until;) {
		struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			{ .fd = way_fd(a), .events = POLLIN } };
		assert_true(poll(p, 2, PATIENCE_MS) > 0);
		way_process(a);
		if (p[0].revents)
			break;
	}
	read_line(fd, line, sizeof(line));
	assert_string_equal(line, "done\n");
	fd_close(&fd);
	assert_true(way_blame(a, reason, &remedy));
	assert_non_null(strstr(reason, ": last"));
	way_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_hosts_for_a_shell),
		cmocka_unit_test(test_expand_too_long),
		cmocka_unit_test(test_one_way_only),
		cmocka_unit_test(test_bytes_both_ways),
		cmocka_unit_test(test_all_of_it_ends),
		cmocka_unit_test(test_blame),
		cmocka_unit_test(test_no_blame),
		cmocka_unit_test(test_much_talk),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
