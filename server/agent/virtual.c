#include "server/agent/virtual.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/base/process.h"
#include "server/agent/children.h"
#include "server/agent/xauth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SERVER_PROGRAM   "Xvfb"
#define START_TIMEOUT_MS 15000
/* Of the X server, for its socket and lock file; programs were ended before it. */
#define SERVER_GRACE_MS 2000

static bool find_program(const char *name, char out[static PATH_MAX])
{
	const char *path = getenv("PATH");
	const char *at = path && *path ? path : "/usr/local/bin:/usr/bin:/bin";

	while (*at) {
		int len = (int)strcspn(at, ":");
		int n = snprintf(out, PATH_MAX, "%.*s/%s", len, at, name);
		if (len > 0 && n > 0 && n < PATH_MAX && access(out, X_OK) == 0)
			return true;
		at += len;
		at += *at == ':';
	}
	return false;
}

/* --- X server --- */

static int spawn_server(struct virtual_session *v, const char *program, int ready_fd)
{
	char size[32];
	snprintf(size, sizeof(size), "%dx%dx24", VIRTUAL_MAX_WIDTH_PX, VIRTUAL_MAX_HEIGHT_PX);

	const char *const argv[] = {
		SERVER_PROGRAM,
		"-displayfd",
		"3", /* takes a free display and tells which */
		"-auth",
		v->auth_path,
		"-nolisten",
		"tcp",
		"-noreset",
		"-s",
		"0", /* no screen saver */
		"-dpi",
		"96",
		"-background",
		"none",
		"-screen",
		"0",
		size,
		NULL,
	};
	const struct process_spec spec = {
		.path = program,
		.argv = argv,
		.fds = &ready_fd,
		.fd_count = 1,
		.new_session = true,
		.die_with_parent = true,
		.death_signal = SIGTERM, /* removes its socket and lock file */
	};
	return process_start(&spec, &v->server);
}

/* Reads the display's number and a newline. */
static int read_number(int fd, char *out, size_t size)
{
	uint64_t end = clock_now_ms() + START_TIMEOUT_MS;
	size_t len = 0;

	while (len == 0 || out[len - 1] != '\n') {
		uint64_t now = clock_now_ms();
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int n = now < end ? poll(&p, 1, (int)(end - now)) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ETIMEDOUT;
		ssize_t got = read(fd, out + len, size - 1 - len);
		if (got <= 0 || (len += (size_t)got) == size - 1)
			return -EIO;
	}
	out[len - 1] = '\0';
	for (const char *c = out; *c; c++)
		if (*c < '0' || *c > '9')
			return -EIO;
	return out[0] ? 0 : -EIO;
}

static int set_environment(const struct virtual_session *v)
{
	if (setenv("DISPLAY", v->display, 1) < 0 || setenv("XAUTHORITY", v->auth_path, 1) < 0 ||
		setenv("XDG_SESSION_TYPE", "x11", 1) < 0 || unsetenv("WAYLAND_DISPLAY") < 0)
		return -errno;
	return 0;
}

int virtual_start_server(
	struct virtual_session *v, const char *runtime_dir, char *reason, size_t reason_size)
{
	char program[PATH_MAX], number[8];
	uint8_t cookie[XAUTH_COOKIE_BYTES];
	int ready[2] = { -1, -1 };

	*v = (struct virtual_session){ 0 };
	if (!find_program(SERVER_PROGRAM, program)) {
		snprintf(reason, reason_size, "%s is not installed: apt install xvfb",
			SERVER_PROGRAM);
		return -ENOENT;
	}
	int n = snprintf(v->auth_path, sizeof(v->auth_path), "%s/Xauthority", runtime_dir);
	if (n < 0 || (size_t)n >= sizeof(v->auth_path))
		return -ENAMETOOLONG;
	int r = children_adopt();
	if (r == 0)
		r = dir_make(runtime_dir, 0700);
	if (r == 0)
		r = xauth_make_cookie(cookie);
	if (r == 0)
		r = xauth_write(v->auth_path, "", cookie);
	if (r == 0 && pipe2(ready, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0)
		r = spawn_server(v, program, ready[1]);
	fd_close(&ready[1]);
	if (r == 0)
		r = read_number(ready[0], number, sizeof(number));
	fd_close(&ready[0]);
	if (r == 0) {
		snprintf(v->display, sizeof(v->display), ":%s", number);
		r = xauth_write(v->auth_path, number, cookie);
	}
	if (r == 0)
		r = set_environment(v);
	secure_wipe(cookie, sizeof(cookie));
	if (r < 0) {
		snprintf(reason, reason_size, "cannot start %s: %s", SERVER_PROGRAM, strerror(-r));
		virtual_finish(v);
	}
	return r;
}

/* --- session --- */

static const char *first_of(const char *const *names, size_t count)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < count; i++)
		if (find_program(names[i], path))
			return names[i];
	return NULL;
}

