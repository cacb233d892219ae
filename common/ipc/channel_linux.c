/* Linux: sockets of whole packets (SOCK_SEQPACKET), which pass descriptors (SCM_RIGHTS). */
#include "common/ipc/channel.h"

#include "common/base/buffer.h"
#include "common/base/fd.h"
#include "common/wire/limits.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What comes meanwhile has the rest of the queue. */
#define BESIDE_THE_CLIPBOARD_BYTES (64U * 1024)

static_assert(WIRE_CLIPBOARD_WINDOWS_BYTES + BESIDE_THE_CLIPBOARD_BYTES <= IPC_QUEUE_MAX_BYTES,
	"what may be under way of the clipboard fits the queue to one who stands still");

struct ipc_queued {
	struct ipc_queued *next;
	int fd; /* owned; -1 none */
	size_t len;
	uint8_t bytes[];
};

int ipc_pair(int fds[static 2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0
		       ? -errno
		       : 0;
}

int ipc_channel_init(struct ipc_channel *c, int fd)
{
	*c = (struct ipc_channel){ .fd = fd };
	int r = fd_set_nonblock(fd);
	if (r == 0)
		r = fd_set_cloexec(fd, true);
	if (r == 0) {
		c->packet = malloc(IPC_PACKET_MAX_BYTES);
		c->outgoing = malloc(IPC_PACKET_MAX_BYTES);
		if (!c->packet || !c->outgoing)
			r = -ENOMEM;
	}
	if (r < 0)
		ipc_channel_finish(c);
	return r;
}

static void drop_first(struct ipc_channel *c)
{
	struct ipc_queued *q = c->first;

	c->first = q->next;
	if (!c->first)
		c->last = NULL;
	c->queued_bytes -= q->len;
	fd_close(&q->fd);
	secure_wipe(q->bytes, q->len);
	free(q);
}

static void drop_room(uint8_t **room)
{
	if (!*room)
		return;
	secure_wipe(*room, IPC_PACKET_MAX_BYTES);
	free(*room);
	*room = NULL;
}

void ipc_channel_finish(struct ipc_channel *c)
{
	while (c->first)
		drop_first(c);
	drop_room(&c->packet);
	drop_room(&c->outgoing);
	fd_close(&c->fd);
}

/* The control message of one descriptor, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int send_now(int socket_fd, const uint8_t *bytes, size_t len, int fd)
{
	union control control = { 0 };
	union {
		const uint8_t *in;
		void *out;
	} base = { .in = bytes }; /* iovec has no const; sendmsg does not write */
	struct iovec part = { .iov_base = base.out, .iov_len = len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	for (;;) {
		ssize_t n = sendmsg(socket_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == ENOBUFS)
			return -EAGAIN;
		return errno == ECONNRESET ? -EPIPE : -errno;
	}
}

static int enqueue(struct ipc_channel *c, const uint8_t *bytes, size_t len, int fd)
{
	if (len > IPC_QUEUE_MAX_BYTES - c->queued_bytes)
		return -E2BIG;
	struct ipc_queued *q = malloc(sizeof(*q) + len);
	if (!q)
		return -ENOMEM;
	*q = (struct ipc_queued){ .fd = -1, .len = len };
	if (fd >= 0) {
		q->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (q->fd < 0) {
			int r = -errno;
			free(q);
			return r;
		}
	}
	memcpy(q->bytes, bytes, len);
	if (c->last)
		c->last->next = q;
	else
		c->first = q;
	c->last = q;
	c->queued_bytes += len;
	return 0;
}

int ipc_send(struct ipc_channel *c, const uint8_t *bytes, size_t len, int fd)
{
	if (c->fd < 0)
		return -EPIPE;
	if (len == 0 || len > IPC_PACKET_MAX_BYTES)
		return -E2BIG;
	if (!c->first) {
		int r = send_now(c->fd, bytes, len, fd);
		if (r != -EAGAIN)
			return r;
	}
	return enqueue(c, bytes, len, fd);
}

int ipc_flush(struct ipc_channel *c)
{
	while (c->first) {
		int r = send_now(c->fd, c->first->bytes, c->first->len, c->first->fd);
		if (r < 0)
			return r;
		drop_first(c);
	}
	return 0;
}

bool ipc_wants_write(const struct ipc_channel *c)
{
	return c->first != NULL;
}

/* Takes the one descriptor out of a received message; more than one: closes all and says false. */
static bool take_fd(struct msghdr *message, int *fd)
{
	bool good = !(message->msg_flags & MSG_CTRUNC);

	*fd = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int one;
			memcpy(&one, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (*fd < 0)
				*fd = one;
			else {
				fd_close(&one);
				good = false;
			}
		}
	}
	if (!good)
		fd_close(fd);
	return good;
}

int ipc_receive(struct ipc_channel *c, const uint8_t **bytes, size_t *len, int *fd)
{
	union control control;
	struct iovec part = { .iov_base = c->packet, .iov_len = IPC_PACKET_MAX_BYTES };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	*fd = -1;
	if (c->fd < 0)
		return -EPIPE;
	do
		n = recvmsg(c->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -EAGAIN : errno == ECONNRESET ? -EPIPE : -errno;
	if (!take_fd(&message, fd))
		return -EPROTO;
	if (n == 0) { /* closed; nobody sends empty packets */
		fd_close(fd);
		return -EPIPE;
	}
	if (message.msg_flags & MSG_TRUNC) {
		fd_close(fd);
		return -EPROTO;
	}
	*bytes = c->packet;
	*len = (size_t)n;
	return 1;
}

void ipc_forget(struct ipc_channel *c)
{
	secure_wipe(c->packet, IPC_PACKET_MAX_BYTES);
}

int ipc_wait(struct ipc_channel *c, int timeout_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}
