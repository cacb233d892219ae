/* The real farseat-link against a server that breaks the protocol after it was let in: the test is
 * that server, with a genuine certificate. And what it acknowledges to one that keeps to it. */
#include "common/base/clock.h"
#include "common/crypto/random.h"
#include "common/peer/peer.h"
#include "tests/support/rig/rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SOON 10000 /* on a loaded machine too */

static struct rig_programs programs;
static struct rig_identity identity;

struct hostile {
	struct rig rig;
	struct peer peer;
};

static enum crypto_fault admit(
	void *user, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES], const char *alpn)
{
	(void)user;
	(void)fingerprint;
	(void)alpn;
	return CRYPTO_OK;
}

static void make_tls(struct hostile *h)
{
	const struct crypto_der chain[] = { identity.server, identity.ca };
	struct tls_server_config c = { .admit = admit, .policy = tls_policy_default() };
	struct tls_transport t = peer_transport(&h->peer);
	struct tls *tls;

	c.identity = (struct tls_identity){ chain, 2, identity.server_key_der,
		identity.server_key_len, &identity.ca, 1 };
	assert_int_equal(tls_create_server(&tls, &c, &t), 0);
	peer_set_tls(&h->peer, tls);
}

static void send_message(struct hostile *h, const struct wire_message *m)
{
	assert_int_equal(peer_send(&h->peer, m), 0);
	int r = peer_flush(&h->peer);
	assert_true(r == 0 || r == -ECONNRESET || r == -EPIPE);
}

static struct wire_message wait_for(struct hostile *h, enum wire_type type)
{
	struct wire_message m;

	for (int i = 0; i < SOON; i++) {
		int r = peer_next(&h->peer, &m);
		if (r == 1 && m.type == type)
			return m;
		assert_true(r == 1 || r == -EAGAIN);
		rig_run(&h->rig, NULL, 1);
	}
	fail_msg("no %s", wire_type_name((uint8_t)type));
	return m;
}

/* Handshake done; with hello: greeted and proven too. */
static struct hostile *start(bool hello)
{
	struct hostile *h = calloc(1, sizeof(*h));
	struct record_link_config config = rig_session_config(&identity);
	struct wire_message m = { .type = WIRE_HELLO };
	int fds[2], r = -EAGAIN;

	assert_non_null(h);
	rig_init(&h->rig, &programs, &identity, 64, 64);
	rig_tcp_pair(fds);
	peer_init(&h->peer, fds[1], true, clock_now_ms());
	make_tls(h);
	rig_start_link(&h->rig, fds[0], &config);
	for (int i = 0; i < SOON && r == -EAGAIN; i++) {
		r = peer_handshake(&h->peer);
		rig_run(&h->rig, NULL, 1);
	}
	assert_int_equal(r, 0);
	wait_for(h, WIRE_HELLO);
	if (!hello)
		return h;
	m.hello.version_min = m.hello.version_max = WIRE_VERSION;
	snprintf(m.hello.server_id, sizeof(m.hello.server_id), RIG_SERVER_ID);
	send_message(h, &m);
	peer_set_phase(&h->peer, WIRE_PHASE_PROOF);
	wait_for(h, WIRE_PROOF);
	m = (struct wire_message){ .type = WIRE_WELCOME };
	m.welcome.caps = WIRE_CAPS_ALL;
	send_message(h, &m);
	peer_set_phase(&h->peer, WIRE_PHASE_OPEN);
	assert_true(rig_run(&h->rig, rig_is_open, SOON));
	return h;
}

static void finish(struct hostile *h)
{
	peer_finish(&h->peer);
	rig_finish(&h->rig);
	free(h);
}

/* The link has ended by itself, said that the other end broke the protocol, and nothing reached the
 * screen. */
static void assert_refused(struct hostile *h)
{
	int status;

	if (!rig_run(&h->rig, rig_has_failed, SOON))
		fail_msg("the link goes on");
	assert_int_equal(h->rig.failed.code, WIRE_BYE_PROTOCOL);
	assert_false(h->rig.failed.retry);
	peer_finish(&h->peer);
	assert_true(rig_exited(&h->rig.link_pid, &status, SOON));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(h->rig.update_count, 0);
	finish(h);
}

static void send_screen(struct hostile *h)
{
	struct wire_message m = { .type = WIRE_SCREEN };

	m.screen.generation = 1;
	m.screen.width_px = 320;
	m.screen.height_px = 200;
	send_message(h, &m);
}

