/* A channel between two processes, both ends in one here: packets, descriptors, and what a hostile
 * other end may do. */
#include "tests/unit/cmocka_first.h"

#include "common/base/fd.h"
#include "common/ipc/records_agent.h"
#include "common/ipc/records_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct ends {
	struct ipc_channel ours;
	int theirs; /* raw: does what a channel never would */
};

static void open_ends(struct ends *e)
{
	int fds[2];

	assert_int_equal(ipc_pair(fds), 0);
	assert_int_equal(ipc_channel_init(&e->ours, fds[0]), 0);
	e->theirs = fds[1];
}

static void close_ends(struct ends *e)
{
	ipc_channel_finish(&e->ours);
	ipc_channel_finish(&e->ours); /* twice is fine */
	fd_close(&e->theirs);
}

static void send_raw(int socket_fd, size_t len, const int *fds, size_t count)
{
	static uint8_t bytes[IPC_PACKET_MAX_BYTES + 64];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };
	struct iovec part = { bytes, len };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	assert_true(sendmsg(socket_fd, &m, MSG_NOSIGNAL) >= 0);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_packets_keep_their_bounds(void **state)
{
	struct ends e;
	const uint8_t *bytes;
	size_t len;
	int fd = 5;

	(void)state;
	open_ends(&e);
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), -EAGAIN);
	assert_int_equal(fd, -1);
	assert_int_equal(ipc_wait(&e.ours, 1), -ETIMEDOUT);
	assert_int_equal(write(e.theirs, "one", 3), 3);
	assert_int_equal(write(e.theirs, "three", 5), 5);
	assert_int_equal(ipc_wait(&e.ours, 1000), 0);
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), 1);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "one", 3);
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), 1);
	assert_int_equal(len, 5);
	assert_int_equal(fd, -1);
	close_ends(&e);
}

static void test_a_descriptor_crosses(void **state)
{
	struct ends e;
	struct ipc_channel other;
	const uint8_t *bytes;
	struct stat a, b;
	size_t len;
	int fd, file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	open_ends(&e);
	assert_int_equal(ipc_channel_init(&other, e.theirs), 0);
	e.theirs = -1;
	assert_int_equal(ipc_send(&other, (const uint8_t *)"x", 1, file), 0);
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), 1);
	assert_true(fd >= 0 && fd != file);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(file, &a), 0);
	assert_int_equal(fstat(fd, &b), 0);
	assert_int_equal(a.st_rdev, b.st_rdev);
	close(fd);
	close(file);
	ipc_channel_finish(&other);
	close_ends(&e);
}

static void test_too_many_descriptors_are_refused_and_closed(void **state)
{
	static const int many[] = { 0, 1, 2, 0, 1, 2, 0, 1 };

	(void)state;
	for (size_t count = 2; count <= ARRAY_LEN(many); count++) {
		struct ends e;
		const uint8_t *bytes;
		size_t len;
		int fd;

		open_ends(&e);
		int before = open_descriptors();
		send_raw(e.theirs, 1, many, count);
		assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), -EPROTO);
		assert_int_equal(fd, -1);
		assert_int_equal(open_descriptors(), before);
		close_ends(&e);
	}
}

static void test_packets_over_the_limit_are_refused(void **state)
{
	static uint8_t big[IPC_PACKET_MAX_BYTES + 1];
	struct ends e;
	const uint8_t *bytes;
	size_t len;
	int fd, zero = 0;

	(void)state;
	open_ends(&e);
	assert_int_equal(ipc_send(&e.ours, big, sizeof(big), -1), -E2BIG);
	assert_int_equal(ipc_send(&e.ours, big, 0, -1), -E2BIG);
	send_raw(e.theirs, sizeof(big), &zero, 1);
	int before = open_descriptors();
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), -EPROTO);
	assert_int_equal(open_descriptors(), before);
	send_raw(e.theirs, IPC_PACKET_MAX_BYTES, NULL, 0);
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), 1);
	assert_int_equal(len, IPC_PACKET_MAX_BYTES);
	/* An empty packet is no record; it reads as the end. */
	send_raw(e.theirs, 0, &zero, 1);
	before = open_descriptors();
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), -EPIPE);
	assert_int_equal(open_descriptors(), before);
	close_ends(&e);
}

static void test_the_other_end_goes(void **state)
{
	struct ends e;
	const uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	open_ends(&e);
	assert_int_equal(write(e.theirs, "last", 4), 4);
	fd_close(&e.theirs);
	assert_int_equal(
		ipc_receive(&e.ours, &bytes, &len, &fd), 1); /* what was sent still comes */
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), -EPIPE);
	assert_int_equal(ipc_wait(&e.ours, 0), 0); /* the end is readable */
	assert_int_equal(ipc_send(&e.ours, (const uint8_t *)"x", 1, -1), -EPIPE);
	close_ends(&e);
	assert_int_equal(ipc_send(&e.ours, (const uint8_t *)"x", 1, -1), -EPIPE);
	assert_int_equal(ipc_receive(&e.ours, &bytes, &len, &fd), -EPIPE);
}

