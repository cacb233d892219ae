/* The sandbox, entered for real by a child for each thing that is tried (sandbox_probe_linux.c). */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/base/process.h"
#include "common/ipc/sandbox.h"
#include "tests/unit/ipc/sandbox_probe_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_START 99
#define TIME_LIMIT_S 20

static int wait_for(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Exit status: the errno of what was tried, 0 if it worked. */
static NORETURN void probe_and_exit(const struct probe *p, enum sandbox_role role)
{
	alarm(TIME_LIMIT_S);
	if (sandbox_prepare(0) < 0)
		_exit(CANNOT_START);
	struct probe_world *w = probe_world_create();
	if (!w || sandbox_enter(role) < 0)
		_exit(CANNOT_START);
	_exit(-p->run(w));
}

static bool came_out_as(enum probe_outcome outcome, int status)
{
	switch (outcome) {
	case PROBE_KILLED:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	case PROBE_EACCES:
		return WIFEXITED(status) && WEXITSTATUS(status) == EACCES;
	case PROBE_ENOSYS:
		return WIFEXITED(status) && WEXITSTATUS(status) == ENOSYS;
	case PROBE_WORKS:
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	return false;
}

static void try_all(enum sandbox_role role)
{
	size_t wrong = 0;

	for (size_t i = 0; i < probe_count; i++) {
		enum probe_outcome expected = role == SANDBOX_TUNNEL && probes[i].tunnel_may
						      ? PROBE_WORKS
						      : probes[i].outcome;
		if (!sandbox_kills() && expected != PROBE_WORKS)
			continue; /* a sanitizer's build only reports */
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			probe_and_exit(&probes[i], role);
		int status = wait_for(pid);
		if (came_out_as(expected, status))
			continue;
		wrong++;
		print_message("%s: wait status %#x\n", probes[i].name, (unsigned)status);
	}
	assert_int_equal(wrong, 0);
}

static void test_worker(void **state)
{
	(void)state;
	try_all(SANDBOX_WORKER);
}

static void test_link(void **state)
{
	(void)state;
	try_all(SANDBOX_LINK);
}

static void test_tunnel(void **state)
{
	(void)state;
	try_all(SANDBOX_TUNNEL);
}

/* Runs check in a child; it exits with the number of what was wrong. */
static void in_a_child(void (*check)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(TIME_LIMIT_S);
		check();
		_exit(0);
	}
	int status = wait_for(pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("wait status %#x", (unsigned)status);
}

static void expect(bool good, int number)
{
	if (!good)
		_exit(number);
}

static void check_descriptors(void)
{
	expect(dup2(2, 3) == 3 && dup2(2, 4) == 4 && dup2(2, 5) == 5 && dup2(2, 200) == 200, 1);
	expect(sandbox_prepare(2) == 0, 2);
	for (int fd = 0; fd < 300; fd++)
		expect((fcntl(fd, F_GETFD) >= 0) == (fd <= 4), 10);
	struct rlimit limit;
	expect(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0, 3);
	expect(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max <= 64, 4);
}

static void test_nothing_else_stays_open(void **state)
{
	(void)state;
	in_a_child(check_descriptors);
}

/* A log that stands in a long file does not kill who writes to it. */
static void check_long_log(void)
{
	FILE *file = tmpfile();

	expect(file && ftruncate(fileno(file), 4L << 20) == 0, 1);
	expect(lseek(fileno(file), 0, SEEK_END) > 0 && dup2(fileno(file), 2) == 2, 2);
	expect(sandbox_prepare(0) == 0, 3);
	expect(sandbox_enter(SANDBOX_LINK) >= 0, 4);
	(void)!write(2, "line\n", 5);
}

static void test_a_long_log_file_is_no_end(void **state)
{
	(void)state;
	in_a_child(check_long_log);
}

/* Every thread is confined, those from before too. */
static int go[2];

static void *wait_and_connect(void *user)
{
	char c;

	(void)user;
	(void)!read(go[0], &c, 1);
	(void)socket(AF_INET, SOCK_STREAM, 0);
	return NULL;
}

static void check_threads(void)
{
	pthread_t thread;

	expect(sandbox_prepare(0) == 0 && pipe(go) == 0, 1);
	expect(pthread_create(&thread, NULL, wait_and_connect, NULL) == 0, 2);
	expect(sandbox_enter(SANDBOX_WORKER) >= 0, 3);
	expect(write(go[1], "x", 1) == 1, 4);
	pthread_join(thread, NULL);
}

static void test_threads_from_before_are_confined(void **state)
{
	(void)state;
	if (!sandbox_kills())
		skip();
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(TIME_LIMIT_S);
		check_threads();
		_exit(0);
	}
	int status = wait_for(pid);
	assert_true(came_out_as(PROBE_KILLED, status));
}

/* abort() must end with its own signal: our asserts are told from forbidden calls. */
static void test_abort_is_an_abort(void **state)
{
	(void)state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		if (sandbox_prepare(0) < 0 || sandbox_enter(SANDBOX_WORKER) < 0)
			_exit(CANNOT_START);
		abort();
	}
	int status = wait_for(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* The kernel's own word: no new privileges, and a filter. */
static void test_status_says_so(void **state)
{
	int ready[2];
	char path[64], line[256], c;
	bool privileges = false, filter = false;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(TIME_LIMIT_S);
		if (dup2(ready[1], 3) != 3 || sandbox_prepare(1) < 0 ||
			sandbox_enter(SANDBOX_WORKER) < 0 || write(3, "x", 1) != 1)
			_exit(CANNOT_START);
		for (;;)
			poll(NULL, 0, -1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "r");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status)) {
		privileges |= strcmp(line, "NoNewPrivs:\t1\n") == 0;
		filter |= strcmp(line, "Seccomp:\t2\n") == 0;
	}
	fclose(status);
	kill(pid, SIGKILL);
	wait_for(pid);
	close(ready[0]);
	close(ready[1]);
	assert_true(privileges && filter);
}

