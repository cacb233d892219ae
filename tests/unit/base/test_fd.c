/* Files are replaced as a whole or not at all; folders are made with the mode asked for. */
#include "tests/unit/cmocka_first.h"

#include "common/base/buffer.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "tests/unit/base/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t files_in(const char *folder)
{
	DIR *d = opendir(folder);
	size_t count = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

static void assert_content(const char *path, const char *text)
{
	struct buffer b;

	assert_int_equal(file_read(path, 1000, &b), 0);
	assert_int_equal(b.len, strlen(text));
	if (b.len > 0)
		assert_memory_equal(buffer_front(&b), text, b.len);
	buffer_finish(&b);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_closing(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;

	(void)state;
	errno = ENOTTY;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	fd_close(&fd);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
}

static void test_flags(void **state)
{
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(fd_set_nonblock(pipes[0]), 0);
	assert_true(fcntl(pipes[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(fd_set_cloexec(pipes[0], true), 0);
	assert_int_equal(fcntl(pipes[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_set_cloexec(pipes[0], false), 0);
	assert_int_equal(fcntl(pipes[0], F_GETFD), 0);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(fd_set_nonblock(pipes[0]), -EBADF);
	assert_int_equal(fd_set_cloexec(-1, true), -EBADF);
}

static void test_reading(void **state)
{
	struct buffer b = { .len = 77 };
	const char *path = scratch_path("read");

	(void)state;
	assert_int_equal(file_read(path, 10, &b), -ENOENT);
	assert_int_equal(file_replace(path, "0123456789", 10, 0600), 0);
	assert_int_equal(file_read(path, 9, &b), -E2BIG);
	assert_int_equal(b.len, 77); /* only written on success */
	assert_int_equal(file_read(scratch, 10, &b), -EISDIR);
	assert_int_equal(file_read(path, 10, &b), 0);
	assert_int_equal(b.len, 10);
	buffer_finish(&b);
	assert_int_equal(file_replace(path, "", 0, 0600), 0);
	assert_content(path, "");
}

static void test_replacing(void **state)
{
	const char *path = scratch_path("replace/file");

	(void)state;
	assert_int_equal(dir_make(scratch_path("replace"), 0700), 0);
	umask(077);
	assert_int_equal(file_replace(path, "one", 3, 0644), 0);
	assert_int_equal(mode_of(path), 0644); /* whatever the umask */
	umask(0);
	assert_int_equal(file_replace(path, "second", 6, 0600), 0);
	assert_int_equal(mode_of(path), 0600);
	umask(022);
	assert_content(path, "second");
	assert_int_equal(files_in(scratch_path("replace")), 1);
	/* Who has the old file open keeps it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c[8];
	assert_int_equal(file_replace(path, "third", 5, 0600), 0);
	assert_int_equal(read(fd, c, sizeof(c)), 6);
	close(fd);
}

static void test_what_fails_leaves_the_old(void **state)
{
	const char *path = scratch_path("keep/file");
	char longest[PATH_MAX + 8];

	(void)state;
	assert_int_equal(dir_make(scratch_path("keep"), 0700), 0);
	assert_int_equal(file_replace(path, "old", 3, 0600), 0);
	assert_int_equal(file_replace(scratch_path("none/file"), "x", 1, 0600), -ENOENT);
	assert_int_equal(dir_make(scratch_path("keep/dir/inner"), 0700), 0);
	assert_int_equal(file_replace(scratch_path("keep/dir"), "x", 1, 0600), -EISDIR);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(file_replace(longest, "x", 1, 0600), -ENAMETOOLONG);

	/* A full disk, as far as the caller can see: the file may not grow (EFBIG for ENOSPC). */
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		static const uint8_t big[20000];
		const struct rlimit limit = { 8192, 8192 };
		signal(SIGXFSZ, SIG_IGN);
		_exit(setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
					file_replace(path, big, sizeof(big), 0600) == -EFBIG
				? 0
				: 1);
	}
	int status = 1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_content(path, "old");
	assert_int_equal(files_in(scratch_path("keep")), 2); /* no temporary one is left */
}

static void test_folders(void **state)
{
	char longest[PATH_MAX + 8];

	(void)state;
	umask(022);
	assert_int_equal(dir_make(scratch_path("a/b/c"), 0700), 0);
	assert_int_equal(mode_of(scratch_path("a/b/c")), 0700);
	assert_int_equal(mode_of(scratch_path("a")), 0700);
	assert_int_equal(dir_make(scratch_path("a/b/c"), 0755), 0); /* there already */
	assert_int_equal(mode_of(scratch_path("a/b/c")), 0700);
	assert_int_equal(dir_make(scratch_path("a//b/./d/"), 0700), 0);
	assert_int_equal(file_replace(scratch_path("a/file"), "x", 1, 0600), 0);
	assert_int_equal(dir_make(scratch_path("a/file"), 0700), -ENOTDIR);
	assert_int_equal(dir_make(scratch_path("a/file/x"), 0700), -ENOTDIR);
	assert_int_equal(dir_make("", 0700), -ENOENT);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(dir_make(longest, 0700), -ENAMETOOLONG);
}

static int count_names(void *user, const char *name)
{
	size_t *count = user;

	if (strcmp(name, "stop") == 0)
		return -ECANCELED;
	*count += name[0] != '.';
	return 0;
}

static void test_putting_folders_in_place(void **state)
{
	char fresh[PATH_MAX];
	size_t count = 0;

	(void)state;
	assert_int_equal(dir_make(scratch_path("put"), 0700), 0);
	snprintf(fresh, sizeof(fresh), "%s", scratch_path("put/new-XXXXXX"));
	assert_int_equal(dir_make_fresh(fresh), 0);
	assert_int_equal(mode_of(fresh), 0700);
	assert_int_equal(dir_put(fresh, scratch_path("put/at"), false), 0);
	assert_int_equal(file_replace(scratch_path("put/at/old"), "o", 1, 0600), 0);
	snprintf(fresh, sizeof(fresh), "%s", scratch_path("put/new-XXXXXX"));
	assert_int_equal(dir_make_fresh(fresh), 0);
	assert_int_equal(dir_put(fresh, scratch_path("put/at"), false), -EEXIST);
	assert_int_equal(dir_put(fresh, scratch_path("put/at"), true), 1);
	assert_false(file_is_there(scratch_path("put/at/old")));
	assert_int_equal(dir_each(fresh, count_names, &count), 0); /* what stood there */
	assert_int_equal(count, 1);
	assert_int_equal(dir_remove(fresh), -ENOTEMPTY);
	assert_int_equal(dir_each(scratch_path("put/none"), count_names, &count), -ENOENT);
	assert_int_equal(file_replace(scratch_path("put/at/stop"), "", 0, 0600), 0);
	assert_int_equal(dir_each(scratch_path("put/at"), count_names, &count), -ECANCELED);
	assert_int_equal(file_remove(scratch_path("put/at/stop")), 0);
	assert_int_equal(file_remove(scratch_path("put/at/stop")), 0); /* gone already */
	assert_int_equal(dir_remove(scratch_path("put/at")), 0);
}

static void test_lines_and_rights(void **state)
{
	(void)state;
	assert_int_equal(dir_make(scratch_path("l"), 0700), 0);
	assert_int_equal(file_append_line(scratch_path("l/lines"), "one", 0600), 0);
	assert_int_equal(file_append_line(scratch_path("l/lines"), "two", 0600), 0);
	assert_content(scratch_path("l/lines"), "one\ntwo\n");
	assert_int_equal(file_replace(scratch_path("l/lines"), "half", 4, 0600), 0);
	assert_int_equal(file_append_line(scratch_path("l/lines"), "whole", 0600), 0);
	assert_content(scratch_path("l/lines"), "half\nwhole\n");
	assert_int_equal(file_is_private(scratch_path("l/lines")), 1);
	assert_int_equal(file_replace(scratch_path("l/lines"), "x", 1, 0640), 0);
	assert_int_equal(file_is_private(scratch_path("l/lines")), 0);
	assert_int_equal(file_is_private(scratch_path("l/none")), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closing),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_replacing),
		cmocka_unit_test(test_what_fails_leaves_the_old),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_putting_folders_in_place),
		cmocka_unit_test(test_lines_and_rights),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
