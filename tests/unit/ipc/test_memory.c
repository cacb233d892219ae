/* Shared memory: the size that was promised stays, whatever the other side tries. */
#include "tests/unit/cmocka_first.h"

#include "common/ipc/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 10000

static void test_both_see_the_same_bytes(void **state)
{
	struct ipc_memory ours = { .fd = -1 }, theirs = { .fd = -1 };

	(void)state;
	assert_int_equal(ipc_memory_create(&ours, "test", SIZE), 0);
	assert_int_equal(ours.bytes[SIZE - 1], 0);
	assert_int_equal(fcntl(ours.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(ipc_memory_map(&theirs, dup(ours.fd), SIZE, true), 0);
	theirs.bytes[SIZE - 1] = 7;
	assert_int_equal(ours.bytes[SIZE - 1], 7);
	ipc_memory_finish(&theirs);
	assert_int_equal(ipc_memory_map(&theirs, dup(ours.fd), 1, false), 0); /* a part of it */
	ipc_memory_finish(&theirs);
	ipc_memory_finish(&theirs);
	ipc_memory_finish(&ours);
	assert_int_equal(ipc_memory_create(&ours, "test", 0), -EINVAL);
}

static void test_its_size_is_sealed(void **state)
{
	struct ipc_memory m = { .fd = -1 };

	(void)state;
	assert_int_equal(ipc_memory_create(&m, "test", SIZE), 0);
	assert_int_equal(ftruncate(m.fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(m.fd, 2L * SIZE), -1);
	assert_int_equal(fcntl(m.fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	ipc_memory_finish(&m);
}

static int refuse(int fd, size_t size)
{
	struct ipc_memory m = { .fd = -1 };
	int r = ipc_memory_map(&m, fd, size, false);

	assert_null(m.bytes);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it was taken over, and closed */
	return r;
}

/* A memory that can still shrink would kill the reader (SIGBUS); other things are no memory. */
static void test_what_is_refused(void **state)
{
	struct ipc_memory m = { .fd = -1 };

	(void)state;
	assert_int_equal(ipc_memory_create(&m, "test", SIZE), 0);
	assert_int_equal(refuse(dup(m.fd), SIZE + 1), -EPROTO);
	assert_int_equal(refuse(dup(m.fd), 0), -EPROTO);
	assert_int_equal(refuse(dup(m.fd), SIZE_MAX), -EPROTO);
	ipc_memory_finish(&m);

	int unsealed = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(unsealed, SIZE), 0);
	assert_int_equal(refuse(dup(unsealed), SIZE), -EPROTO);
	assert_int_equal(fcntl(unsealed, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(refuse(unsealed, SIZE), -EPROTO);

	int empty = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fcntl(empty, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_int_equal(refuse(empty, 1), -EPROTO);

	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(refuse(pipes[0], 1), -EPROTO);
	assert_int_equal(refuse(pipes[1], 1), -EPROTO);
	assert_int_equal(refuse(open("/dev/zero", O_RDWR | O_CLOEXEC), 1), -EPROTO);
	assert_int_equal(refuse(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), 1), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_see_the_same_bytes),
		cmocka_unit_test(test_its_size_is_sealed),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
