/* Two ends over a socket pair, with real certificates: phases, priorities, heartbeats, and what
 * breaks a connection. */
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/net_tune.h"
#include "common/crypto/random.h"
#include "common/peer/peer.h"
#include "tests/support/rig/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct rig_identity identity;

struct ends {
	struct peer client, server;
};

static enum crypto_fault admit(
	void *user, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES], const char *alpn)
{
	(void)user;
	(void)alpn;
	return memcmp(fingerprint, identity.device_fingerprint, CRYPTO_FINGERPRINT_BYTES) == 0
		       ? CRYPTO_OK
		       : CRYPTO_NOT_ADMITTED;
}

static void make_server(struct peer *p)
{
	const struct crypto_der chain[] = { identity.server, identity.ca };
	struct tls_server_config c = { .admit = admit, .policy = tls_policy_default() };
	struct tls_transport t = peer_transport(p);
	struct tls *tls;

	c.identity = (struct tls_identity){ chain, 2, identity.server_key_der,
		identity.server_key_len, &identity.ca, 1 };
	assert_int_equal(tls_create_server(&tls, &c, &t), 0);
	peer_set_tls(p, tls);
}

static void make_client(struct peer *p)
{
	struct tls_client_config c = { .policy = tls_policy_default(), .alpn = TLS_ALPN_SESSION };
	struct tls_transport t = peer_transport(p);
	struct tls *tls;

	c.server_name = RIG_SERVER_ID CRYPTO_SERVER_SUFFIX;
	c.identity = (struct tls_identity){ &identity.device, 1, identity.device_key_der,
		identity.device_key_len, &identity.ca, 1 };
	assert_int_equal(tls_create_client(&tls, &c, &t), 0);
	peer_set_tls(p, tls);
}

/* What goes by TCP may take a moment, even over loopback. */
static void wait_readable(const struct peer *a, const struct peer *b)
{
	struct pollfd fds[] = { { .fd = a->fd, .events = POLLIN },
		{ .fd = b->fd, .events = POLLIN } };

	assert_true(poll(fds, ARRAY_LEN(fds), 10000) > 0);
}

/* Connected, the handshake done, in the phase of an open session. */
static struct ends *open_ends_on(const int fds[static 2])
{
	struct ends *e = calloc(1, sizeof(*e));
	int a = -EAGAIN, b = -EAGAIN;

	assert_non_null(e);
	peer_init(&e->client, fds[0], false, clock_now_ms());
	peer_init(&e->server, fds[1], true, clock_now_ms());
	make_client(&e->client);
	make_server(&e->server);
	for (int i = 0; i < 50 && (a == -EAGAIN || b == -EAGAIN); i++) {
		if (a == -EAGAIN)
			a = peer_handshake(&e->client);
		if (b == -EAGAIN)
			b = peer_handshake(&e->server);
		if (a == -EAGAIN || b == -EAGAIN)
			wait_readable(&e->client, &e->server);
	}
	assert_int_equal(a, 0);
	assert_int_equal(b, 0);
	peer_set_phase(&e->client, WIRE_PHASE_OPEN);
	peer_set_phase(&e->server, WIRE_PHASE_OPEN);
	return e;
}

static struct ends *open_ends(void)
{
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	return open_ends_on(fds);
}

static void close_ends(struct ends *e)
{
	peer_finish(&e->client);
	peer_finish(&e->server);
	free(e);
}

static void send_raw(struct peer *p, const void *bytes, size_t len)
{
	assert_int_equal(tls_write(p->tls, bytes, len), 0);
}

static struct wire_message pointer(uint32_t serial)
{
	struct wire_message m = { .type = WIRE_POINTER };

	m.pointer.serial = serial;
	return m;
}

