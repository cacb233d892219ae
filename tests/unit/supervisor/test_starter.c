/* The starter's packets, and the program itself with programs of the test's own. */
#include "tests/unit/cmocka_first.h"

#include "common/base/fd.h"
#include "common/base/process_linux.h"
#include "server/supervisor/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 15000

static const char *program; /* farseat-starter */

struct ends {
	struct ipc_channel ours;
	int theirs;
};

static int setup(void **state)
{
	struct ends *e = calloc(1, sizeof(*e));
	int pair[2];

	if (!e || ipc_pair(pair) < 0 || ipc_channel_init(&e->ours, pair[0]) < 0)
		return -1;
	e->theirs = pair[1];
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct ends *e = *state;

	ipc_channel_finish(&e->ours);
	fd_close(&e->theirs);
	free(e);
	return 0;
}

static void packets_are_checked(void **state)
{
	static const uint8_t bad[][7] = { { 0, 0, 0, 0, 0, 0 }, { 5, 0, 0, 0, 0, 0 },
		{ 3, STARTER_KINDS, 0, 0, 0, 0 }, { 1, 0, 0, 0, 0, 0 },
		{ 4, 2, 0, 0, 0, 0 } /* START, EXTRA without a descriptor */ };
	struct ends *e = *state;
	struct starter_packet p;
	const uint8_t good[7] = { STARTER_ENDED, STARTER_SIGNER, 0, 0, 0, 9 };
	int fd;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(send(e->theirs, bad[i], 6, 0), 6);
		assert_int_equal(starter_receive(&e->ours, &p, &fd), -EPROTO);
	}
	for (size_t len = 1; len <= sizeof(good); len++) {
		assert_int_equal(send(e->theirs, good, len, 0), len);
		assert_int_equal(starter_receive(&e->ours, &p, &fd), len == 6 ? 1 : -EPROTO);
	}
	assert_int_equal(p.op, STARTER_ENDED);
	assert_int_equal(p.kind, STARTER_SIGNER);
	assert_int_equal(p.status, 9);
	assert_int_equal(starter_receive(&e->ours, &p, &fd), -EAGAIN);
}

static void a_descriptor_belongs_to_start_alone(void **state)
{
	struct ends *e = *state;
	struct ipc_channel other;
	const struct starter_packet kill_one = { .op = STARTER_KILL, .kind = STARTER_AGENT };
	const struct starter_packet start_one = { .op = STARTER_START, .kind = STARTER_AGENT };
	struct starter_packet p;
	int fd;

	assert_int_equal(ipc_channel_init(&other, e->theirs), 0);
	assert_int_equal(starter_send(&other, &kill_one, STDIN_FILENO), 0);
	assert_int_equal(starter_receive(&e->ours, &p, &fd), -EPROTO);
	assert_int_equal(fd, -1);
	assert_int_equal(starter_send(&other, &start_one, STDIN_FILENO), 0);
	assert_int_equal(starter_receive(&e->ours, &p, &fd), 1);
	assert_true(fd >= 0);
	fd_close(&fd);
	ipc_channel_finish(&other);
	e->theirs = -1;
}

static const char *session = ""; /* the starter's last argument */

/* others: farseat-files, and farseat-sound. */
static pid_t run_with(struct ends *e, const char *agent, const char *signer, const char *others)
{
	const char *const argv[] = { "farseat-starter", agent, "", signer, others, others, session,
		NULL };
	const struct process_spec spec = { .path = program,
		.argv = argv,
		.fds = &e->theirs,
		.fd_count = 1,
		.die_with_parent = true };
	pid_t pid;

	assert_int_equal(process_start_pid(&spec, &pid), 0);
	fd_close(&e->theirs);
	return pid;
}

/* Where neither files nor sound is installed. */
static pid_t run(struct ends *e, const char *agent, const char *signer)
{
	return run_with(e, agent, signer, "");
}

static void order(struct ends *e, enum starter_op op, enum starter_kind kind)
{
	const struct starter_packet p = { .op = op, .kind = kind };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(starter_send(&e->ours, &p, op == STARTER_START ? null : -1), 0);
	fd_close(&null);
}

static int ended(struct ends *e, enum starter_kind kind)
{
	struct starter_packet p;
	int fd;

	assert_int_equal(ipc_wait(&e->ours, PATIENCE_MS), 0);
	assert_int_equal(starter_receive(&e->ours, &p, &fd), 1);
	assert_int_equal(p.op, STARTER_ENDED);
	assert_int_equal(p.kind, kind);
	return p.status;
}