static void send_frame(
	struct hostile *h, uint32_t frame, uint8_t flags, const uint8_t *bytes, size_t len)
{
	struct wire_message m = { .type = WIRE_FRAME };

	m.frame.frame = frame;
	m.frame.flags = flags;
	m.frame.bytes = bytes;
	m.frame.len = len;
	send_message(h, &m);
}

#define WHOLE (WIRE_FRAME_SLICE_END | WIRE_FRAME_END)
static const uint8_t noise[WIRE_SLICE_PART_MAX_BYTES] = { 0x93, 1, 2, 3, 4, 0xff, 0xfe };

static bool has_screen(const struct rig *r)
{
	return r->screen.width_px > 0;
}

/* Every fourth frame, whether they come faster than they are shown or one by one. */
static void test_acknowledges_what_needs_it(void **state)
{
	struct hostile *h = start(true);
	const uint8_t quiet = WIRE_FRAME_END | WIRE_FRAME_NO_ACK;

	(void)state;
	send_screen(h);
	assert_true(rig_run(&h->rig, has_screen, SOON));
	for (uint32_t frame = 1; frame <= 80; frame++) {
		bool needs_ack = frame % 4 == 0;
		unsigned updates = h->rig.update_count;
		send_frame(h, frame, needs_ack ? WIRE_FRAME_END : quiet, NULL, 0);
		if (needs_ack)
			assert_int_equal(wait_for(h, WIRE_FRAME_ACK).frame_ack.frame, frame);
		else if (frame > 40 && h->rig.update_count == updates)
			assert_true(rig_next_update(&h->rig, SOON));
	}
	finish(h);
}

static void test_frame_before_screen(void **state)
{
	struct hostile *h = start(true);

	(void)state;
	send_frame(h, 1, WHOLE, noise, 7);
	assert_refused(h);
}

static void test_frame_that_cannot_be_decoded(void **state)
{
	(void)state;
	for (size_t len = 1; len < 4000; len = len * 3 + 1) {
		struct hostile *h = start(true);
		send_screen(h);
		send_frame(h, 1, WHOLE, noise, len);
		assert_refused(h);
	}
}

static void test_frames_out_of_order(void **state)
{
	struct hostile *h = start(true);

	(void)state;
	send_screen(h);
	send_frame(h, 5, WHOLE, noise, 7);
	assert_refused(h);
	h = start(true);
	send_screen(h);
	send_frame(h, 1, 0, noise, 7);
	send_frame(h, 2, WHOLE, noise, 7);
	assert_refused(h);
}

static void test_slice_over_the_limit(void **state)
{
	struct hostile *h = start(true);

	(void)state;
	send_screen(h);
	for (size_t sent = 0; sent <= WIRE_SLICE_MAX_BYTES + sizeof(noise); sent += sizeof(noise)) {
		send_frame(h, 1, 0, noise, sizeof(noise));
		rig_run(&h->rig, NULL, 1);
	}
	assert_refused(h);
}

static void test_frame_end_inside_a_slice(void **state)
{
	struct hostile *h = start(true);

	(void)state;
	send_screen(h);
	send_frame(h, 1, 0, noise, 7);
	send_frame(h, 1, WIRE_FRAME_END, NULL, 0);
	assert_refused(h);
}

static void test_cursor_out_of_order(void **state)
{
	struct hostile *h = start(true);
	struct wire_message m = { .type = WIRE_CURSOR };

	(void)state;
	m.cursor.width_px = m.cursor.height_px = 16;
	m.cursor.offset = 100;
	m.cursor.bytes = noise;
	m.cursor.len = 100;
	send_message(h, &m);
	assert_refused(h);
}

static void test_cursor_that_was_never_sent(void **state)
{
	struct hostile *h = start(true);
	struct wire_message m = { .type = WIRE_CURSOR_AGAIN, .cursor_again = { .slot = 3 } };

	(void)state;
	send_message(h, &m);
	assert_refused(h);
}

static void test_second_welcome(void **state)
{
	struct hostile *h = start(true);
	struct wire_message m = { .type = WIRE_WELCOME };

	(void)state;
	send_message(h, &m);
	assert_refused(h);
}

static void test_screen_before_hello(void **state)
{
	struct hostile *h = start(false);

	(void)state;
	send_screen(h);
	assert_refused(h);
}

static void test_input_from_the_server(void **state)
{
	struct hostile *h = start(true);
	struct wire_message m = { .type = WIRE_KEY };

	(void)state;
	m.key.evdev = 30;
	send_message(h, &m);
	assert_refused(h);
}

