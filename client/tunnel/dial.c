#include "client/tunnel/dial.h"

#include "common/base/fd.h"
#include "common/base/net_address.h"

#include <errno.h>

#define ADDRESSES_MAX 16

static int try_address(const struct net_address *a, int *out)
{
	bool is_multipath;
	int fd = -1;
	int r = net_connect(a, false, &fd, &is_multipath);

	if (r < 0)
		return r;
	int ready = fd_wait_one(fd, FD_WRITE, TUNNEL_DIAL_TIMEOUT_MS);
	r = ready == 0 ? -ETIMEDOUT : ready < 0 ? ready : net_connected(fd);
	if (r < 0)
		fd_close(&fd);
	else
		*out = fd;
	return r;
}

int tunnel_dial(const char *host, uint16_t port, int *fd)
{
	struct net_address all[ADDRESSES_MAX];
	size_t count = 0;
	const char *why;
	int r = net_resolve(host, port, all, ADDRESSES_MAX, &count, &why);

	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < count; i++) {
		r = try_address(&all[i], fd);
		if (r == 0)
			break;
	}
	return r;
}