static void test_messages_in_order(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m;

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		m = pointer(i);
		assert_int_equal(peer_send(&e->client, &m), 0);
	}
	assert_int_equal(peer_flush(&e->client), 0);
	assert_true(peer_drained(&e->client));
	for (uint32_t i = 0; i < 3000; i++) {
		assert_int_equal(peer_next(&e->server, &m), 1);
		assert_int_equal(m.pointer.serial, i);
	}
	assert_int_equal(peer_next(&e->server, &m), -EAGAIN);
	close_ends(e);
}

static void test_out_of_phase(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m = { .type = WIRE_HELLO };

	(void)state;
	m.hello.version_min = m.hello.version_max = 1;
	assert_int_equal(peer_send(&e->client, &m), 0);
	assert_int_equal(peer_flush(&e->client), 0);
	assert_int_equal(peer_next(&e->server, &m), -EPROTO);
	assert_string_equal(e->server.fault, "HELLO is out of turn");
	close_ends(e);
}

static void test_of_the_other_side(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m = { .type = WIRE_LEDS };

	(void)state;
	assert_int_equal(peer_send(&e->client, &m), 0);
	assert_int_equal(peer_flush(&e->client), 0);
	assert_int_equal(peer_next(&e->server, &m), -EPROTO);

	m = pointer(1);
	assert_int_equal(peer_send(&e->server, &m), 0);
	assert_int_equal(peer_flush(&e->server), 0);
	assert_int_equal(peer_next(&e->client, &m), -EPROTO);
	close_ends(e);
}

/* The log is told what was wrong, and with which message, whatever came before. */
static void test_malformed(void **state)
{
	static const struct {
		uint8_t bytes[12];
		const char *fault;
	} bad[] = {
		{ { 200, 0, 0, 0 }, "of type 200 is unknown" },
		{ { 200, 0, 0xff, 0xff }, "of type 200 is too long: 65535 bytes" },
		{ { WIRE_PING, 2, 0, 4 }, "PING has unknown flags: 0x02" },
		{ { WIRE_PING, 0, 0xff, 0 }, "PING is too long: 65280 bytes" },
		{ { WIRE_REFRESH, 0, 0, 1 }, "REFRESH is malformed: too long by 1" },
		{ { WIRE_PING, 0, 0, 5 }, "PING is malformed: wrong from byte 4 of 5 on" },
		{ { WIRE_POINTER, 0, 0, 8, 0, 0, 0, 0, 0, 1, 0xff, 0xff },
			"POINTER is malformed: y_px is out of range" },
	};
	struct wire_message m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct ends *e = open_ends();
		m = pointer(1);
		assert_int_equal(peer_send(&e->client, &m), 0);
		assert_int_equal(peer_flush(&e->client), 0);
		send_raw(&e->client, bad[i].bytes, sizeof(bad[i].bytes));
		assert_int_equal(peer_next(&e->server, &m), 1);
		assert_int_equal(peer_next(&e->server, &m), -EPROTO);
		assert_string_equal(e->server.fault, bad[i].fault);
		close_ends(e);
	}
}

static void test_unknown_optional_is_skipped(void **state)
{
	static const uint8_t unknown[] = { 201, WIRE_FLAG_OPTIONAL, 0, 2, 1, 2 };
	struct ends *e = open_ends();
	struct wire_message m = pointer(7);

	(void)state;
	send_raw(&e->client, unknown, sizeof(unknown));
	assert_int_equal(peer_send(&e->client, &m), 0);
	assert_int_equal(peer_flush(&e->client), 0);
	assert_int_equal(peer_next(&e->server, &m), 1);
	assert_int_equal(m.pointer.serial, 7);
	close_ends(e);
}

/* A source that always has a picture. */
static int endless(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	static const uint8_t bytes[WIRE_SLICE_PART_MAX_BYTES];
	struct wire_message m = { .type = WIRE_FRAME };
	uint32_t *count = user;

	*more = true;
	m.frame.frame = ++*count;
	m.frame.bytes = bytes;
	m.frame.len = sizeof(bytes);
	return wire_encode(&m, out);
}

