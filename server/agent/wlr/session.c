#include "server/agent/wlr/session.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "server/agent/children.h"
#include "server/agent/wlr/socket.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_MS 15000
/* A socket is bound a moment before it listens, and nothing tells of the second. */
#define LISTEN_MS 20
/* Of the compositor, to close its windows and remove its sockets. */
#define END_GRACE_MS 1500

/* --- what the compositor is told --- */

static bool has_graphics_card(void)
{
	glob_t found;
	bool has = glob("/dev/dri/renderD*", GLOB_NOSORT, NULL, &found) == 0;

	if (has)
		globfree(&found);
	return has;
}

/* A service of the machine has no folder of its user's: then it is ours. */
static int settle_runtime_dir(const char *runtime_dir)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (folder && folder[0] == '/' && stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	int r = dir_make(runtime_dir, 0700);
	return r == 0 && setenv("XDG_RUNTIME_DIR", runtime_dir, 1) < 0 ? -errno : r;
}

/* What the person has set of these (in front of the command as well) is left as it is. */
static int set_environment(void)
{
	static const char *const others[] = { "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET",
		"SWAYSOCK", "LABWC_PID" };
	int r = setenv("WLR_BACKENDS", "headless", 0) | setenv("WLR_LIBINPUT_NO_DEVICES", "1", 0) |
		setenv("XDG_SESSION_TYPE", "wayland", 1);

	if (!has_graphics_card())
		r |= setenv("WLR_RENDERER", "pixman", 0);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		r |= unsetenv(others[i]);
	return r < 0 ? -ENOMEM : 0;
}

/* --- its socket --- */

/* Looks through the folder. 0, -ENOENT: not there yet; -EAGAIN: one is about to listen. */
static int find_socket(struct wlr_session *s)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char pattern[sizeof(s->socket)];
	glob_t found;
	pid_t owner;
	int r = -ENOENT;

	int n = snprintf(pattern, sizeof(pattern), "%s/wayland-*[0-9]", folder ? folder : "");
	if (n < 0 || n >= (int)sizeof(pattern))
		return -ENAMETOOLONG;
	if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc && !s->socket[0]; i++) {
		int one = wlr_socket_belongs_to(found.gl_pathv[i], s->desktop.pid, &owner);
		r = one == -ENOENT ? r : one;
		if (r != 0)
			continue;
		s->compositor_fd = pidfd_open(owner, 0);
		if (s->compositor_fd < 0)
			r = -errno;
		else
			snprintf(s->socket, sizeof(s->socket), "%s", found.gl_pathv[i]);
	}
	globfree(&found);
	return r;
}

/* fds[0]: the folder has changed; fds[1]: the compositor has ended. */
static int wait_for_socket(struct wlr_session *s, struct pollfd fds[static 2])
{
	uint64_t end_ms = clock_now_ms() + START_TIMEOUT_MS;
	char events[4096];

	for (;;) {
		int r = find_socket(s);
		uint64_t now_ms = clock_now_ms();
		if (r != -ENOENT && r != -EAGAIN)
			return r;
		if (now_ms >= end_ms)
			return -ETIMEDOUT;
		int wait_ms = r == -EAGAIN ? LISTEN_MS : (int)(end_ms - now_ms);
		if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return -ECHILD;
		if (fds[0].revents && read(fds[0].fd, events, sizeof(events)) < 0)
			return -errno;
	}
}

static int start(struct wlr_session *s, const char *command, char *reason, size_t reason_size)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	struct pollfd fds[2] = { { .fd = inotify_init1(IN_CLOEXEC), .events = POLLIN },
		{ .fd = -1, .events = POLLIN } };
	int r = 0;

	/* Before the start, so that no news is missed. */
	if (fds[0].fd < 0 || inotify_add_watch(fds[0].fd, folder ? folder : "", IN_CREATE) < 0)
		r = -errno;
	if (r == 0)
		r = desktop_start(&s->desktop, command, "of its own", reason, reason_size);
	if (r == 0) {
		fds[1].fd = pidfd_open(s->desktop.pid, 0);
		r = fds[1].fd < 0 ? -errno : wait_for_socket(s, fds);
	}
	if (r == -ECHILD)
		(void)waitpid(s->desktop.pid, NULL, WNOHANG);
	fd_close(&fds[0].fd);
	fd_close(&fds[1].fd);
	return r;
}

static void explain(int r, const char *command, char *reason, size_t reason_size)
{
	if (r == -ECHILD)
		snprintf(reason, reason_size,
			"the session's compositor ended at once; what it said is in farseatd's log: %.60s",
			command);
	else
		snprintf(reason, reason_size, "the session's compositor does not start: %s: %.60s",
			r == -ETIMEDOUT ? "it opens no socket in $XDG_RUNTIME_DIR" : strerror(-r),
			command);
}

int wlr_session_start(struct wlr_session *s, const char *command, const char *runtime_dir,
	char *reason, size_t reason_size)
{
	*s = (struct wlr_session){ 0 };
	int r = children_adopt();
	if (r == 0)
		r = settle_runtime_dir(runtime_dir);
	if (r == 0)
		r = set_environment();
	if (r == 0)
		r = start(s, command, reason, reason_size);
	if (r < 0) {
		explain(r, command, reason, reason_size);
		wlr_session_finish(s);
	}
	return r;
}

bool wlr_session_ended(struct wlr_session *s, pid_t pid)
{
	return desktop_ended(&s->desktop, pid);
}

/* By the one signal at which it removes its sockets. All that is left is ended afterwards. */
static void end_compositor(struct wlr_session *s)
{
	struct pollfd ended = { .fd = s->compositor_fd, .events = POLLIN };

	if (pidfd_send_signal(s->compositor_fd, SIGTERM, NULL, 0) == 0)
		(void)poll(&ended, 1, END_GRACE_MS);
	fd_close(&s->compositor_fd);
}

/* One that was killed leaves its socket. Nobody listens on it: it may go. */
static void remove_dead_socket(const struct wlr_session *s)
{
	pid_t owner;

	if (wlr_socket_belongs_to(s->socket, 0, &owner) == -EAGAIN)
		unlink(s->socket);
}

void wlr_session_finish(struct wlr_session *s)
{
	if (s->socket[0])
		end_compositor(s);
	desktop_finish(&s->desktop);
	if (s->socket[0])
		remove_dead_socket(s);
	s->socket[0] = '\0';
}
