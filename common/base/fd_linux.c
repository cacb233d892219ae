/* Linux: poll(2), sockets, eventfd(2). */
#include "common/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(struct fd_poll) == sizeof(struct pollfd) &&
		       offsetof(struct fd_poll, want) == offsetof(struct pollfd, events) &&
		       offsetof(struct fd_poll, got) == offsetof(struct pollfd, revents),
	"an fd_poll is a pollfd");
_Static_assert(FD_READ == POLLIN && FD_WRITE == POLLOUT && FD_END == (POLLERR | POLLHUP | POLLNVAL),
	"the bits of poll(2)");

void fd_close(int *fd)
{
	int saved_errno = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved_errno;
}

int fd_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int fd_set_cloexec(int fd, bool on)
{
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? -errno : 0;
}

int fd_wait(struct fd_poll *polls, size_t count, int timeout_ms)
{
	/* The same bytes: asserted above. */
	union {
		struct fd_poll *ours;
		struct pollfd *system;
	} list = { .ours = polls };
	int n = poll(list.system, (nfds_t)count, timeout_ms);

	return n < 0 ? -errno : n;
}

int fd_wait_one(int fd, short want, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = want };
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int fd_read(int fd, void *to, size_t size, size_t *got)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*got = (size_t)n;
	return 0;
}

int fd_write(int fd, const void *bytes, size_t len, size_t *put)
{
	ssize_t n;

	do {
		n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, bytes, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*put = (size_t)n;
	return 0;
}

void fd_no_pipe_signal(void)
{
	signal(SIGPIPE, SIG_IGN);
}

void fd_end_writing(int fd)
{
	(void)!shutdown(fd, SHUT_WR);
}

int fd_pair(int out[static 2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) < 0 ? -errno : 0;
}

int fd_pipe(int out[static 2])
{
	return pipe2(out, O_CLOEXEC) < 0 ? -errno : 0;
}

int fd_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

int fd_event_open(int *out)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	*out = fd;
	return 0;
}

void fd_event_tell(int fd)
{
	/* One that was told 2^64 - 2 times is still told. */
	if (eventfd_write(fd, 1) < 0 && errno != EAGAIN)
		abort(); /* no eventfd of ours */
}

bool fd_event_clear(int fd)
{
	eventfd_t count;

	return eventfd_read(fd, &count) == 0;
}
