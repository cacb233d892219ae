/* Packets and descriptors between two processes' ends. */
#include "tests/unit/cmocka_first.h"

#include "common/base/fd.h"
#include "common/ipc/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct ipc_channel a, b;

static int open_both(void **state)
{
	int fds[2];

	(void)state;
	if (ipc_pair(fds) < 0 || ipc_channel_init(&a, fds[0]) < 0 ||
		ipc_channel_init(&b, fds[1]) < 0)
		return -1;
	return 0;
}

static int close_both(void **state)
{
	(void)state;
	ipc_channel_finish(&a);
	ipc_channel_finish(&b);
	return 0;
}

static void test_packets_keep_their_edges(void **state)
{
	const uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), -EAGAIN);
	assert_int_equal(ipc_send(&a, (const uint8_t *)"one", 3, -1), 0);
	assert_int_equal(ipc_send(&a, (const uint8_t *)"seven!!", 7, -1), 0);
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), 1);
	assert_int_equal(len, 3);
	assert_int_equal(fd, -1);
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), 1);
	assert_int_equal(len, 7);
	assert_memory_equal(bytes, "seven!!", 7);
}

static void test_a_descriptor_arrives(void **state)
{
	const uint8_t *bytes;
	size_t len;
	int pipe_fds[2], fd;
	char c = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(ipc_send(&a, (const uint8_t *)"x", 1, pipe_fds[1]), 0);
	fd_close(&pipe_fds[1]);
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), 1);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "y", 1), 1);
	assert_int_equal(read(pipe_fds[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	fd_close(&fd);
	fd_close(&pipe_fds[0]);
}

static void test_two_descriptors_are_refused(void **state)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	const int fds[2] = { 1, 2 };
	const uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(a.fd, &m, 0), 1);
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), -EPROTO);
	assert_int_equal(fd, -1);
}

static void test_a_full_socket_queues_up_to_the_limit(void **state)
{
	uint8_t *packet = calloc(1, IPC_PACKET_MAX_BYTES);
	const uint8_t *bytes;
	size_t len, sent = 0, received = 0;
	int fd, r;

	(void)state;
	assert_non_null(packet);
	while ((r = ipc_send(&a, packet, IPC_PACKET_MAX_BYTES, -1)) == 0)
		sent++;
	assert_int_equal(r, -E2BIG);
	assert_true(ipc_wants_write(&a));
	assert_true(a.queued_bytes <= IPC_QUEUE_MAX_BYTES);
	for (;;) {
		r = ipc_receive(&b, &bytes, &len, &fd);
		if (r == 1)
			received++;
		else if (ipc_flush(&a) == 0 && r == -EAGAIN && received == sent)
			break;
		assert_true(received <= sent);
	}
	assert_false(ipc_wants_write(&a));
	assert_int_equal(ipc_send(&a, packet, IPC_PACKET_MAX_BYTES + 1, -1), -E2BIG);
	assert_int_equal(ipc_send(&a, packet, 0, -1), -E2BIG);
	free(packet);
}

static void test_a_longer_packet_is_refused(void **state)
{
	uint8_t *packet = calloc(1, IPC_PACKET_MAX_BYTES + 1);
	const uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	assert_non_null(packet);
	assert_int_equal(send(a.fd, packet, IPC_PACKET_MAX_BYTES + 1, 0), IPC_PACKET_MAX_BYTES + 1);
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), -EPROTO);
	free(packet);
}

static void test_the_other_end_closes(void **state)
{
	const uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	ipc_channel_finish(&a);
	assert_int_equal(ipc_receive(&b, &bytes, &len, &fd), -EPIPE);
	assert_int_equal(ipc_send(&b, (const uint8_t *)"x", 1, -1), -EPIPE);
	assert_int_equal(ipc_wait(&b, 0), 0); /* its end is readable */
}

static void test_waiting_has_an_end(void **state)
{
	(void)state;
	assert_int_equal(ipc_wait(&b, 10), -ETIMEDOUT);
	assert_int_equal(ipc_send(&a, (const uint8_t *)"x", 1, -1), 0);
	assert_int_equal(ipc_wait(&b, 1000), 0);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)
	const struct CMUnitTest tests[] = {
		EACH(test_packets_keep_their_edges),
		EACH(test_a_descriptor_arrives),
		EACH(test_two_descriptors_are_refused),
		EACH(test_a_full_socket_queues_up_to_the_limit),
		EACH(test_a_longer_packet_is_refused),
		EACH(test_the_other_end_closes),
		EACH(test_waiting_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
