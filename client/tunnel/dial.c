#include "client/tunnel/dial.h"

#include "common/base/fd.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

static int try_address(const struct addrinfo *a, int *out)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;
	socklen_t len = sizeof(error);

	if (fd < 0)
		return -errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS) {
		error = errno;
	} else {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		int n = poll(&p, 1, TUNNEL_DIAL_TIMEOUT_MS);
		if (n == 0)
			error = ETIMEDOUT;
		else if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
			error = errno;
	}
	if (error != 0) {
		fd_close(&fd);
		return -error;
	}
	*out = fd;
	return 0;
}

int tunnel_dial(const char *host, uint16_t port, int *fd)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL;
	char service[8];
	int r = -ENOENT;

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	if (getaddrinfo(host, service, &hints, &all) != 0)
		return -ENOENT;
	for (const struct addrinfo *a = all; a; a = a->ai_next) {
		r = try_address(a, fd);
		if (r == 0)
			break;
	}
	freeaddrinfo(all);
	return r;
}
