#include "server/agent/wlr/socket.h"

#include "common/base/fd.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Between the name of a process and its parent's number: ") S ". */
#define STATE_BYTES 4

/* proc(5), /proc/PID/stat: the parent is the second field behind the name, which may hold anything but
 * ends with the last parenthesis. 0: there is no such process. */
static pid_t parent_of(pid_t pid)
{
	char path[32], line[512];
	long parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return 0;
	const char *behind = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (behind && strlen(behind) > STATE_BYTES)
		parent = strtol(behind + STATE_BYTES, NULL, 10);
	fclose(f);
	return (pid_t)parent;
}

static bool comes_of(pid_t pid, pid_t ancestor)
{
	while (pid > 1 && pid != ancestor)
		pid = parent_of(pid);
	return pid == ancestor;
}

/* Who listens at that path. 0; -ENOENT: nobody; -EAGAIN: nobody yet, or any more. */
static int listener_of(const char *path, struct ucred *out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(*out);
	int r = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENOENT;
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0)
		r = errno == ECONNREFUSED ? -EAGAIN : -ENOENT;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &len) < 0)
		r = -ENOENT;
	fd_close(&fd);
	return r;
}

int wlr_socket_belongs_to(const char *path, pid_t ancestor, pid_t *owner)
{
	struct ucred peer;
	int r = listener_of(path, &peer);

	if (r < 0)
		return r;
	if (!comes_of(peer.pid, ancestor))
		return -ENOENT;
	*owner = peer.pid;
	return 0;
}

int wlr_socket_find(char *out, size_t size, bool *more)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char pattern[256];
	struct ucred peer;
	size_t count = 0;
	glob_t found;
	int n = folder ? snprintf(pattern, sizeof(pattern), "%s/wayland-*[0-9]", folder)
		       : snprintf(pattern, sizeof(pattern), "/run/user/%u/wayland-*[0-9]",
				 (unsigned)geteuid());

	if (n < 0 || n >= (int)sizeof(pattern) || glob(pattern, 0, NULL, &found) != 0)
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (strlen(found.gl_pathv[i]) >= size || listener_of(found.gl_pathv[i], &peer) < 0)
			continue;
		if (count++ == 0)
			snprintf(out, size, "%s", found.gl_pathv[i]);
	}
	globfree(&found);
	*more = count > 1;
	return count > 0 ? 0 : -ENOENT;
}
