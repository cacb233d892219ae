/* Linux: tcp(7), and TCP_NOTSENT_LOWAT. */
#include "common/base/net_tune.h"

#include "common/base/fd.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* linux/in.h; older C libraries lack it */
#endif

static int limit_unsent(int fd)
{
	int bytes = NET_NOTSENT_BYTES;

	return setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}

void net_tune(int fd)
{
	int on = 1;

	/* Not TCP (a tunnel's stdio): there is nothing to tune. */
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)!limit_unsent(fd);
}

int net_open_multipath(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd >= 0 && limit_unsent(fd) < 0)
		fd_close(&fd);
	return fd;
}