/* The queue keeps order and descriptors, has an end, and leaks nothing when it is dropped. */
static void test_a_reader_that_does_not_read(void **state)
{
	static uint8_t packet[32 * 1024], got[32 * 1024];
	struct ends e;
	uint32_t sent = 0;
	int r, before = open_descriptors();

	(void)state;
	open_ends(&e);
	do {
		memcpy(packet, &sent, sizeof(sent));
		r = ipc_send(&e.ours, packet, sizeof(packet), sent % 2 ? 0 : -1);
		sent += r == 0;
	} while (r == 0);
	assert_int_equal(r, -E2BIG);
	assert_true(ipc_wants_write(&e.ours));
	assert_true(e.ours.queued_bytes <= IPC_QUEUE_MAX_BYTES);
	assert_int_equal(ipc_flush(&e.ours), -EAGAIN);

	for (uint32_t i = 0; i < sent; i++) {
		struct iovec part = { got, sizeof(got) };
		char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
		struct msghdr m = { .msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		uint32_t number;

		assert_int_equal(recvmsg(e.theirs, &m, MSG_CMSG_CLOEXEC), sizeof(got));
		memcpy(&number, got, sizeof(number));
		assert_int_equal(number, i);
		assert_int_equal(CMSG_FIRSTHDR(&m) != NULL, i % 2);
		if (i % 2) {
			int fd;
			memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
			close(fd);
		}
		if (ipc_wants_write(&e.ours)) {
			r = ipc_flush(&e.ours);
			assert_true(r == 0 || r == -EAGAIN);
		}
	}
	assert_false(ipc_wants_write(&e.ours));
	assert_int_equal(e.ours.queued_bytes, 0);

	while (ipc_send(&e.ours, packet, sizeof(packet), 0) == 0)
		;
	close_ends(&e);
	assert_int_equal(open_descriptors(), before);
}

static void test_records_over_a_channel(void **state)
{
	const struct agent_record attach = { .type = RECORD_ATTACH,
		.attach = { .worker = 3, .caps = WIRE_CAPS_VIEW } };
	struct ipc_channel other;
	struct agent_record got;
	struct ends e;
	int fd;

	(void)state;
	open_ends(&e);
	assert_int_equal(ipc_channel_init(&other, dup(e.theirs)), 0);
	assert_int_equal(agent_record_send(&other, &attach, 0), 0);
	assert_int_equal(agent_record_receive(&e.ours, &got, &fd), 1);
	assert_int_equal(got.type, RECORD_ATTACH);
	assert_int_equal(got.attach.caps, WIRE_CAPS_VIEW);
	assert_true(fd > 2);
	close(fd);

	/* A malformed record's descriptor does not stay. */
	int before = open_descriptors(), zero = 0;
	send_raw(e.theirs, 3, &zero, 1);
	assert_int_equal(agent_record_receive(&e.ours, &got, &fd), -EPROTO);
	assert_int_equal(fd, -1);
	assert_int_equal(open_descriptors(), before);

	const struct agent_record unknown = { .type = (enum record_type)250 };
	assert_int_equal(agent_record_send(&other, &unknown, -1), -EINVAL);
	ipc_channel_finish(&other);
	assert_int_equal(agent_record_send(&other, &attach, -1), -EPIPE);
	close_ends(&e);
}

static void test_messages_over_a_channel(void **state)
{
	const struct wire_message leds = { .type = WIRE_LEDS, .leds = { .leds = 1 } };
	const struct wire_message wrong = { .type = WIRE_SCREEN };
	struct ipc_channel other;
	struct wire_message message;
	struct view_record got;
	struct ends e;
	int fd;

	(void)state;
	open_ends(&e);
	assert_int_equal(ipc_channel_init(&other, dup(e.theirs)), 0);
	assert_int_equal(record_send_wire(&other, &leds), 0);
	assert_int_equal(view_record_receive(&e.ours, &got, &fd), 1);
	assert_int_equal(got.type, RECORD_WIRE);
	assert_int_equal(record_wire_message(&got.wire, &message), 0);
	assert_int_equal(message.leds.leds, 1);

	assert_int_equal(record_send_wire(&other, &wrong), -EINVAL);
	ipc_channel_finish(&other);
	assert_int_equal(record_send_wire(&other, &leds), -EPIPE);
	close_ends(&e);
}

/* As it is sent on its own channel, with a descriptor. */
static void test_a_record_of_another_channel(void **state)
{
	const struct agent_record attach = { .type = RECORD_ATTACH };
	struct ipc_channel other;
	struct view_record got;
	struct ends e;
	int fd, before;

	(void)state;
	open_ends(&e);
	before = open_descriptors();
	assert_int_equal(ipc_channel_init(&other, dup(e.theirs)), 0);
	assert_int_equal(agent_record_send(&other, &attach, 0), 0);
	assert_int_equal(view_record_receive(&e.ours, &got, &fd), -EPROTO);
	assert_int_equal(fd, -1);
	ipc_channel_finish(&other);
	assert_int_equal(open_descriptors(), before);
	close_ends(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets_keep_their_bounds),
		cmocka_unit_test(test_a_descriptor_crosses),
		cmocka_unit_test(test_too_many_descriptors_are_refused_and_closed),
		cmocka_unit_test(test_packets_over_the_limit_are_refused),
		cmocka_unit_test(test_the_other_end_goes),
		cmocka_unit_test(test_a_reader_that_does_not_read),
		cmocka_unit_test(test_records_over_a_channel),
		cmocka_unit_test(test_messages_over_a_channel),
		cmocka_unit_test(test_a_record_of_another_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
