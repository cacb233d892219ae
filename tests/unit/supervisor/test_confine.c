/* The daemon's confinement, entered by a child: what it needs is there, the CA's key is not. */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "server/registry/audit.h"
#include "server/registry/identity.h"
#include "server/registry/registry.h"
#include "server/supervisor/confine.h"
#include "tests/unit/registry/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_LANDLOCK 77

/* What a child that is confined says: its exit status. */
static int confined(int (*what)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct settings s = settings_default();
		int r = confine_daemon(&s, NULL);
		_exit(r < 0 ? 100 : r == 1 ? NO_LANDLOCK : what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_LANDLOCK)
		skip();
	return WEXITSTATUS(status);
}

static int setup(void **state)
{
	char path[PATH_MAX];

	if (home_setup(state) < 0 || dir_make(home_file("data/ca", path), 0700) < 0 ||
		dir_make(home_file("state/log", path), 0700) < 0 ||
		dir_make(home_file("state/" REGISTRY_LATEST, path), 0700) < 0 ||
		dir_make(home_file("run", path), 0700) < 0 ||
		dir_make(home_file("config", path), 0700) < 0)
		return -1;
	if (dir_make(home_file("bin", path), 0700) < 0 || setenv("FARSEAT_LIBEXEC", path, 1) < 0)
		return -1;
	home_write("bin/farseat-worker", "");
	if (chmod(home_file("bin/farseat-worker", path), 0700) < 0)
		return -1;
	home_write("data/" IDENTITY_CA_KEY, "secret");
	home_write("data/" IDENTITY_KEY, "key");
	home_write("config/farseat.conf", settings_sample);
	return 0;
}

static bool refused(const char *name, int flags)
{
	char path[PATH_MAX];
	int fd = open(home_file(name, path), flags | O_CLOEXEC, 0600);

	return fd < 0 && errno == EACCES;
}

static int reaches_the_ca(void)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (!refused("data/ca/ca.key", O_RDONLY) || !refused("data/ca/ca.key", O_WRONLY) ||
		!refused("data/ca/new", O_WRONLY | O_CREAT) || !refused("data/ca", O_RDONLY))
		return 1;
	/* Nor by another name. */
	home_file("data/ca/ca.key", from);
	home_file("data/server/ca.key", to);
	if (rename(from, to) == 0 || link(from, to) == 0)
		return 2;
	if (symlink(from, to) == 0 && !refused("data/server/ca.key", O_RDONLY))
		return 3;
	return chdir(home_file("data/ca", from)) == 0 && open("ca.key", O_RDONLY) >= 0 ? 4 : 0;
}

static int does_its_work(void)
{
	struct registry r = { .server_id = "ws-1", .workstation = "office" };
	struct registry back;
	struct settings settings;
	struct buffer text;
	char error[REGISTRY_ERROR_MAX_BYTES], path[PATH_MAX];
	int lock;

	if (registry_lock(&lock) < 0 || registry_save(&r) < 0 || registry_load(&back, error) < 0)
		return 1;
	audit_write("test", NULL);
	if (audit_path(clock_wall_s(), path) < 0 || access(path, F_OK) < 0)
		return 2;
	if (access(home_file("state/" REGISTRY_LATEST "/registry.json", path), F_OK) < 0)
		return 6;
	if (settings_read(&settings, NULL, error) < 0)
		return 3;
	if (file_read(home_file("data/" IDENTITY_KEY, path), 100, &text) < 0)
		return 4;
	if (file_replace(home_file("run/x", path), "x", 1, 0600) < 0)
		return 5;
	return 0;
}

static int strays(void)
{
	return refused("config/farseat.conf", O_WRONLY) && refused("new", O_WRONLY | O_CREAT) &&
			       open("/root", O_RDONLY | O_DIRECTORY) < 0 &&
			       open("/tmp/farseat-unit-stray", O_WRONLY | O_CREAT, 0600) < 0
		       ? 0
		       : 1;
}

static void the_ca_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(confined(reaches_the_ca), 0);
}

static void its_own_files_are_not(void **state)
{
	(void)state;
	assert_int_equal(confined(does_its_work), 0);
}

static void everything_else_is(void **state)
{
	(void)state;
	assert_int_equal(confined(strays), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_ca_is_out_of_reach, setup, home_teardown),
		cmocka_unit_test_setup_teardown(its_own_files_are_not, setup, home_teardown),
		cmocka_unit_test_setup_teardown(everything_else_is, setup, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