/* A source that always has a message as large as they become, which the other end skips. */
static int endless_unknown(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	const uint8_t header[] = { 201, WIRE_FLAG_OPTIONAL, WIRE_PAYLOAD_MAX_BYTES >> 8,
		WIRE_PAYLOAD_MAX_BYTES & 0xff };
	uint32_t *count = user;

	*more = true;
	++*count;
	memset(out, 0, WIRE_MESSAGE_MAX_BYTES);
	memcpy(out, header, sizeof(header));
	return WIRE_MESSAGE_MAX_BYTES;
}

static void test_messages_before_the_source(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m = { .type = WIRE_LEDS };
	uint32_t made = 0, before = 0;

	(void)state;
	peer_set_source(&e->server, PEER_SCREEN, endless, &made);
	assert_int_equal(peer_blocked_ns(&e->server, clock_now_ns()), 0);
	peer_source_ready(&e->server, PEER_SCREEN);
	assert_int_equal(peer_flush(&e->server), 0);
	assert_in_range(made, 1, 100); /* what the socket holds, and then no more */
	uint64_t later_ns = clock_now_ns() + 1000000;
	uint64_t blocked_ns = peer_blocked_ns(&e->server, later_ns);
	assert_in_range(blocked_ns, 1000000, later_ns);
	assert_int_equal(peer_blocked_ns(&e->server, later_ns + 7), blocked_ns + 7);
	uint32_t held = made;
	assert_int_equal(peer_flush(&e->server), 0);
	assert_int_equal(made, held);
	assert_true(peer_events(&e->server) & 4 /* POLLOUT */);

	/* What comes now stands behind what is with the kernel, and before all that the source
	 * still has. */
	assert_int_equal(peer_send(&e->server, &m), 0);
	for (;;) {
		assert_int_equal(peer_flush(&e->server), 0);
		int r = peer_next(&e->client, &m);
		if (r == -EAGAIN)
			continue;
		assert_int_equal(r, 1);
		if (m.type == WIRE_LEDS)
			break;
		before++;
	}
	assert_in_range(before, held, held + 1);
	close_ends(e);
}

static int broken_source(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	(void)user;
	(void)out;
	(void)more;
	return -EINVAL;
}

/* Bytes that the kernel has taken and not sent. */
static int unsent_bytes(const struct peer *p)
{
	int bytes = 0;

	assert_int_equal(ioctl(p->fd, SIOCOUTQNSD, &bytes), 0);
	return bytes;
}

static uint64_t bytes_of(const struct peer *p, bool in)
{
	struct tls_info info;

	tls_info(p->tls, &info);
	return in ? info.bytes_in : info.bytes_out;
}

/* Flushes and reads until a message comes; the others are skipped. */
static void deliver(struct peer *from, struct peer *to, enum wire_type type)
{
	struct wire_message m;
	int r;

	do {
		assert_int_equal(peer_flush(from), 0);
		r = peer_next(to, &m);
		if (r == -EAGAIN)
			wait_readable(to, to);
	} while (r == -EAGAIN);
	assert_int_equal(r, 1);
	assert_int_equal(m.type, type);
}

/*
 * Both ends send files without end over TCP to one that does not read, and then a small message.
 * What stands before it is with the kernel already: what is on its way, and unsent no more than one
 * TLS record. None is made in between.
 */