/* ---- by path, for the daemon and the signer ---- */

static char folder[] = "/tmp/farseat-sandbox-XXXXXX";

static const char *at(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static int open_error(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void check_paths(void)
{
	const struct sandbox_path paths[] = {
		{ .path = at("readable") }, { .path = at("writable"), .writable = true },
		{ .path = at("missing"), .writable = true },
		{ .path = at("secret/one"), .writable = true }, /* a file alone */
	};
	int r = sandbox_paths(paths, ARRAY_LEN(paths));

	expect(r >= 0, 1);
	if (r == 1)
		return; /* a kernel without Landlock */
	expect(open_error(at("readable/file"), O_RDONLY) == 0, 2);
	expect(open_error(at("readable/file"), O_WRONLY) == EACCES, 3);
	expect(open_error(at("readable/new"), O_WRONLY | O_CREAT) == EACCES, 4);
	expect(unlink(at("readable/file")) < 0 && errno == EACCES, 5);
	expect(file_replace(at("writable/file"), "new", 3, 0600) == 0, 6);
	expect(dir_make(at("writable/a/b"), 0700) == 0, 7);
	expect(unlink(at("writable/file")) == 0, 8);
	expect(open_error(at("secret/key"), O_RDONLY) == EACCES, 9);
	expect(open_error(at("secret/one"), O_RDWR) == 0, 17);
	expect(open_error("/etc/passwd", O_RDONLY) == EACCES, 10);
	expect(open_error(folder, O_RDONLY | O_DIRECTORY) == EACCES, 11);
	expect(rename(at("readable/file"), at("writable/stolen")) < 0, 12);
	expect(link(at("readable/file"), at("writable/stolen")) < 0, 13);
	/* Its own network, and its children, stay. */
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in any = { .sin_family = AF_INET };
	expect(bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(fd, 1) == 0, 14);
	pid_t pid = fork();
	if (pid == 0) {
		expect(open_error(at("secret/key"), O_RDONLY) == EACCES, 15); /* inherited */
		_exit(0);
	}
	int status = 0;
	expect(waitpid(pid, &status, 0) == pid && status == 0, 16);
}

static void test_paths(void **state)
{
	static const char *const folders[] = { "readable", "writable", "secret" };

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		assert_int_equal(mkdir(at(folders[i]), 0700), 0);
	assert_int_equal(file_replace(at("readable/file"), "text", 4, 0600), 0);
	assert_int_equal(file_replace(at("secret/key"), "text", 4, 0600), 0);
	assert_int_equal(file_replace(at("secret/one"), "text", 4, 0600), 0);
	in_a_child(check_paths);

	char command[PATH_MAX + 16];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

/* ---- the signer: files of its own folders, and nothing else ---- */

static int signer_writes(const char *dir)
{
	char fresh[512], file[512];

	snprintf(fresh, sizeof(fresh), "%s/.fresh", dir);
	snprintf(file, sizeof(file), "%s/registry", dir);
	int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0 || write(fd, "x", 1) != 1 || fsync(fd) < 0 ||
		rename(fresh, file) < 0 || unlink(file) < 0)
		return errno;
	return -process_guard();
}

static int signer_reads_elsewhere(const char *dir)
{
	(void)dir;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int signer_connects(const char *dir)
{
	(void)dir;
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int signer_runs(const char *dir)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	(void)dir;
	return execv("/bin/true", argv) < 0 ? errno : 0;
}

static int signer_signals(const char *dir)
{
	(void)dir;
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static int signer_shows_itself(const char *dir)
{
	(void)dir;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? errno : 0;
}

static void test_signer(void **state)
{
	static const struct {
		int (*run)(const char *dir);
		enum probe_outcome outcome;
	} tries[] = {
		{ signer_writes, PROBE_WORKS },
		{ signer_reads_elsewhere, PROBE_EACCES },
		{ signer_connects, PROBE_KILLED },
		{ signer_runs, PROBE_KILLED },
		{ signer_signals, PROBE_KILLED },
		{ signer_shows_itself, PROBE_KILLED },
	};
	char dir[] = "/tmp/farseat-signer-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	const struct sandbox_path paths[] = { { .path = dir, .writable = true } };
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		if (!sandbox_kills() && tries[i].outcome == PROBE_KILLED)
			continue;
		pid_t pid = fork();
		if (pid == 0) {
			alarm(TIME_LIMIT_S);
			int r = sandbox_enter_signer(paths, ARRAY_LEN(paths));
			if (r != 0) /* without Landlock every file is in reach */
				_exit(r == 1 && tries[i].outcome == PROBE_EACCES ? EACCES
										 : CANNOT_START);
			_exit(tries[i].run(dir));
		}
		int status = wait_for(pid);
		if (!came_out_as(tries[i].outcome, status))
			fail_msg("%zu: wait status %#x", i, (unsigned)status);
	}
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worker),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_signer),
		cmocka_unit_test(test_tunnel),
		cmocka_unit_test(test_nothing_else_stays_open),
		cmocka_unit_test(test_a_long_log_file_is_no_end),
		cmocka_unit_test(test_threads_from_before_are_confined),
		cmocka_unit_test(test_abort_is_an_abort),
		cmocka_unit_test(test_status_says_so),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