static void test_another_workstation(void **state)
{
	struct hostile *h = start(false);
	struct wire_message m = { .type = WIRE_HELLO };

	(void)state;
	m.hello.version_min = m.hello.version_max = WIRE_VERSION;
	snprintf(m.hello.server_id, sizeof(m.hello.server_id), "other");
	send_message(h, &m);
	assert_true(rig_run(&h->rig, rig_has_failed, SOON));
	assert_int_equal(h->rig.failed.fault, CRYPTO_WRONG_NAME);
	assert_non_null(strstr(h->rig.failed.reason, "other"));
	assert_non_null(strstr(h->rig.failed.reason, RIG_SERVER_ID));
	finish(h);
}

static void test_says_no_more(void **state)
{
	struct hostile *h = start(false);

	(void)state;
	peer_finish(&h->peer);
	assert_true(rig_run(&h->rig, rig_has_failed, SOON));
	assert_true(h->rig.failed.retry);
	finish(h);
}

/* The link is ended by what its window may not say, and its last word names the record. */
static void assert_window_refused(struct hostile *h, const char *what)
{
	int status;

	assert_true(rig_run(&h->rig, rig_has_failed, SOON));
	assert_non_null(strstr(h->rig.failed.reason, what));
	peer_finish(&h->peer);
	assert_true(rig_exited(&h->rig.link_pid, &status, SOON));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	finish(h);
}

static void test_window_out_of_turn(void **state)
{
	const struct link_record presented = { .type = RECORD_PRESENTED };
	const struct link_record update = { .type = RECORD_UPDATE,
		.update = { .rects = { { 0, 0, 1, 1 } }, .rect_count = 1 } };
	const struct link_record config = { .type = RECORD_LINK_CONFIG };
	struct hostile *h = start(false);

	(void)state;
	assert_int_equal(link_record_send(&h->rig.ui, &presented, -1), 0); /* of nothing yet */
	assert_window_refused(h, "record PRESENTED out of turn");

	h = start(true);
	assert_int_equal(link_record_send(&h->rig.ui, &update, -1), 0); /* the link's own */
	assert_window_refused(h, "record UPDATE out of turn");

	h = start(true);
	assert_int_equal(link_record_send(&h->rig.ui, &config, -1), 0); /* a second one */
	assert_window_refused(h, "record LINK_CONFIG out of turn");
}

static void test_window_of_another_channel(void **state)
{
	const struct worker_record ask = { .type = RECORD_STATS_ASK };
	struct hostile *h = start(true);

	(void)state;
	assert_int_equal(worker_record_send(&h->rig.ui, &ask, -1), 0);
	assert_window_refused(h, "record STATS_ASK of another channel");
}

static void test_window_with_a_message_that_is_not_its_own(void **state)
{
	const struct wire_message hello = { .type = WIRE_HELLO,
		.hello = { .version_min = 1, .version_max = 1 } };
	struct hostile *h = start(true);

	(void)state;
	assert_int_equal(record_send_wire(&h->rig.ui, &hello), 0);
	assert_window_refused(h, "record WIRE with what cannot be");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acknowledges_what_needs_it),
		cmocka_unit_test(test_frame_before_screen),
		cmocka_unit_test(test_frame_that_cannot_be_decoded),
		cmocka_unit_test(test_frames_out_of_order),
		cmocka_unit_test(test_slice_over_the_limit),
		cmocka_unit_test(test_frame_end_inside_a_slice),
		cmocka_unit_test(test_cursor_out_of_order),
		cmocka_unit_test(test_cursor_that_was_never_sent),
		cmocka_unit_test(test_second_welcome),
		cmocka_unit_test(test_screen_before_hello),
		cmocka_unit_test(test_input_from_the_server),
		cmocka_unit_test(test_another_workstation),
		cmocka_unit_test(test_says_no_more),
		cmocka_unit_test(test_window_out_of_turn),
		cmocka_unit_test(test_window_of_another_channel),
		cmocka_unit_test(test_window_with_a_message_that_is_not_its_own),
	};

	if (argc < 2) {
		fprintf(stderr, "usage: %s FARSEAT-LINK\n", argv[0]);
		return 2;
	}
	programs.link = argv[1];
	if (crypto_init() < 0)
		return 1;
	rig_identity_create(&identity);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rig_identity_destroy(&identity);
	crypto_finish();
	return failed;
}
