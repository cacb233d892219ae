#include "server/agent/x11/server.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/process_linux.h"
#include "server/agent/children.h"
#include "server/agent/x11/xauth.h"

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

#define START_TIMEOUT_MS 15000
/* Of the X server, for its socket and lock file; programs were ended before it. */
#define SERVER_GRACE_MS 2000

static int spawn_server(struct x11_server *s, int ready_fd)
{
	int null = fd_null();
	const int silent[] = { null, null, null };
	const struct process_spec spec = {
		.path = s->command.program,
		.argv = s->command.argv,
		.fds = &ready_fd,
		.fd_count = 1,
		.stdio = s->command.is_talkative && null >= 0 ? silent : NULL,
		.new_session = true,
		.die_with_parent = true,
		.death_signal = SIGTERM, /* removes its socket and lock file */
	};

	int r = process_start_pid(&spec, &s->pid);
	fd_close(&null);
	return r;
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

static int set_environment(const struct x11_server *s)
{
	if (setenv("DISPLAY", s->display, 1) < 0 || setenv("XAUTHORITY", s->auth_path, 1) < 0 ||
		setenv("XDG_SESSION_TYPE", "x11", 1) < 0 || unsetenv("WAYLAND_DISPLAY") < 0)
		return -errno;
	return 0;
}

/* An X server that was killed leaves its socket. Nobody listens on it: it may go. */
static void remove_dead_socket(const struct x11_server *s)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/.X11-unix/X%s", s->display + 1);
	if (connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0 &&
		errno == ECONNREFUSED)
		unlink(address.sun_path);
	fd_close(&fd);
}

/* Ends it, with every other child of this process, and removes what it left. */
static void stop(struct x11_server *s)
{
	if (s->pid)
		children_end(SERVER_GRACE_MS);
	if (s->display[0])
		remove_dead_socket(s);
	x11_server_command_finish(&s->command);
	s->pid = 0;
	s->display[0] = '\0';
}

/* The command's server; the cookie gets the number of its display. */
static int start_one(struct x11_server *s, const uint8_t cookie[static XAUTH_COOKIE_BYTES])
{
	char number[8];
	int ready[2];

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	int r = spawn_server(s, ready[1]);
	fd_close(&ready[1]);
	if (r == 0)
		r = read_number(ready[0], number, sizeof(number));
	fd_close(&ready[0]);
	if (r < 0)
		return r;
	snprintf(s->display, sizeof(s->display), ":%s", number);
	r = xauth_write(s->auth_path, number, cookie);
	return r < 0 ? r : set_environment(s);
}

/* Where a server does not start, the next kind may; the log of the last one stays, to be read. */
static int start_first(struct x11_server *s, const char *runtime_dir,
	const uint8_t cookie[static XAUTH_COOKIE_BYTES], char *reason, size_t reason_size)
{
	int r = -ENOENT;

	snprintf(reason, reason_size,
		"no X server is installed: apt install xserver-xorg-core xserver-xorg-video-dummy (or xvfb)");
	for (int kind = 0; kind < X11_SERVER_KINDS; kind++) {
		struct x11_server_command *c = &s->command;
		int made = x11_server_command_make(
			c, (enum x11_server_kind)kind, runtime_dir, s->auth_path);
		if (made == -ENOENT)
			continue;
		r = made < 0 ? made : start_one(s, cookie);
		if (r == 0) {
			log_info("this session's X server is %s, display %s", c->name, s->display);
			return 0;
		}
		snprintf(reason, reason_size, "cannot start %s: %s%s%.200s", c->name, strerror(-r),
			c->log_path[0] ? "; it says why in " : "", c->log_path);
		log_warn("%s", reason);
		c->log_path[0] = '\0';
		stop(s);
	}
	return r;
}

int x11_server_start(
	struct x11_server *s, const char *runtime_dir, char *reason, size_t reason_size)
{
	uint8_t cookie[XAUTH_COOKIE_BYTES];

	*s = (struct x11_server){ 0 };
	int n = snprintf(s->auth_path, sizeof(s->auth_path), "%s/Xauthority", runtime_dir);
	if (n < 0 || (size_t)n >= sizeof(s->auth_path))
		return -ENAMETOOLONG;
	int r = children_adopt();
	if (r == 0)
		r = dir_make(runtime_dir, 0700);
	if (r == 0)
		r = xauth_make_cookie(cookie);
	if (r == 0)
		r = xauth_write(s->auth_path, "", cookie);
	if (r < 0)
		snprintf(reason, reason_size, "cannot prepare an X server in %s: %s", runtime_dir,
			strerror(-r));
	else
		r = start_first(s, runtime_dir, cookie, reason, reason_size);
	secure_wipe(cookie, sizeof(cookie));
	if (r < 0)
		x11_server_finish(s);
	return r;
}

bool x11_server_ended(struct x11_server *s, pid_t pid)
{
	if (s->pid == 0 || pid != s->pid)
		return false;
	s->pid = 0;
	return true;
}

void x11_server_finish(struct x11_server *s)
{
	stop(s);
	if (s->auth_path[0])
		unlink(s->auth_path);
	s->auth_path[0] = '\0';
}
