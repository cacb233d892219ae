#include "server/agent/wlr/socket.h"

#include "common/base/fd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* proc(5), /proc/PID/stat: the parent is the second field behind the name, which may hold anything but
 * ends with the last parenthesis. 0: there is no such process. */
static pid_t parent_of(pid_t pid)
{
	char path[32], line[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return 0;
	const char *behind = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (!behind || sscanf(behind + 1, " %*c %d", &parent) != 1)
		parent = 0;
	fclose(f);
	return parent;
}

static bool comes_of(pid_t pid, pid_t ancestor)
{
	while (pid > 1 && pid != ancestor)
		pid = parent_of(pid);
	return pid == ancestor;
}

int wlr_socket_belongs_to(const char *path, pid_t ancestor, pid_t *owner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int r = -ENOENT;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENOENT;
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0)
		r = errno == ECONNREFUSED ? -EAGAIN : -ENOENT;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
		 comes_of(peer.pid, ancestor))
		r = 0;
	if (r == 0)
		*owner = peer.pid;
	fd_close(&fd);
	return r;
}
