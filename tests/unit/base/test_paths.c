/* Where files are: for root, for a user, and all under one folder for tests. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/base/paths.h"
#include "tests/unit/base/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[PATH_MAX];

static int forget(void **state)
{
	static const char *const names[] = { "FARSEAT_HOME", "FARSEAT_LIBEXEC", "XDG_CONFIG_HOME",
		"XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	return 0;
}

static void test_one_folder_for_all(void **state)
{
	(void)state;
	setenv("FARSEAT_HOME", "/x", 1);
	assert_int_equal(path_of(PATH_CONFIG, "farseat.conf", path), 0);
	assert_string_equal(path, "/x/config/farseat.conf");
	assert_int_equal(path_of(PATH_DATA, NULL, path), 0);
	assert_string_equal(path, "/x/data");
	assert_int_equal(path_of(PATH_STATE, NULL, path), 0);
	assert_string_equal(path, "/x/state");
	assert_int_equal(path_of(PATH_RUNTIME, "control", path), 0);
	assert_string_equal(path, "/x/run/control");
}

static void test_root(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	setenv("XDG_CONFIG_HOME", "/home/x", 1); /* a user's, kept by sudo: means nothing here */
	setenv("FARSEAT_HOME", "relative", 1);   /* refused: would depend on where one stands */
	assert_int_equal(path_of(PATH_CONFIG, NULL, path), 0);
	assert_string_equal(path, "/etc/farseat");
	assert_int_equal(path_of(PATH_DATA, "ca", path), 0);
	assert_string_equal(path, "/var/lib/farseat/ca");
	assert_int_equal(path_of(PATH_RUNTIME, NULL, path), 0);
	assert_string_equal(path, "/run/farseat");
}

/* In a child that is nobody; its exit status is the number of the first thing wrong. */
static int as_user(void)
{
	if (geteuid() == 0 && seteuid(65534) < 0)
		return 1;
	if (path_of(PATH_CONFIG, NULL, path) != -ENOENT)
		return 2;
	setenv("HOME", "/home/x", 1);
	if (path_of(PATH_CONFIG, "a", path) != 0 || strcmp(path, "/home/x/.config/farseat/a") != 0)
		return 3;
	if (path_of(PATH_DATA, NULL, path) != 0 ||
		strcmp(path, "/home/x/.local/share/farseat") != 0)
		return 4;
	if (path_of(PATH_RUNTIME, NULL, path) != -ENOENT)
		return 5; /* never a folder that others may write to */
	setenv("XDG_RUNTIME_DIR", "/run/user/5", 1);
	if (path_of(PATH_RUNTIME, NULL, path) != 0 || strcmp(path, "/run/user/5/farseat") != 0)
		return 6;
	setenv("XDG_CONFIG_HOME", "relative", 1);
	if (path_of(PATH_CONFIG, NULL, path) != 0 || strcmp(path, "/home/x/.config/farseat") != 0)
		return 7;
	setenv("XDG_CONFIG_HOME", "/conf", 1);
	if (path_of(PATH_CONFIG, NULL, path) != 0 || strcmp(path, "/conf/farseat") != 0)
		return 8;
	return 0;
}

static void test_user(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(as_user());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_too_long(void **state)
{
	char home[PATH_MAX], name[PATH_MAX];

	(void)state;
	memset(home, 'x', sizeof(home) - 1);
	home[sizeof(home) - 1] = '\0';
	home[0] = '/';
	setenv("FARSEAT_HOME", home, 1);
	assert_int_equal(path_of(PATH_DATA, NULL, path), -ENAMETOOLONG);
	setenv("FARSEAT_HOME", "/x", 1);
	memcpy(name, home, sizeof(name));
	assert_int_equal(path_of(PATH_DATA, name, path), -ENAMETOOLONG);
}

static void test_programs(void **state)
{
	(void)state;
	assert_int_equal(path_of_program("farseat-there-is-none", path), -ENOENT);
	assert_int_equal(file_replace(scratch_path("farseat-x"), "#!/bin/true\n", 12, 0600), 0);
	setenv("FARSEAT_LIBEXEC", scratch, 1);
	assert_int_equal(path_of_program("farseat-y", path), -ENOENT);
	assert_int_equal(file_replace(scratch_path("farseat-y"), "#!/bin/true\n", 12, 0700), 0);
	assert_int_equal(path_of_program("farseat-y", path), 0);
	assert_string_equal(path, scratch_path("farseat-y"));
	/* This very program is found beside itself. */
	assert_int_equal(path_of_program("test_paths", path), 0);
}

int main(void)
{
#define ALONE(f) cmocka_unit_test_setup(f, forget)
	const struct CMUnitTest tests[] = {
		ALONE(test_one_folder_for_all),
		ALONE(test_root),
		ALONE(test_user),
		ALONE(test_too_long),
		ALONE(test_programs),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
