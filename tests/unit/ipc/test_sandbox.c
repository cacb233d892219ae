/*
 * The real filter: what is promised to be forbidden kills or is refused, and what is needed works.
 * Each attempt runs in a child of its own.
 */
#include "tests/unit/cmocka_first.h"

#include "common/ipc/channel.h"
#include "common/ipc/memory.h"
#include "common/ipc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum outcome { DIES, REFUSED, WORKS };

/* Exit statuses of the children. */
enum { DID_IT = 10, GOT_EACCES = 11, GOT_OTHER = 12, NO_SANDBOX = 13 };

static int result_of(long r)
{
	return r >= 0 ? DID_IT : errno == EACCES || errno == EPERM ? GOT_EACCES : GOT_OTHER;
}

static int try_open(void)
{
	return result_of(open("/etc/passwd", O_RDONLY));
}
static int try_create(void)
{
	return result_of(open("/tmp/farseat-sandbox-test", O_CREAT | O_WRONLY, 0600));
}
static int try_socket(void)
{
	return result_of(socket(AF_INET, SOCK_STREAM, 0));
}
static int try_connect(void)
{
	struct sockaddr address = { .sa_family = AF_UNIX };
	return result_of(connect(3, &address, sizeof(address)));
}
static int try_exec(void)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	return result_of(execve("/bin/true", argv, NULL));
}
static int try_fork(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return result_of(pid);
}
static int try_vfork_clone(void)
{
	return result_of(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}
static int try_ptrace(void)
{
	return result_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}
static int try_kill(void)
{
	return result_of(kill(1, 0));
}
static int try_tgkill_other(void)
{
	return result_of(syscall(SYS_tgkill, 1, 1, 0));
}
static int try_read_other_memory(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };
	return result_of(process_vm_readv(1, &here, 1, &there, 1, 0));
}
static int try_executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0) == MAP_FAILED
		       ? GOT_OTHER
		       : DID_IT;
}
static int try_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return result_of(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}
static int try_io_uring(void)
{
	return result_of(syscall(SYS_io_uring_setup, 1, NULL));
}
static int try_bpf(void)
{
	return result_of(syscall(SYS_bpf, 0, NULL, 0));
}
static int try_unshare(void)
{
	return result_of(syscall(SYS_unshare, 0x10000000));
}
static int try_setuid(void)
{
	return result_of(setuid(0));
}
static int try_bind_option(void)
{
	int one = 1;
	return result_of(setsockopt(3, SOL_SOCKET, SO_BINDTODEVICE, &one, sizeof(one)));
}

static void *compute(void *value)
{
	unsigned *n = value;
	for (unsigned i = 0; i < 1000; i++)
		*n += i;
	return NULL;
}

/* Threads, memory, clocks, event descriptors, passed memory: a worker's day. */
static int try_needed(void)
{
	unsigned sum = 0;
	pthread_t thread;
	struct timespec now;
	uint64_t one = 1;
	struct ipc_memory memory;
	char *big = malloc(50U << 20);

	if (!big)
		return GOT_OTHER;
	memset(big, 1, 50U << 20);
	free(big);
	if (pthread_create(&thread, NULL, compute, &sum) != 0 || pthread_join(thread, NULL) != 0 ||
		sum != 499500)
		return GOT_OTHER;
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0 || write(event, &one, sizeof(one)) != (ssize_t)sizeof(one) ||
		read(event, &one, sizeof(one)) < 0)
		return GOT_OTHER;
	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0 || time(NULL) <= 0)
		return GOT_OTHER;
	if (send(3, "x", 1, 0) != 1 || recv(4, &one, 1, 0) != 1)
		return GOT_OTHER;
	if (ipc_memory_create(&memory, "test", 4096) < 0)
		return GOT_OTHER;
	ipc_memory_finish(&memory);
	return DID_IT;
}

/* 3 and 4 are a connected pair; anything else is closed by sandbox_prepare. */
static int run_confined(int (*attempt)(void))
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || dup2(pair[0], 100) < 0 ||
		dup2(pair[1], 101) < 0 || dup2(100, 3) < 0 || dup2(101, 4) < 0)
		return NO_SANDBOX;
	if (sandbox_prepare(2) < 0 || sandbox_enter(SANDBOX_WORKER) < 0)
		return NO_SANDBOX;
	return attempt();
}

static void expect(int (*attempt)(void), enum outcome outcome, const char *name)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_confined(attempt));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!sandbox_kills() && outcome == DIES)
		return; /* a sanitizer's build logs only */
	bool good = outcome == DIES      ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS
		    : outcome == REFUSED ? WIFEXITED(status) && WEXITSTATUS(status) == GOT_EACCES
					 : WIFEXITED(status) && WEXITSTATUS(status) == DID_IT;
	if (!good)
		fail_msg("%s: wait status 0x%x", name, (unsigned)status);
}

#define EXPECT(attempt, outcome) expect(attempt, outcome, #attempt)

static void test_files(void **state)
{
	(void)state;
	EXPECT(try_open, REFUSED);
	EXPECT(try_create, REFUSED);
}

static void test_network(void **state)
{
	(void)state;
	EXPECT(try_socket, DIES);
	EXPECT(try_connect, DIES);
	EXPECT(try_bind_option, DIES);
}

static void test_processes(void **state)
{
	(void)state;
	EXPECT(try_exec, DIES);
	EXPECT(try_fork, DIES);
	EXPECT(try_vfork_clone, DIES);
	EXPECT(try_ptrace, DIES);
	EXPECT(try_kill, DIES);
	EXPECT(try_tgkill_other, DIES);
	EXPECT(try_read_other_memory, DIES);
}

static void test_powers(void **state)
{
	(void)state;
	EXPECT(try_executable_memory, DIES);
	EXPECT(try_make_executable, DIES);
	EXPECT(try_io_uring, DIES);
	EXPECT(try_bpf, DIES);
	EXPECT(try_unshare, DIES);
	EXPECT(try_setuid, DIES);
}

static void test_what_is_needed_works(void **state)
{
	(void)state;
	EXPECT(try_needed, WORKS);
}

static int read_own_and_foreign(void)
{
	const struct sandbox_path paths[] = { { "/etc", false, false },
		{ "/proc/self/status", true, false }, { "/there/is/none", false, false } };
	int r = sandbox_paths(paths, 3);

	if (r == 1)
		return DID_IT; /* a kernel without Landlock: nothing to test */
	if (r < 0 || open("/etc/passwd", O_RDONLY) < 0)
		return GOT_OTHER;
	return open("/etc/passwd", O_RDWR) < 0 && open("/tmp", O_RDONLY) < 0 && errno == EACCES
		       ? DID_IT
		       : GOT_OTHER;
}

static void test_paths(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(read_own_and_foreign());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == DID_IT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_powers),
		cmocka_unit_test(test_what_is_needed_works),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
