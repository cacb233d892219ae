/*
 * A started program has its descriptors on 3, 4, ... and inherits nothing else. The program started
 * is this one again, which then looks at itself.
 */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/base/process_linux.h"
#include "tests/unit/base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_OK 42

static const char *self;

/* ---- the child's side ---- */

static bool is_null(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat("/dev/null", &b) == 0 && a.st_rdev == b.st_rdev;
}

/* Descriptors 3 .. 3 + count - 1 are open, each holds its own letter to read, and nothing else is.
 */
static int look_at_descriptors(int count)
{
	for (int fd = 0; fd < 1024; fd++) {
		bool open_here = fcntl(fd, F_GETFD) >= 0;
		if (open_here != (fd < 3 + count))
			return fd + 1;
	}
	for (int i = 0; i < count; i++) {
		char c = 0;
		if (read(3 + i, &c, 1) != 1 || c != 'a' + i)
			return 250;
	}
	return is_null(0) ? CHILD_OK : 251;
}

static int look_at_signals(void)
{
	sigset_t blocked;
	struct sigaction action;

	if (sigprocmask(SIG_SETMASK, NULL, &blocked) < 0 || sigismember(&blocked, SIGTERM))
		return 1;
	if (sigaction(SIGPIPE, NULL, &action) < 0 || action.sa_handler != SIG_DFL)
		return 2;
	return CHILD_OK;
}

static int look_at_environment(void)
{
	return getenv("ONLY") && strcmp(getenv("ONLY"), "this") == 0 && !getenv("PATH") ? CHILD_OK
											: 1;
}

/* Starts another that must not outlive it, tells its pid, and is killed. */
static int be_a_parent(void)
{
	const char *const argv[] = { self, "sleep", NULL };
	const struct process_spec spec = { .path = self, .argv = argv, .die_with_parent = true };
	pid_t pid;

	if (process_start_pid(&spec, &pid) < 0 || write(3, &pid, sizeof(pid)) != sizeof(pid))
		return 1;
	return poll(NULL, 0, -1);
}

static int be_the_child(char **words)
{
	if (strcmp(words[0], "descriptors") == 0)
		return look_at_descriptors(atoi(words[1]));
	if (strcmp(words[0], "signals") == 0)
		return look_at_signals();
	if (strcmp(words[0], "environment") == 0)
		return look_at_environment();
	if (strcmp(words[0], "session") == 0)
		return getsid(0) == getpid() ? CHILD_OK : 1;
	if (strcmp(words[0], "parent") == 0)
		return be_a_parent();
	return poll(NULL, 0, 30000);
}

/* ---- the tests ---- */

static int status_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A descriptor that gives one letter, wherever it stands. */
static int letter_fd(char letter)
{
	int pipes[2];

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(write(pipes[1], &letter, 1), 1);
	close(pipes[1]);
	return pipes[0];
}

static void test_descriptors_land_on_their_numbers(void **state)
{
	(void)state;
	for (size_t count = 0; count <= PROCESS_FDS_MAX; count++) {
		int fds[PROCESS_FDS_MAX];
		char number[8];
		const char *const argv[] = { self, "descriptors", number, NULL };
		struct process_spec spec = { .path = self, .argv = argv, .fds = fds };
		pid_t pid;

		snprintf(number, sizeof(number), "%zu", count);
		spec.fd_count = count;
		for (size_t i = 0; i < count; i++)
			fds[i] = letter_fd((char)('a' + i));
		/* One that is left open without close-on-exec must not be inherited. */
		int stray = dup(2);
		assert_int_equal(process_start_pid(&spec, &pid), 0);
		assert_int_equal(status_of(pid), CHILD_OK);
		for (size_t i = 0; i < count; i++) {
			assert_true(fcntl(fds[i], F_GETFD) >= 0); /* ours stay ours */
			close(fds[i]);
		}
		close(stray);
	}
}

