/* A machine that schedules as badly as it may, for LD_PRELOAD: now and then a program is delayed by
 * some milliseconds before it reads or writes a socket, and after it has waited. What is right only
 * because two things never happen at once comes out. Delays with ppoll, which every confined
 * program may use. */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ONE_OF      12 /* calls is delayed */
#define DELAY_MS    5  /* by less than this */
#define NS_PER_MS   1000000
#define MS_PER_S    1000
#define SIGSET_SIZE 8 /* the kernel's, in bytes */

static uint64_t state;

__attribute__((constructor)) static void seed(void)
{
	state = ((uint64_t)getpid() * 0x9e3779b97f4a7c15U) ^ (uint64_t)time(NULL);
}

/* Xorshift (Marsaglia 2003). */
static void delay(void)
{
	int before = errno;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	if ((state >> 33) % ONE_OF == 0) {
		struct timespec t = { 0, (long)((state >> 40) % DELAY_MS) * NS_PER_MS };
		syscall(SYS_ppoll, NULL, 0, &t, NULL, SIGSET_SIZE);
	}
	errno = before;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	delay();
	return syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	delay();
	return syscall(SYS_recvmsg, fd, message, flags);
}

ssize_t recv(int fd, void *out, size_t len, int flags)
{
	delay();
	return syscall(SYS_recvfrom, fd, out, len, flags, NULL, NULL);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	delay();
	return syscall(SYS_writev, fd, parts, count);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec t = { timeout_ms / MS_PER_S, (long)(timeout_ms % MS_PER_S) * NS_PER_MS };
	int r = (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &t, NULL, SIGSET_SIZE);

	delay();
	return r;
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	int r = (int)syscall(SYS_epoll_pwait, fd, events, max, timeout_ms, NULL, SIGSET_SIZE);

	delay();
	return r;
}
