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

/* Dead peers without a word: first probe after 10 s, then every 3 s, lost after three. */
#define KEEPALIVE_IDLE 10
#define KEEPALIVE_EACH 3
#define KEEPALIVE_MISS 3

bool net_tune_carrier(int fd, int unsent_bytes)
{
	const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE },
		{ IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_EACH },
		{ IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_MISS },
	};
	bool is_tcp = false;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		int r = setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			sizeof(options[i].value));
		is_tcp = is_tcp || (i == 0 && r == 0);
	}
	return is_tcp;
}

void net_acknowledge(int fd)
{
	int on = 1;

	(void)!setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

void net_limit_send(int fd, int bytes)
{
	(void)!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

void net_drop_unsent(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)!setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int net_open_multipath(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd >= 0 && limit_unsent(fd) < 0)
		fd_close(&fd);
	return fd;
}