/* An open program counts more than what stands at the path, and the child does not get it. */
static void test_open_program(void **state)
{
	const char *const argv[] = { self, "descriptors", "2", NULL };
	int fds[] = { letter_fd('a'), letter_fd('b') };
	int program = open(self, O_PATH | O_CLOEXEC);
	struct process_spec spec = { .path = "/nowhere/program",
		.program_fd = &program,
		.argv = argv,
		.fds = fds,
		.fd_count = 2 };
	pid_t pid;

	(void)state;
	assert_true(program >= 0);
	assert_int_equal(process_start_pid(&spec, &pid), 0);
	assert_int_equal(status_of(pid), CHILD_OK);
	close(program);
	program = open("/etc/passwd", O_PATH | O_CLOEXEC); /* no program */
	assert_int_equal(process_start_pid(&spec, &pid), -EACCES);
	close(program);
	close(fds[0]);
	close(fds[1]);
}

/* 4 is to become 3, and 3 is to become 4: neither may be lost on the way. */
static void test_descriptors_that_cross(void **state)
{
	int fds[3] = { letter_fd('a'), letter_fd('b'), letter_fd('c') };
	const char *const argv[] = { self, "descriptors", "3", NULL };
	struct process_spec spec = { .path = self, .argv = argv, .fd_count = 3 };
	static const int orders[][3] = { { 5, 4, 3 }, { 4, 3, 5 }, { 4, 5, 3 }, { 3, 4, 5 } };
	pid_t pid;

	(void)state;
	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		int copies[3];
		pid = fork(); /* 3, 4, 5 may be in use here */
		assert_true(pid >= 0);
		if (pid == 0) {
			pid_t inner;
			for (int i = 0; i < 3; i++)
				copies[i] = fcntl(fds[i], F_DUPFD, 100);
			for (int i = 0; i < 3; i++)
				if (dup2(copies[i], orders[o][i]) < 0)
					_exit(1);
			spec.fds = orders[o];
			if (process_start_pid(&spec, &inner) < 0)
				_exit(2);
			_exit(status_of(inner));
		}
		assert_int_equal(status_of(pid), CHILD_OK);
		/* The letters were read: fill in new ones. */
		for (int i = 0; i < 3; i++) {
			close(fds[i]);
			fds[i] = letter_fd((char)('a' + i));
		}
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void expect_child(const char *word, struct process_spec spec)
{
	const char *const argv[] = { self, word, NULL };
	pid_t pid;

	spec.path = self;
	spec.argv = argv;
	assert_int_equal(process_start_pid(&spec, &pid), 0);
	assert_int_equal(status_of(pid), CHILD_OK);
}

static void test_signals_are_reset(void **state)
{
	sigset_t term;

	(void)state;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	signal(SIGPIPE, SIG_IGN);
	expect_child("signals", (struct process_spec){ 0 });
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &term, NULL);
}

static void test_environment_and_session(void **state)
{
	const char *const envp[] = { "ONLY=this", NULL };

	(void)state;
	expect_child("environment", (struct process_spec){ .envp = envp });
	expect_child("session", (struct process_spec){ .new_session = true });
}

