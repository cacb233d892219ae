/* Shared memory whose size cannot change under a reader. */
#include "tests/unit/cmocka_first.h"

#include "common/ipc/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void test_both_ends_see_the_same(void **state)
{
	struct ipc_memory mine, theirs;

	(void)state;
	assert_int_equal(ipc_memory_create(&mine, "test", 10000), 0);
	assert_int_equal(ipc_memory_map(&theirs, dup(mine.fd), 10000, false), 0);
	mine.bytes[9999] = 42;
	assert_int_equal(theirs.bytes[9999], 42);
	assert_int_equal(ftruncate(mine.fd, 1), -1); /* sealed */
	ipc_memory_finish(&mine);
	assert_int_equal(theirs.bytes[9999], 42);
	ipc_memory_finish(&theirs);
	ipc_memory_finish(&theirs);
}

static void test_what_is_not_sealed_is_refused(void **state)
{
	struct ipc_memory m;
	int fd = memfd_create("test", MFD_ALLOW_SEALING);
	char name[] = "/tmp/farseat-test-XXXXXX";
	int file = mkstemp(name);

	(void)state;
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(ipc_memory_map(&m, fd, 4096, true),
		-EPROTO);                         /* the other end could shrink it: SIGBUS */
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it was taken over and closed */
	unlink(name);
	assert_int_equal(ftruncate(file, 4096), 0);
	assert_int_equal(ipc_memory_map(&m, file, 4096, true), -EPROTO);
}

static void test_sizes(void **state)
{
	struct ipc_memory mine, theirs;

	(void)state;
	assert_int_equal(ipc_memory_create(&mine, "test", 0), -EINVAL);
	assert_int_equal(ipc_memory_create(&mine, "test", 4096), 0);
	assert_int_equal(ipc_memory_map(&theirs, dup(mine.fd), 4097, false), -EPROTO);
	assert_int_equal(ipc_memory_map(&theirs, dup(mine.fd), 0, false), -EPROTO);
	ipc_memory_finish(&mine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ends_see_the_same),
		cmocka_unit_test(test_what_is_not_sealed_is_refused),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
