/* A disk that takes nothing: files that wait for it are at fault, and what else waits is not forgotten. */
#include "tests/unit/cmocka_first.h"

#include "common/files/receiver_settle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0750

int __wrap_files_part_sync(struct files_part *parts, size_t count);

int __wrap_files_part_sync(struct files_part *parts, size_t count)
{
	(void)parts;
	(void)count;
	return -EIO;
}

static int count_message(void *user, const struct wire_message *m)
{
	assert_int_equal(m->type, WIRE_FILE_FAULT);
	assert_int_equal(m->file_fault.fault, WIRE_FILE_IO);
	(*(unsigned *)user)++;
	return 0;
}

static void count_fault(void *user, enum wire_file_fault fault, const char *path, bool there)
{
	(void)user;
	(void)path;
	assert_int_equal(fault, WIRE_FILE_IO);
	assert_false(there);
}

/* A folder that begins and ends, as one without files does. */
static void folder(struct files_receiver *r, unsigned number)
{
	const struct wire_file_entry e = { .mode = FOLDER_MODE, .mtime_s = 1 };

	snprintf(r->path, sizeof(r->path), "folder-%u", number);
	assert_int_equal(mkdirat(r->base, r->path, 0700), 0);
	receiver_begin_folder(r, &e);
	assert_int_equal(receiver_end_folders(r, NULL), 0);
}

static void test_folders_get_their_permissions(void **state)
{
	char base[] = "/tmp/farseat-test-XXXXXX", command[64];
	struct files_receiver *r = calloc(1, sizeof(*r));
	unsigned faults = 0;
	struct stat st;

	(void)state;
	assert_non_null(r);
	assert_non_null(mkdtemp(base));
	r->base = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r->send = count_message;
	r->fault = count_fault;
	r->user = &faults;
	for (unsigned i = 0; i < FILES_ENDED_MAX + 1; i++) {
		folder(r, i);
		assert_in_range(r->ended_count, 1, FILES_ENDED_MAX);
	}
	assert_int_equal(faults, 1);
	assert_int_equal(receiver_settle(r), 0);
	assert_int_equal(r->ended_count, 0);
	for (unsigned i = 0; i < FILES_ENDED_MAX + 1; i++) {
		snprintf(r->path, sizeof(r->path), "folder-%u", i);
		assert_int_equal(fstatat(r->base, r->path, &st, 0), 0);
		assert_int_equal(st.st_mode & 0777, FOLDER_MODE);
	}
	close(r->base);
	free(r);
	snprintf(command, sizeof(command), "rm -r %s", base);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_folders_get_their_permissions) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