static void test_saturated_files_cost_one_record(void **state)
{
	const int overhead_bytes = 64; /* of one record: RFC 8446, 5.2; RFC 5246, 6.2.3.3 */
	const struct wire_message key = pointer(1), leds = { .type = WIRE_LEDS };
	uint8_t encoded[WIRE_MESSAGE_MAX_BYTES];
	uint32_t made = 0;
	int fds[2];

	(void)state;
	rig_tcp_pair(fds);
	struct ends *e = open_ends_on(fds);
	for (int i = 0; i < 2; i++) {
		struct peer *from = i == 0 ? &e->client : &e->server;
		struct peer *to = i == 0 ? &e->server : &e->client;
		const struct wire_message *press = i == 0 ? &key : &leds;
		net_tune(from->fd);
		peer_set_source(from, PEER_FILES, endless_unknown, &made);
		peer_source_ready(from, PEER_FILES);
		for (int turn = 0; turn < 50; turn++) {
			assert_int_equal(peer_flush(from), 0);
			poll(NULL, 0, 1);
		}
		assert_true(peer_events(from) & POLLOUT);
		assert_in_range(unsent_bytes(from), 1, TLS_RECORD_MAX_BYTES + overhead_bytes);
		uint64_t before_bytes = bytes_of(from, false);
		assert_int_equal(peer_send(from, press), 0);
		deliver(from, to, press->type);
		assert_int_equal(
			bytes_of(to, true), before_bytes + (uint64_t)wire_encode(press, encoded));
		peer_set_source(from, PEER_FILES, NULL, NULL);
	}
	assert_true(made > 2);
	close_ends(e);
}

static void test_source_that_fails(void **state)
{
	struct ends *e = open_ends();

	(void)state;
	peer_set_source(&e->server, PEER_SCREEN, broken_source, NULL);
	peer_source_ready(&e->server, PEER_SCREEN);
	assert_int_equal(peer_flush(&e->server), -EINVAL);
	close_ends(e);
}

static void test_who_does_not_read(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m = pointer(1);
	int r = 0;

	(void)state;
	for (int i = 0; i < 1000000 && r == 0; i++) {
		r = peer_send(&e->client, &m);
		if (r == 0 && i % 100 == 0)
			assert_int_equal(peer_flush(&e->client), 0);
	}
	assert_int_equal(r, -E2BIG);
	close_ends(e);
}

/* Nor may the answers to its questions gather without end. */
static void test_does_not_read_answers(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m = { .type = WIRE_PING };
	int r = -EAGAIN;

	(void)state;
	for (int i = 0; i < 100000 && r == -EAGAIN; i++) {
		for (int n = 0; n < 50; n++)
			assert_int_equal(peer_send(&e->client, &m), 0);
		assert_int_equal(peer_flush(&e->client), 0);
		r = peer_next(&e->server, &m);
		m.type = WIRE_PING;
		assert_int_equal(peer_flush(&e->server), 0);
	}
	assert_int_equal(r, -E2BIG);
	close_ends(e);
}

static void test_heartbeat(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m;
	uint64_t now_ms = e->client.sent_ms;

	(void)state;
	assert_in_range(peer_tick(&e->client, now_ms), 1, WIRE_HEARTBEAT_MS);
	assert_int_equal(channels_queued_bytes(&e->client.out, PEER_CONTROL), 0);
	assert_true(peer_tick(&e->client, now_ms + WIRE_HEARTBEAT_MS) > 0);
	assert_true(channels_queued_bytes(&e->client.out, PEER_CONTROL) > 0);
	assert_int_equal(peer_flush(&e->client), 0);
	assert_int_equal(peer_next(&e->server, &m), -EAGAIN); /* answered inside */
	assert_int_equal(peer_flush(&e->server), 0);
	assert_int_equal(peer_next(&e->client, &m), -EAGAIN);
	assert_true(e->client.rtt_us > 0);
	close_ends(e);
}

/* Who is heard is not asked for an answer, but hears that we live; and now and then how far it is.
 */
static void test_heartbeat_to_one_who_talks(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m;
	uint64_t now_ms = e->client.sent_ms + WIRE_HEARTBEAT_MS;

	(void)state;
	e->client.heard_ms = now_ms - 100;
	assert_true(peer_tick(&e->client, now_ms) > 0);
	assert_false(peer_drained(&e->client));
	assert_int_equal(peer_flush(&e->client), 0);
	e->server.heard_ms = 0;
	assert_int_equal(peer_next(&e->server, &m), -EAGAIN);
	assert_true(e->server.heard_ms > 0);
	assert_true(peer_drained(&e->server)); /* nothing to answer */

	now_ms = e->client.pinged_ms + PEER_RTT_PING_MS;
	e->client.heard_ms = now_ms - 100;
	assert_true(peer_tick(&e->client, now_ms) > 0);
	assert_int_equal(peer_flush(&e->client), 0);
	assert_int_equal(peer_next(&e->server, &m), -EAGAIN);
	assert_false(peer_drained(&e->server));
	close_ends(e);
}

