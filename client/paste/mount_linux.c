#include "client/paste/mount_linux.h"

#include "common/base/fd.h"
#include "common/base/paths.h"
#include "common/base/process.h"
#include "common/ipc/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read-only for everybody, and neither programs nor devices: names and permissions are the other end's.
 * What the kernel checks by permissions it need not ask us. One request reads what is asked for at once. */
#define OPTIONS                                                                                    \
	"ro,nosuid,nodev,noexec,default_permissions,max_read=131072,fsname=farseat,subtype=farseat"
/* Mounting takes milliseconds; a machine that swaps may take seconds. */
#define MOUNT_MS 10000

/* What it calls a failure is its own sentence, on standard error, in the log of farseat. */
static int run(const char *const argv[], const char *const envp[], int fd)
{
	const struct process_spec spec = {
		.path = path_fusermount(),
		.argv = argv,
		.envp = envp,
		.fds = &fd,
		.fd_count = fd >= 0 ? 1 : 0,
	};
	struct process process;
	int status = 0;

	if (!spec.path)
		return -ENOENT;
	int r = process_start(&spec, &process);
	if (r == 0)
		r = process_wait(&process, MOUNT_MS, &status);
	if (r == -ETIMEDOUT) {
		process_kill(process);
		(void)!process_wait(&process, -1, NULL);
	}
	return r < 0 ? r : status != 0 ? -EIO : 0;
}

/* fusermount3 sends the descriptor with a byte over the socket that _FUSE_COMMFD names. */
static int take_fd(int socket, int *out)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };

	if (recvmsg(socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		return -EIO;
	const struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EIO;
	memcpy(out, CMSG_DATA(c), sizeof(*out));
	return 0;
}

int mount_begin(const char *folder, int *fuse_fd)
{
	const char *const argv[] = { "fusermount3", "-o", OPTIONS, "--", folder, NULL };
	char socket_name[32];
	const char *const envp[] = { socket_name, "PATH=/usr/bin:/bin", NULL };
	int pair[2];

	int r = fd_pair(pair);
	if (r < 0)
		return r;
	snprintf(socket_name, sizeof(socket_name), "_FUSE_COMMFD=%d", PROCESS_FIRST_FD);
	r = run(argv, envp, pair[1]);
	fd_close(&pair[1]);
	if (r == 0)
		r = take_fd(pair[0], fuse_fd);
	fd_close(&pair[0]);
	return r;
}

void mount_end(const char *folder)
{
	const char *const argv[] = { "fusermount3", "-u", "-q", "-z", "--", folder, NULL };
	const char *const envp[] = { "PATH=/usr/bin:/bin", NULL };

	(void)!run(argv, envp, -1); /* it was not mounted */
}