static bool has_own_xsession(void)
{
	char path[PATH_MAX];
	const char *home = getenv("HOME");
	int n = home ? snprintf(path, sizeof(path), "%s/.xsession", home) : -1;

	return n > 0 && n < (int)sizeof(path) && access(path, R_OK) == 0;
}

/* A window that is mapped while the manager starts may get neither frame nor focus: the terminal
 * waits until the manager says that it is there (EWMH), two seconds where nobody can ask. */
#define MANAGER_THEN_TERMINAL                                                                       \
	"%s & manager=$!; for i in 1 2 3 4 5 6 7 8 9 10; do "                                       \
	"xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 0x && break; sleep 0.2; done; " \
	"%s & wait $manager"

int virtual_default_command(char *out, size_t size)
{
	static const char *const managers[] = { "x-window-manager", "openbox", "xfwm4", "metacity",
		"icewm", "twm" };
	static const char *const terminals[] = { "x-terminal-emulator", "xfce4-terminal",
		"gnome-terminal", "konsole", "xterm" };
	static const char *const desktops[] = { "x-session-manager" };
	const char *manager = first_of(managers, ARRAY_LEN(managers));
	const char *terminal = first_of(terminals, ARRAY_LEN(terminals));
	int n;

	/* Debian's Xsession sets the person's environment up, and needs something to start. */
	if (access("/etc/X11/Xsession", X_OK) == 0 &&
		(has_own_xsession() || first_of(desktops, ARRAY_LEN(desktops))))
		n = snprintf(out, size, "exec /etc/X11/Xsession");
	else if (manager && terminal)
		n = snprintf(out, size, MANAGER_THEN_TERMINAL, manager, terminal);
	else if (manager || terminal)
		n = snprintf(out, size, "exec %s", manager ? manager : terminal);
	else
		return -ENOENT;
	return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

int virtual_start_session(
	struct virtual_session *v, const char *command, char *reason, size_t reason_size)
{
	char program[PATH_MAX], found[VIRTUAL_COMMAND_MAX_BYTES];
	int r = 0;

	if (!command[0]) {
		r = virtual_default_command(found, sizeof(found));
		if (r < 0) {
			snprintf(reason, reason_size,
				"no desktop, window manager or terminal is installed: give one with --session");
			return r;
		}
		command = found;
	}
	const char *const argv[] = { "farseat-session", command, NULL };
	const struct process_spec spec = {
		.path = program,
		.argv = argv,
		.new_session = true,
		.die_with_parent = true,
		.death_signal = SIGTERM, /* ends all of the session */
	};
	r = path_of_program("farseat-session", program);
	if (r == 0)
		r = process_start(&spec, &v->session);
	if (r < 0)
		snprintf(reason, reason_size, "cannot start the session: %s", strerror(-r));
	else
		log_info("session on display %s: %s", v->display, command);
	return r;
}

const char *virtual_child_ended(struct virtual_session *v, pid_t pid)
{
	if (pid == v->session) {
		v->session = 0;
		return "the session ended";
	}
	if (pid == v->server) {
		v->server = 0;
		return "the session's X server ended";
	}
	return NULL;
}

/* An X server that was killed leaves its socket. Nobody listens on it: it may go. */
static void remove_dead_socket(const struct virtual_session *v)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/.X11-unix/X%s", v->display + 1);
	if (connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0 &&
		errno == ECONNREFUSED)
		unlink(address.sun_path);
	fd_close(&fd);
}

void virtual_finish(struct virtual_session *v)
{
	if (v->server || v->session)
		children_end(SERVER_GRACE_MS);
	if (v->display[0])
		remove_dead_socket(v);
	v->server = 0;
	v->session = 0;
	if (v->auth_path[0])
		unlink(v->auth_path);
	v->auth_path[0] = '\0';
}