static void test_silence(void **state)
{
	struct ends *e = open_ends();
	uint64_t now_ms = e->client.heard_ms;

	(void)state;
	assert_true(peer_tick(&e->client, now_ms + WIRE_SILENCE_MS - 1) > 0);
	assert_int_equal(peer_silent_ms(&e->client, now_ms + 1234), 1234);
	assert_int_equal(peer_tick(&e->client, now_ms + WIRE_SILENCE_MS), -ETIMEDOUT);
	/* Before the session is open its own deadline counts. */
	peer_set_phase(&e->client, WIRE_PHASE_PROOF);
	assert_true(peer_tick(&e->client, now_ms + 2 * WIRE_SILENCE_MS) > 0);
	close_ends(e);
}

/* A link under suspicion is asked at once, and is dead soon unless something is heard. */
static void test_suspect(void **state)
{
	struct ends *e = open_ends();
	uint64_t now_ms = clock_now_ms();
	struct wire_message m;

	(void)state;
	peer_suspect(&e->client, now_ms);
	assert_in_range(peer_tick(&e->client, now_ms), 1, PEER_SUSPECT_MS);
	assert_false(peer_drained(&e->client)); /* the question */
	assert_true(peer_tick(&e->client, now_ms + PEER_SUSPECT_MS - 1) > 0);
	assert_int_equal(peer_tick(&e->client, now_ms + PEER_SUSPECT_MS), -ETIMEDOUT);

	assert_int_equal(peer_flush(&e->client), 0);
	assert_int_equal(peer_next(&e->server, &m), -EAGAIN); /* answers */
	assert_int_equal(peer_flush(&e->server), 0);
	assert_int_equal(peer_next(&e->client, &m), -EAGAIN);
	assert_true(peer_tick(&e->client, now_ms + PEER_SUSPECT_MS) > 0);
	close_ends(e);
}

static void test_hurry(void **state)
{
	struct ends *e = open_ends();
	uint64_t now_ms = clock_now_ms();

	(void)state;
	peer_hurry(&e->client, true);
	assert_in_range(peer_tick(&e->client, now_ms), 1, PEER_HURRY_MS);
	assert_true(peer_drained(&e->client));
	assert_true(peer_tick(&e->client, now_ms + PEER_HURRY_MS + 1) > 0);
	assert_false(peer_drained(&e->client));
	close_ends(e);
}

static void test_orderly_end(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m = { .type = WIRE_GOODBYE };

	(void)state;
	m.goodbye.code = WIRE_BYE_CLOSED;
	assert_int_equal(peer_send(&e->client, &m), 0);
	peer_close(&e->client, 50);
	assert_int_equal(peer_next(&e->server, &m), 1);
	assert_int_equal(m.type, WIRE_GOODBYE);
	assert_int_equal(peer_next(&e->server, &m), -EPIPE);
	close_ends(e);
}

/* TCP: closing a socket with unread bytes resets the connection, and the other end loses what was
 * said last. */
