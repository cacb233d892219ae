/*
 * The screen's X server: what command lines, cgroups and logind's files say, and which server is taken.
 * The servers are this program again, under an X server's name, with sockets in a /tmp/.X11-unix of
 * their own.
 */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "server/agent/x11/find.h"
#include "server/agent/x11/seat.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRANGER 65533

/* ---- texts ---- */

static void read_line(const char *const *words, size_t count, struct x11_server_line *out)
{
	char text[512];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(text + len, words[i], strlen(words[i]) + 1);
		len += strlen(words[i]) + 1;
	}
	x11_read_server_line(text, len, out);
}

static void command_lines_are_read(void **state)
{
	static const char *const lightdm[] = { "/usr/lib/xorg/Xorg", ":0", "-seat", "seat0",
		"-auth", "/var/run/lightdm/root/:0", "-nolisten", "tcp", "vt7", "-novtswitch" };
	static const char *const xvfb[] = { "Xvfb", ":3", "-auth", "relative", "vtx" };
	static const char *const xwayland[] = { "/usr/bin/Xwayland", ":0", "-auth", "/a", "vt" };
	static const char *const dummy[] = { "Xorg", "-displayfd", "3", "-auth", "/a",
		"-sharevts" };
	struct x11_server_line line;

	(void)state;
	read_line(dummy, ARRAY_LEN(dummy), &line);
	assert_false(line.screen);
	read_line(lightdm, ARRAY_LEN(lightdm), &line);
	assert_true(line.screen);
	assert_false(line.wayland);
	assert_int_equal(line.vt, 7);
	assert_string_equal(line.auth, "/var/run/lightdm/root/:0");
	read_line(xvfb, ARRAY_LEN(xvfb), &line);
	assert_false(line.screen);
	assert_int_equal(line.vt, 0);
	assert_string_equal(line.auth, "");
	read_line(xwayland, ARRAY_LEN(xwayland), &line);
	assert_true(line.wayland);
	assert_false(line.screen);
	x11_read_server_line("X", 1, &line); /* cut: no end */
	assert_false(line.screen);
	x11_read_server_line("", 0, &line);
	assert_false(line.screen);
}

static void sessions_are_read(void **state)
{
	static const char *const bad[] = { "", "0::/user.slice/user@1000.service\n",
		"0::/user.slice/session-.scope\n", "0::/session-../../x.scope\n",
		"0::/session-1.service\n", "0::/session-C2.scope\n",
		"0::/session-0123456789012345678901234567890123.scope\n" };
	char id[SEAT_SESSION_MAX_BYTES];

	(void)state;
	assert_true(seat_read_cgroup("0::/user.slice/user-1000.slice/session-c2.scope\n", id));
	assert_string_equal(id, "c2");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(seat_read_cgroup(bad[i], id));

	assert_true(seat_is_front("# x\nUID=1000\nACTIVE=1\nSEAT=seat0\n", 1000));
	assert_false(seat_is_front("UID=1000\nACTIVE=1\nSEAT=seat0\n", 1001));
	assert_false(seat_is_front("UID=1000\nACTIVE=0\nSEAT=seat0\n", 1000));
	assert_false(seat_is_front("UID=1000\nACTIVE=1\n", 1000)); /* over ssh */
	assert_false(seat_is_front("UID=1000\nACTIVE=1\nSEAT=\n", 1000));
	assert_false(seat_is_front("UID=\nACTIVE=1\nSEAT=seat0\n", 0));
	assert_false(seat_is_front("UID=10\nACTIVE=10\nSEAT=seat0\n", 10));
	assert_false(seat_is_front("", 0));
}

/* ---- servers ---- */

/* This program as an X server: "NAME :N -auth FILE UID". Ends when its standard input does. */
static int be_a_server(char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char end;

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/.X11-unix/X%s", argv[1] + 1);
	if (setuid((uid_t)atoi(argv[4])) < 0)
		return 1;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 5) < 0)
		return 1;
	if (write(1, "x", 1) != 1)
		return 1;
	return read(0, &end, 1) < 0;
}

struct played {
	pid_t pid;
	int input; /* until it is closed */
};