static size_t descriptors_open(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_what_cannot_start_says_why(void **state)
{
	const char *const argv[] = { "x", NULL };
	const int bad[1] = { 999 };
	const int many[PROCESS_FDS_MAX + 1] = { 0 };
	struct process_spec spec = { .path = "/there/is/none", .argv = argv };
	size_t before = descriptors_open();
	pid_t pid = 77;

	(void)state;
	assert_int_equal(process_start_pid(&spec, &pid), -ENOENT);
	spec.path = scratch;
	assert_int_equal(process_start_pid(&spec, &pid), -EACCES);
	spec.path = scratch_path("text");
	assert_int_equal(file_replace(spec.path, "no program", 10, 0700), 0);
	assert_int_equal(process_start_pid(&spec, &pid), -ENOEXEC);
	assert_int_equal(file_replace(spec.path, "no program", 10, 0600), 0);
	assert_int_equal(process_start_pid(&spec, &pid), -EACCES);
	spec.path = self;
	spec.fds = bad;
	spec.fd_count = 1;
	spec.fds = many;
	spec.fd_count = PROCESS_FDS_MAX + 1;
	assert_int_equal(process_start_pid(&spec, &pid), -EINVAL);
	assert_int_equal(pid, 77);
	assert_int_equal(descriptors_open(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie is left */
}

static void test_a_child_ends_with_its_parent(void **state)
{
	const char *const argv[] = { self, "parent", NULL };
	int pipes[2];
	struct process_spec spec = { .path = self, .argv = argv, .fd_count = 1 };
	pid_t parent, child = 0;

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	spec.fds = &pipes[1];
	assert_int_equal(process_start_pid(&spec, &parent), 0);
	assert_int_equal(read(pipes[0], &child, sizeof(child)), sizeof(child));
	assert_int_equal(kill(child, 0), 0);
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	/* It is somebody else's zombie, or gone: its state says so soon. */
	for (int i = 0; i < 1000 && kill(child, 0) == 0; i++) {
		char path[64], line[256] = "";
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
		FILE *f = fopen(path, "r");
		if (!f || !fgets(line, sizeof(line), f) || strstr(line, ") Z ")) {
			if (f)
				fclose(f);
			close(pipes[0]);
			close(pipes[1]);
			return;
		}
		fclose(f);
		poll(NULL, 0, 10);
	}
	close(pipes[0]);
	close(pipes[1]);
	assert_int_not_equal(kill(child, 0), 0);
}

static void test_a_guarded_process_has_no_core(void **state)
{
	int status;

	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct rlimit core = { 1, 1 };
		bool guarded = process_guard() == 0 && getrlimit(RLIMIT_CORE, &core) == 0 &&
			       core.rlim_cur == 0 && core.rlim_max == 0;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
		guarded = guarded && prctl(PR_GET_DUMPABLE) == 0;
#endif
		_exit(guarded ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_status_text(void **state)
{
	char text[128];

	(void)state;
	assert_string_equal(
		process_status_text(3 << 8, text, sizeof(text)), "exited with status 3");
	assert_string_equal(process_status_text(SIGSEGV, text, sizeof(text)),
		"was killed by signal 11 (Segmentation fault)");
	process_status_text(SIGSEGV, text, 5);
	assert_string_equal(text, "was ");
}

/* What programs that have no event loop of their own need: start, wait, end. */
static void test_waiting(void **state)
{
	const char *const exits[] = { "sh", "-c", "exit 3", NULL };
	const char *const sleeps[] = { "sh", "-c", "sleep 60 & sleep 60", NULL };
	struct process_spec spec = { .path = "/bin/sh", .argv = exits };
	struct process p = { 0 }, none = { 0 };
	char text[64];
	int status = 0;

	(void)state;
	assert_int_equal(process_wait(&none, -1, &status), -ECHILD);
	assert_int_equal(process_start(&spec, &p), 0);
	assert_true(p.id > 0);
	assert_int_equal(process_wait(&p, 10000, &status), 0);
	assert_int_equal(p.id, 0);
	assert_string_equal(
		process_status_text(status, text, sizeof(text)), "exited with status 3");

	spec.argv = sleeps;
	spec.new_group = true;
	assert_int_equal(process_start(&spec, &p), 0);
	assert_int_equal(process_wait(&p, 0, &status), -ETIMEDOUT);
	assert_int_equal(process_wait(&p, 20, &status), -ETIMEDOUT);
	process_end_group(p, false);
	assert_int_equal(process_wait(&p, -1, &status), 0);
	assert_non_null(strstr(process_status_text(status, text, sizeof(text)), "signal 15"));

	assert_int_equal(process_start(&spec, &p), 0);
	process_end_group(p, true);
	assert_int_equal(process_wait(&p, -1, NULL), 0);
	process_kill(none); /* nobody */
}

int main(int argc, char **argv)
{
	static char path[PATH_MAX];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors_land_on_their_numbers),
		cmocka_unit_test(test_open_program),
		cmocka_unit_test(test_descriptors_that_cross),
		cmocka_unit_test(test_signals_are_reset),
		cmocka_unit_test(test_environment_and_session),
		cmocka_unit_test(test_what_cannot_start_says_why),
		cmocka_unit_test(test_a_child_ends_with_its_parent),
		cmocka_unit_test(test_a_guarded_process_has_no_core),
		cmocka_unit_test(test_status_text),
		cmocka_unit_test(test_waiting),
	};

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 1;
	self = path;
	if (argc > 1)
		return be_the_child(argv + 1);
	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