static void programs_are_started_and_their_ends_told(void **state)
{
	struct ends *e = *state;
	pid_t pid = run(e, "/bin/true", "/bin/false");

	order(e, STARTER_START, STARTER_SIGNER);
	assert_int_equal(ended(e, STARTER_SIGNER), 1 << 8);
	order(e, STARTER_START, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), 0);
	order(e, STARTER_START, STARTER_AGENT_WAYLAND); /* it is not installed */
	assert_int_equal(ended(e, STARTER_AGENT_WAYLAND), 127 << 8);
	order(e, STARTER_KILL, STARTER_AGENT); /* none runs: nothing happens */
	order(e, STARTER_START, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), 0);
	ipc_channel_finish(&e->ours);
	e->ours.fd = -1;
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void copy(const char *from, const char *to)
{
	char bytes[65536];
	ssize_t n;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	assert_int_equal(n, 0);
	fd_close(&in);
	fd_close(&out);
}

static void what_hangs_is_killed(void **state)
{
	struct ends *e = *state;
	char hangs[PATH_MAX] = ""; /* this program, as farseat-agent (main) */
	assert_true(readlink("/proc/self/exe", hangs, sizeof(hangs) - 1) > 0);
	pid_t pid = run(e, hangs, "/nowhere/program");

	order(e, STARTER_START, STARTER_AGENT);
	order(e, STARTER_KILL, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), SIGKILL);
	order(e, STARTER_START, STARTER_SIGNER);
	assert_int_equal(ended(e, STARTER_SIGNER), 127 << 8);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* An upgrade exchanges the file: what is started stays what it was. */
static void an_exchanged_program_is_not_started(void **state)
{
	struct ends *e = *state;
	char folder[] = "/tmp/farseat-unit-XXXXXX", path[64], other[64];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/program", folder);
	snprintf(other, sizeof(other), "%s/new", folder);
	copy("/bin/true", path);
	copy("/bin/false", other);
	pid_t pid = run(e, path, "/bin/true");
	order(e, STARTER_START, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), 0);
	assert_int_equal(rename(other, path), 0); /* as dpkg does */
	order(e, STARTER_START, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), 0);
	assert_int_equal(unlink(path), 0);
	order(e, STARTER_START, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), 0);
	assert_int_equal(rmdir(folder), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* An order cannot name it: test(1) ends with 0 when it is given a word. */
static void the_agent_gets_the_sessions_command(void **state)
{
	struct ends *e = *state;

	session = "startxfce4";
	pid_t pid = run(e, "/usr/bin/test", "/bin/true");
	session = "";
	order(e, STARTER_START, STARTER_AGENT);
	assert_int_equal(ended(e, STARTER_AGENT), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Each transfer has a process of its own, each heard session another, and the end of one is no other's. */
static void places_of_many_are_apart(void **state)
{
	struct ends *e = *state;
	char hangs[PATH_MAX] = ""; /* this program, as farseat-files and farseat-sound (main) */
	const enum starter_kind kinds[] = { STARTER_FILES, STARTER_SOUND - 1, STARTER_SOUND,
		STARTER_KINDS - 1 };

	assert_true(readlink("/proc/self/exe", hangs, sizeof(hangs) - 1) > 0);
	pid_t pid = run_with(e, "/bin/true", "/bin/true", hangs);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		order(e, STARTER_START, kinds[i]);
	for (size_t i = ARRAY_LEN(kinds); i-- > 0;) {
		order(e, STARTER_KILL, kinds[i]);
		assert_int_equal(ended(e, kinds[i]), SIGKILL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void a_broken_order_ends_it(void **state)
{
	struct ends *e = *state;
	pid_t pid = run(e, "/bin/true", "/bin/true");
	int status;

	order(e, STARTER_ENDED, STARTER_AGENT);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, EXIT_FAILURE << 8);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packets_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_descriptor_belongs_to_start_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			programs_are_started_and_their_ends_told, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_exchanged_program_is_not_started, setup, teardown),
		cmocka_unit_test_setup_teardown(what_hangs_is_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_agent_gets_the_sessions_command, setup, teardown),
		cmocka_unit_test_setup_teardown(places_of_many_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_order_ends_it, setup, teardown),
	};

	if (strcmp(argv[0], "farseat-agent") == 0 || strcmp(argv[0], "farseat-files") == 0 ||
		strcmp(argv[0], "farseat-sound") == 0)
		for (;;)
			pause();
	if (argc != 2)
		return 2;
	program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