static struct played play(const char *name, const char *display, const char *auth, const char *uid)
{
	struct played p;
	int in[2], out[2];
	char ready;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	p.pid = fork();
	if (p.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execl("/proc/self/exe", name, display, "-auth", auth, uid, (char *)NULL);
		_exit(1);
	}
	close(in[0]);
	close(out[1]);
	assert_int_equal(read(out[0], &ready, 1), 1);
	close(out[0]);
	p.input = in[1];
	return p;
}

static void stop(const struct played *p)
{
	close(p->input);
	assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
}

/* A folder of sockets of this process's own. */
static int alone(void **state)
{
	static bool done;

	(void)state;
	if (geteuid() != 0)
		return 0;
	if (!done && (dir_make("/tmp/.X11-unix", 01777) < 0 || unshare(CLONE_NEWNS) < 0 ||
			     mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0))
		return 0;
	if (!done && mount("tmpfs", "/tmp/.X11-unix", "tmpfs", 0, "mode=1777") < 0)
		return -1;
	done = true;
	*state = &done;
	return 0;
}

static void the_screen_is_found(void **state)
{
	char reason[256] = "", cookies[] = "/tmp/farseat-find-XXXXXX";
	struct x11_found found;
	struct stat named, opened;

	if (!*state)
		skip();
	assert_int_equal(x11_find_screen(&found, reason, sizeof(reason)), -ENOENT);
	assert_non_null(strstr(reason, "no X server"));
	int fd = mkstemp(cookies);
	assert_true(fd >= 0);
	struct played nested = play("Xvfb", ":1", cookies, "0");
	struct played screen = play("/usr/lib/xorg/Xorg", ":7", cookies, "0");
	struct played second = play("X", ":12", "/none", "0");
	assert_int_equal(x11_find_screen(&found, reason, sizeof(reason)), 0);
	assert_string_equal(found.display, ":7");
	assert_int_equal(fstat(fd, &named), 0);
	assert_int_equal(stat(found.xauthority, &opened), 0);
	assert_int_equal(named.st_ino, opened.st_ino);
	stop(&screen); /* its socket stays behind, and nobody listens there */
	assert_int_equal(x11_find_screen(&found, reason, sizeof(reason)), 0);
	assert_string_equal(found.display, ":12");
	assert_string_equal(found.xauthority, "");
	stop(&second);
	stop(&nested);
	unlink("/tmp/.X11-unix/X1");
	unlink("/tmp/.X11-unix/X7");
	unlink("/tmp/.X11-unix/X12");
	close(fd);
	unlink(cookies);
}

/* Who is not at the screen cannot make root's farseatd show theirs, nor have another's cookies sent. */
static void a_stranger_is_not_taken(void **state)
{
	char reason[256] = "", cookies[X11_FIND_PATH_MAX_BYTES],
	     roots[] = "/tmp/farseat-find-XXXXXX";
	struct x11_found found;

	if (!*state)
		skip();
	int fd = mkstemp(roots);
	assert_true(fd >= 0);
	struct played stranger = play("Xorg", ":3", roots, TEXT_OF(STRANGER));
	assert_int_equal(x11_find_screen(&found, reason, sizeof(reason)), -ENOENT);
	assert_non_null(strstr(reason, "not at its screen"));
	x11_find_cookies(":3", cookies);
	assert_string_equal(cookies, "");
	assert_int_equal(fchown(fd, STRANGER, STRANGER), 0);
	x11_find_cookies(":3.0", cookies);
	assert_string_not_equal(cookies, "");
	x11_find_cookies("localhost:3", cookies);
	assert_string_equal(cookies, "");
	x11_find_cookies(":", cookies);
	assert_string_equal(cookies, "");
	stop(&stranger);
	unlink("/tmp/.X11-unix/X3");
	struct played wayland = play("Xwayland", ":3", "/none", TEXT_OF(STRANGER));
	assert_int_equal(x11_find_screen(&found, reason, sizeof(reason)), -ENOENT);
	assert_non_null(strstr(reason, "Wayland"));
	stop(&wayland);
	unlink("/tmp/.X11-unix/X3");
	close(fd);
	unlink(roots);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_are_read),
		cmocka_unit_test(sessions_are_read),
		cmocka_unit_test_setup(the_screen_is_found, alone),
		cmocka_unit_test_setup(a_stranger_is_not_taken, alone),
	};

	return argc == 5 ? be_a_server(argv) : cmocka_run_group_tests(tests, NULL, NULL);
}