static void test_farewell_over_unread_bytes(void **state)
{
	int fds[2], error = 0;
	socklen_t len = sizeof(error);
	struct wire_message m = { .type = WIRE_PING };

	(void)state;
	rig_tcp_pair(fds);
	struct ends *e = open_ends_on(fds);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(peer_send(&e->server, &m), 0);
	assert_int_equal(peer_flush(&e->server), 0);
	m = (struct wire_message){ .type = WIRE_GOODBYE, .goodbye.code = WIRE_BYE_CLOSED };
	assert_int_equal(peer_send(&e->client, &m), 0);
	peer_close(&e->client, 50);
	peer_finish(&e->client);
	/* No reset: what is still on its way would be lost, which loopback has nothing of. */
	assert_int_equal(getsockopt(e->server.fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, 0);
	wait_readable(&e->server, &e->server);
	assert_int_equal(peer_next(&e->server, &m), 1);
	assert_int_equal(m.type, WIRE_GOODBYE);
	wait_readable(&e->server, &e->server);
	assert_int_equal(peer_next(&e->server, &m), -EPIPE);
	close_ends(e);
}

/* Whoever sends on and on is not listened to until the time is over. */
static void test_farewell_to_a_flood(void **state)
{
	static uint8_t flood[65536];
	struct ends *e = open_ends();
	const int timeout_ms = 60000;
	pid_t sender = fork();

	(void)state;
	assert_true(sender >= 0);
	if (sender == 0) {
		signal(SIGPIPE, SIG_IGN);
		fcntl(e->client.fd, F_SETFL, 0);
		close(e->server.fd);
		while (write(e->client.fd, flood, sizeof(flood)) > 0)
			;
		_exit(0);
	}
	fd_close(&e->client.fd);
	uint64_t begun_ms = clock_now_ms();
	peer_close(&e->server, timeout_ms);
	assert_true(clock_now_ms() - begun_ms < (uint64_t)timeout_ms / 2);
	close_ends(e); /* which ends the sender, by EPIPE */
	assert_int_equal(waitpid(sender, NULL, 0), sender);
}

/* A key press must not wait for the acknowledgement of the one before (RFC 896). */
static void test_small_packets_do_not_wait(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 0;
	socklen_t len = sizeof(on);

	(void)state;
	assert_true(fd >= 0);
	net_tune(fd);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	assert_int_not_equal(on, 0);
	close(fd);
}

static void test_cut(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m;

	(void)state;
	peer_finish(&e->client);
	assert_int_equal(peer_next(&e->server, &m), -ECONNRESET);
	close_ends(e);
}

static void test_tampered(void **state)
{
	struct ends *e = open_ends();
	struct wire_message m;
	/* A record of application data that was not sealed with the keys. */
	static const uint8_t record[] = { 23, 3, 3, 0, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 };

	(void)state;
	assert_int_equal(write(e->client.fd, record, sizeof(record)), sizeof(record));
	assert_int_equal(peer_next(&e->server, &m), -EBADMSG);
	assert_int_equal(tls_fault(e->server.tls), CRYPTO_TAMPERED);
	assert_int_equal(peer_next(&e->server, &m), -EBADMSG);
	close_ends(e);
}

static void test_finish_twice(void **state)
{
	struct peer *p = malloc(sizeof(*p));

	(void)state;
	assert_non_null(p);
	peer_init(p, -1, true, 0);
	peer_close(p, 10);
	peer_finish(p);
	peer_finish(p);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_in_order),
		cmocka_unit_test(test_out_of_phase),
		cmocka_unit_test(test_of_the_other_side),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_unknown_optional_is_skipped),
		cmocka_unit_test(test_messages_before_the_source),
		cmocka_unit_test(test_saturated_files_cost_one_record),
		cmocka_unit_test(test_source_that_fails),
		cmocka_unit_test(test_who_does_not_read),
		cmocka_unit_test(test_does_not_read_answers),
		cmocka_unit_test(test_heartbeat),
		cmocka_unit_test(test_heartbeat_to_one_who_talks),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_suspect),
		cmocka_unit_test(test_hurry),
		cmocka_unit_test(test_orderly_end),
		cmocka_unit_test(test_farewell_over_unread_bytes),
		cmocka_unit_test(test_farewell_to_a_flood),
		cmocka_unit_test(test_small_packets_do_not_wait),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_finish_twice),
	};

	if (crypto_init() < 0)
		return 1;
	rig_identity_create(&identity);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rig_identity_destroy(&identity);
	crypto_finish();
	return failed;
}
