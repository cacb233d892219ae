/*
 * farseat-worker and farseat-link, the real programs in their real confinement, against each other:
 * the test is supervisor and agent of the one, UI of the other, and where needed the wire between
 * them.
 */
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/crypto/random.h"
#include "tests/support/rig/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct rig_programs programs;
static struct rig_identity identity;

#define WIDTH  640
#define HEIGHT 480
#define SOON   10000 /* on a loaded machine too */

static struct rig *open_session(bool relayed)
{
	struct rig *r = malloc(sizeof(*r));

	assert_non_null(r);
	rig_init(r, &programs, &identity, WIDTH, HEIGHT);
	rig_start(r, relayed);
	if (!rig_run(r, rig_is_open, SOON))
		fail_msg("not open: %s / %s", r->failed.reason, r->ended.reason);
	return r;
}

static void close_session(struct rig *r)
{
	rig_finish(r);
	free(r);
}

static void fill(
	struct rig *r, uint16_t x, uint16_t y, uint16_t w, uint16_t h, bool noise, uint32_t seed)
{
	for (uint16_t row = y; row < y + h; row++) {
		uint8_t *p = r->framebuffer.bytes + ((size_t)row * r->width_px + x) * 4;
		for (uint16_t i = 0; i < w; i++) {
			uint32_t v = seed;
			if (noise) {
				seed = seed * 1664525U + 1013904223U;
				v = seed >> 8;
			}
			*p++ = (uint8_t)v;
			*p++ = (uint8_t)(v >> 8);
			*p++ = (uint8_t)(v >> 16);
			*p++ = 0;
		}
	}
	rig_damage(r, x, y, w, h);
}

static void test_picture_is_exact(void **state)
{
	struct rig *r = open_session(false);

	(void)state;
	assert_true(r->proof_good);
	assert_true(r->proof_bound);
	assert_true(r->handshake_seen);
	assert_int_equal(r->handshake.fault, CRYPTO_OK);
	assert_true(rig_run(r, rig_is_equal, SOON));
	for (uint32_t i = 0; i < 100; i++) {
		uint16_t x = (uint16_t)(rand() % WIDTH), y = (uint16_t)(rand() % HEIGHT);
		uint16_t w = (uint16_t)(1 + rand() % (WIDTH - x)),
			 h = (uint16_t)(1 + rand() % (HEIGHT - y));
		fill(r, x, y, w, h, i % 3 == 0, i * 77777);
		if (i % 10 == 0)
			assert_true(rig_run(r, rig_is_equal, SOON));
		else
			rig_run(r, NULL, 2);
	}
	assert_true(rig_run(r, rig_is_equal, SOON));
	assert_true(r->welcome_seen);
	assert_string_equal(r->welcome.device, "laptop");
	close_session(r);
}

static bool has_checksum(const struct rig *r)
{
	return r->checksum_seen;
}

static void test_checksums_agree(void **state)
{
	struct rig *r = open_session(false);
	struct wire_message ask = { .type = WIRE_CHECKSUM_ASK };

	(void)state;
	fill(r, 10, 10, 300, 200, true, 4);
	assert_true(rig_run(r, rig_is_equal, SOON));
	ask.checksum_ask.id = 77;
	rig_ui_wire(r, &ask);
	assert_true(rig_run(r, has_checksum, SOON));
	assert_int_equal(r->checksum.id, 77);
	assert_true(r->checksum.settled);
	assert_true(r->checksum.local == r->checksum.remote);
	close_session(r);
}

static bool has_inputs(const struct rig *r)
{
	return r->input_count >= 2;
}

static void test_input_reaches_the_agent(void **state)
{
	struct rig *r = open_session(false);
	struct wire_message key = { .type = WIRE_KEY }, pointer = { .type = WIRE_POINTER };

	(void)state;
	key.key.serial = 5;
	key.key.evdev = 30;
	key.key.down = true;
	rig_ui_wire(r, &key);
	pointer.pointer.x_px = 12;
	pointer.pointer.y_px = 34;
	rig_ui_wire(r, &pointer);
	assert_true(rig_run(r, has_inputs, SOON));
	assert_int_equal(r->inputs[0].type, WIRE_KEY);
	assert_int_equal(r->inputs[0].key.evdev, 30);
	assert_int_equal(r->inputs[1].pointer.y_px, 34);
	close_session(r);
}

static bool has_cursor(const struct rig *r)
{
	return r->cursor_seen;
}

static bool has_large_cursor(const struct rig *r)
{
	return r->cursor_seen && r->cursor.width_px == 200;
}

static void test_cursor(void **state)
{
	struct rig *r = open_session(false);
	uint8_t *bytes = malloc(200 * 150 * 4);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < 200 * 150 * 4; i++)
		bytes[i] = (uint8_t)(i * 7 / 5);
	rig_send_cursor(r, 16, 16, bytes);
	rig_send_cursor(r, 200, 150, bytes);
	assert_true(rig_run(r, has_large_cursor, SOON));
	assert_memory_equal(r->cursor_bytes, bytes, 200 * 150 * 4);
	/* The same shape is not sent again. */
	r->cursor_seen = false;
	rig_send_cursor(r, 200, 150, bytes);
	rig_run(r, NULL, 100);
	assert_false(r->cursor_seen);
	/* Invisible. */
	rig_send_cursor(r, 0, 0, NULL);
	assert_true(rig_run(r, has_cursor, SOON));
	assert_int_equal(r->cursor.width_px, 0);
	free(bytes);
	close_session(r);
}

static bool shows(struct rig *r, uint16_t side_px, const uint8_t *bytes)
{
	r->cursor_seen = false;
	rig_send_cursor(r, side_px, side_px, bytes);
	return rig_run(r, has_cursor, SOON) && r->cursor.width_px == side_px &&
	       memcmp(r->cursor_bytes, bytes, (size_t)side_px * side_px * 4) == 0;
}

/* Whatever is kept, sent again, broken off or too large to be kept: what is shown is what is meant. */
static void test_cursors_come_again(void **state)
{
	struct rig *r = open_session(false);
	static uint8_t shapes[80][32 * 32 * 4], large[200 * 200 * 4];
	uint32_t random = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		memset(shapes[i], (int)i + 1, sizeof(shapes[i]));
	memset(large, 99, sizeof(large));
	for (size_t i = 0, last = ARRAY_LEN(shapes); i < 400; i++) {
		random = random * 1664525 + 1013904223;
		size_t next = i < 200 ? i % 30 : (random >> 16) % ARRAY_LEN(shapes);
		if (i % 50 == 49)
			assert_true(shows(r, 200, large));
		else if (next != last)
			assert_true(shows(r, 32, shapes[next]));
		last = i % 50 == 49 ? ARRAY_LEN(shapes) : next;
	}
	close_session(r);
}

static void test_new_screen_size(void **state)
{
	struct rig *r = open_session(false);

	(void)state;
	assert_true(rig_run(r, rig_is_equal, SOON));
	rig_new_framebuffer(r, 800, 333);
	fill(r, 100, 100, 300, 200, true, 9);
	assert_true(rig_run(r, rig_is_equal, SOON));
	assert_int_equal(r->screen.width_px, 800);
	rig_new_framebuffer(r, 64, 48);
	fill(r, 0, 0, 64, 48, true, 10);
	assert_true(rig_run(r, rig_is_equal, SOON));
	close_session(r);
}

static uint32_t generation_before;

static bool has_other_generation(const struct rig *r)
{
	return r->screen.generation != generation_before;
}

static void test_refresh(void **state)
{
	struct rig *r = open_session(false);
	struct wire_message refresh = { .type = WIRE_REFRESH };

	(void)state;
	fill(r, 0, 0, WIDTH, HEIGHT, true, 3);
	assert_true(rig_run(r, rig_is_equal, SOON));
	generation_before = r->screen.generation;
	rig_ui_wire(r, &refresh);
	assert_true(rig_run(r, has_other_generation, SOON));
	assert_true(rig_run(r, rig_is_equal, SOON));
	close_session(r);
}

static void test_another_agent(void **state)
{
	struct rig *r = open_session(false);
	struct worker_record m = { .type = RECORD_AGENT };
	int pair[2];

	(void)state;
	fill(r, 0, 0, 100, 100, true, 3);
	assert_true(rig_run(r, rig_is_equal, SOON));
	ipc_channel_finish(&r->agent); /* it died */
	rig_run(r, NULL, 50);
	assert_false(r->ended_seen);
	assert_int_equal(ipc_pair(pair), 0);
	assert_int_equal(worker_record_send(&r->supervisor, &m, pair[1]), 0);
	close(pair[1]);
	assert_int_equal(ipc_channel_init(&r->agent, pair[0]), 0);
	rig_new_framebuffer(r, WIDTH, HEIGHT);
	fill(r, 50, 50, 200, 200, true, 12);
	assert_true(rig_run(r, rig_is_equal, SOON));
	close_session(r);
}

/* How long it takes until both programs have ended. */
static uint64_t end_by_admin_ms(void)
{
	struct rig *r = open_session(false);
	struct worker_record m = { .type = RECORD_END };
	int status;

	m.end.code = WIRE_BYE_REVOKED;
	snprintf(m.end.reason, sizeof(m.end.reason), "this device was revoked");
	uint64_t begin_ms = clock_now_ms();
	assert_int_equal(worker_record_send(&r->supervisor, &m, -1), 0);
	assert_true(rig_run(r, rig_has_failed, SOON));
	assert_int_equal(r->failed.code, WIRE_BYE_REVOKED);
	assert_false(r->failed.retry);
	assert_non_null(strstr(r->failed.reason, "revoked"));
	assert_true(rig_exited(&r->worker_pid, &status, SOON));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(rig_exited(&r->link_pid, &status, SOON));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	uint64_t took_ms = clock_now_ms() - begin_ms;
	assert_true(rig_run(r, rig_has_ended, SOON));
	assert_int_equal(r->ended.code, WIRE_BYE_REVOKED);
	close_session(r);
	return took_ms;
}

static void test_admin_ends_it(void **state)
{
	(void)state;
	assert_true(end_by_admin_ms() < WIRE_SILENCE_MS); /* after which they would end anyway */
}

static bool lost_input(const struct rig *r)
{
	return r->caps_seen == WIRE_CAPS_VIEW;
}

static void test_capability_taken_away(void **state)
{
	struct rig *r = open_session(false);
	struct worker_record m = { .type = RECORD_SET_CAPS };
	struct wire_message key = { .type = WIRE_KEY };

	(void)state;
	key.key.evdev = 30;
	m.set_caps.worker = 1;
	m.set_caps.caps = WIRE_CAPS_VIEW;
	assert_int_equal(worker_record_send(&r->supervisor, &m, -1), 0);
	rig_ui_wire(r, &key); /* on its way while the right is taken */
	assert_true(rig_run(r, lost_input, SOON));
	size_t before = r->input_count;
	rig_ui_wire(r, &key); /* the link does not even send it */
	rig_run(r, NULL, 300);
	assert_int_equal(r->input_count, before);
	assert_false(r->failed_seen);
	assert_false(r->ended_seen);
	close_session(r);
}

static void test_stalled_viewer(void **state)
{
	struct rig *r = open_session(false);

	(void)state;
	assert_true(rig_run(r, rig_is_equal, SOON));
	rig_run(r, NULL, 200);
	r->hold_present = true;
	long worker_before = rig_rss_kib(r->worker_pid), link_before = rig_rss_kib(r->link_pid);
	unsigned ready_before = r->ready_count;
	for (uint32_t i = 0; i < 300; i++) {
		fill(r, 0, 0, WIDTH, HEIGHT, true, i);
		rig_run(r, NULL, 3);
	}
	/* A few frames are under way, and no more. */
	assert_in_range(r->ready_count - ready_before, 0, 40);
	assert_in_range(rig_rss_kib(r->worker_pid) - worker_before + 16384, 0, 32768);
	assert_in_range(rig_rss_kib(r->link_pid) - link_before + 16384, 0, 32768);
	r->hold_present = false;
	rig_present(r);
	assert_true(rig_run(r, rig_is_equal, SOON));
	close_session(r);
}

/* Flips one bit of the n-th byte that goes one way. */
struct flip {
	int direction;
	uint64_t at, seen;
	bool done;
};

static size_t flip_one(void *user, int direction, uint8_t *bytes, size_t len)
{
	struct flip *f = user;

	if (direction == f->direction) {
		if (!f->done && f->at >= f->seen && f->at < f->seen + len) {
			bytes[f->at - f->seen] ^= 0x10;
			f->done = true;
		}
		f->seen += len;
	}
	return len;
}

static void test_flipped_byte(void **state)
{
	(void)state;
	for (int direction = 0; direction < 2; direction++) {
		struct rig *r = open_session(true);
		struct flip flip = { .direction = direction };
		struct wire_message pointer = { .type = WIRE_POINTER };

		assert_true(rig_run(r, rig_is_equal, SOON));
		rig_run(r, NULL, 100);
		unsigned updates = r->update_count;
		size_t inputs = r->input_count;
		r->on_wire = flip_one;
		r->on_wire_user = &flip;
		flip.at = 20; /* inside the next record */
		if (direction == 0)
			rig_ui_wire(r, &pointer);
		else
			fill(r, 0, 0, 100, 100, true, 5);
		if (!rig_run(r, rig_has_ended, SOON))
			fail_msg("direction %d: the session goes on", direction);
		assert_true(rig_run(r, rig_has_failed, SOON));
		assert_true(flip.done);
		/* Nothing of it was used. */
		assert_int_equal(r->input_count, inputs);
		assert_int_equal(r->update_count, updates);
		if (direction == 1)
			assert_int_equal(r->failed.fault, CRYPTO_TAMPERED);
		close_session(r);
	}
}

static void test_silence(void **state)
{
	struct rig *r = open_session(true);

	(void)state;
	assert_true(rig_run(r, rig_is_equal, SOON));
	uint64_t begin_ms = clock_now_ms();
	r->relay_stopped = true;
	assert_true(rig_run(r, rig_has_failed, WIRE_SILENCE_MS + SOON));
	assert_true(clock_now_ms() - begin_ms >= WIRE_SILENCE_MS - 2000);
	assert_true(r->silent_seen);
	assert_true(r->failed.retry);
	assert_true(rig_run(r, rig_has_ended, SOON));
	close_session(r);
}

static void test_window_closed(void **state)
{
	struct rig *r = open_session(false);
	int status;

	(void)state;
	ipc_channel_finish(&r->ui);
	assert_true(rig_exited(&r->link_pid, &status, SOON));
	assert_true(rig_run(r, rig_has_ended, SOON));
	assert_int_equal(r->ended.code, WIRE_BYE_CLOSED);
	assert_true(rig_exited(&r->worker_pid, &status, SOON));
	close_session(r);
}

static void test_supervisor_gone(void **state)
{
	struct rig *r = open_session(false);
	int status;

	(void)state;
	ipc_channel_finish(&r->supervisor);
	assert_true(rig_exited(&r->worker_pid, &status, SOON));
	assert_true(rig_run(r, rig_has_failed, SOON));
	assert_int_equal(r->failed.code, WIRE_BYE_SHUTDOWN);
	assert_true(r->failed.retry);
	close_session(r);
}

/* ---- before the session ---- */

static struct rig *new_rig(void)
{
	struct rig *r = malloc(sizeof(*r));

	assert_non_null(r);
	rig_init(r, &programs, &identity, WIDTH, HEIGHT);
	return r;
}

static void test_not_admitted(void **state)
{
	struct rig *r = new_rig();

	(void)state;
	r->admit_fault = CRYPTO_REVOKED;
	rig_start(r, false);
	assert_true(rig_run(r, rig_has_failed, SOON));
	assert_false(r->failed.retry);
	assert_int_equal(r->failed.fault, CRYPTO_REFUSED);
	assert_true(rig_run(r, rig_has_ended, SOON));
	assert_true(r->handshake_seen);
	assert_int_equal(r->handshake.fault, CRYPTO_REVOKED);
	assert_false(r->open_seen);
	close_session(r);
}

static void test_supervisor_does_not_answer(void **state)
{
	struct rig *r = new_rig();

	(void)state;
	r->admit_silent = true;
	rig_start(r, false);
	assert_true(rig_run(r, rig_has_failed, SOON));
	assert_true(rig_run(r, rig_has_ended, SOON));
	assert_int_not_equal(r->handshake.fault, CRYPTO_OK);
	close_session(r);
}

static void test_proof_denied(void **state)
{
	struct rig *r = new_rig();

	(void)state;
	r->deny = true;
	rig_start(r, false);
	assert_true(rig_run(r, rig_has_failed, SOON));
	assert_int_equal(r->failed.code, WIRE_BYE_REFUSED);
	assert_false(r->failed.retry);
	close_session(r);
}

/* Either end may be from before the bound proof: the other one then goes without. */
static void test_proof_of_older_ends(void **state)
{
	(void)state;
	for (int older_link = 0; older_link < 2; older_link++) {
		struct rig *r = new_rig();
		struct record_link_config config = rig_session_config(&identity);
		int fds[2];

		r->unbound = !older_link;
		if (older_link)
			config.codec_features &= ~WIRE_FEATURE_BOUND;
		rig_tcp_pair(fds);
		rig_start_worker(r, fds[1], NULL);
		rig_start_link(r, fds[0], &config);
		assert_true(rig_run(r, rig_is_open, SOON));
		assert_true(r->proof_good);
		assert_false(r->proof_bound);
		close_session(r);
	}
}

static void test_wrong_server(void **state)
{
	struct rig *r = new_rig();
	struct record_link_config config = rig_session_config(&identity);
	int fds[2];

	(void)state;
	snprintf(config.server_name, sizeof(config.server_name), "other" CRYPTO_SERVER_SUFFIX);
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], NULL);
	rig_start_link(r, fds[0], &config);
	assert_true(rig_run(r, rig_has_failed, SOON));
	assert_int_equal(r->failed.fault, CRYPTO_WRONG_NAME);
	assert_false(r->proof_good);
	close_session(r);
}

static bool has_ticket(const struct rig *r)
{
	return r->session_len > 0;
}

static void test_resumption(void **state)
{
	struct rig *r = open_session(false);
	struct record_link_config config = rig_session_config(&identity);
	uint8_t session[RECORD_SESSION_MAX_BYTES];
	int fds[2];

	(void)state;
	assert_true(rig_run(r, has_ticket, SOON));
	size_t len = r->session_len;
	memcpy(session, r->session, len);
	close_session(r);

	for (int revoked = 0; revoked < 2; revoked++) {
		r = new_rig();
		r->admit_fault = revoked ? CRYPTO_REVOKED : CRYPTO_OK;
		config.session.bytes = session;
		config.session.len = len;
		rig_tcp_pair(fds);
		rig_start_worker(r, fds[1], NULL);
		rig_start_link(r, fds[0], &config);
		if (revoked) {
			assert_true(rig_run(r, rig_has_failed, SOON));
			assert_false(r->granted);
		} else {
			assert_true(rig_run(r, rig_is_open, SOON));
			assert_true(r->state.resumed);
			assert_true(r->proof_good); /* resumption grants nothing by itself */
			assert_int_equal(r->admit_count, 1);
		}
		close_session(r);
	}
}

static bool has_chain(const struct rig *r)
{
	return r->chain_len > 0;
}

static bool has_enrolled(const struct rig *r)
{
	return r->enrolled_seen;
}

static void test_enrolment(void **state)
{
	struct rig *r = new_rig();
	struct record_link_config config = { .mode = RECORD_LINK_PROBE };
	struct crypto_key *once, *fresh;
	struct crypto_der invitation;
	uint8_t csr[CRYPTO_CSR_DER_MAX_BYTES], key[CRYPTO_KEY_DER_MAX_BYTES];
	int fds[2], status;

	(void)state;
	snprintf(
		config.server_name, sizeof(config.server_name), RIG_SERVER_ID CRYPTO_SERVER_SUFFIX);
	snprintf(config.server_id, sizeof(config.server_id), RIG_SERVER_ID);
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], NULL);
	rig_start_link(r, fds[0], &config);
	assert_true(rig_run(r, has_chain, SOON));
	assert_int_equal(r->chain_len, 2);
	assert_memory_equal(r->chain[1].bytes, identity.ca.bytes, identity.ca.len);
	assert_true(rig_exited(&r->link_pid, &status, SOON));
	close_session(r);

	assert_int_equal(crypto_key_generate(&once), 0);
	assert_int_equal(crypto_key_generate(&fresh), 0);
	assert_int_equal(crypto_invitation_cert(once, &invitation), 0);
	config = rig_session_config(&identity);
	config.mode = RECORD_LINK_ENROLL;
	config.chain[0] = (struct record_blob){ invitation.bytes, invitation.len };
	assert_int_equal(crypto_key_to_der(once, key, sizeof(key), &config.key.len), 0);
	config.key.bytes = key;
	assert_int_equal(crypto_csr_create(fresh, csr, &config.csr.len), 0);
	config.csr.bytes = csr;
	snprintf(config.label, sizeof(config.label), "thinkpad");
	r = new_rig();
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], &invitation);
	rig_start_link(r, fds[0], &config);
	if (!rig_run(r, has_enrolled, SOON))
		fail_msg("not enrolled: %s / %s", r->failed.reason, r->handshake.detail);
	assert_int_equal(crypto_cert_check(&r->enrolled, &identity.ca, CRYPTO_FOR_DEVICE, NULL,
				 clock_wall_s()),
		CRYPTO_OK);
	assert_true(rig_exited(&r->link_pid, &status, SOON));
	assert_true(rig_exited(&r->worker_pid, &status, SOON));
	crypto_key_destroy(once);
	crypto_key_destroy(fresh);
	close_session(r);
}

/* A laptop from before enrolments were proven, as far as its TLS and its reading go. */
static struct {
	struct tls *tls;
	uint8_t heard[512];
	size_t len;
} older;

static bool older_has_heard(const struct rig *r)
{
	(void)r;
	if (tls_handshake(older.tls) < 0)
		return false;
	ssize_t n =
		tls_read(older.tls, older.heard + older.len, sizeof(older.heard) - 1 - older.len);
	if (n > 0)
		older.len += (size_t)n;
	return n == 0;
}

static void test_enrolment_of_an_older_laptop(void **state)
{
	struct rig *r = new_rig();
	struct crypto_key *once;
	struct crypto_der invitation;
	uint8_t key[CRYPTO_KEY_DER_MAX_BYTES];
	struct tls_client_config config = { .server_name = RIG_SERVER_ID CRYPTO_SERVER_SUFFIX,
		.policy = tls_policy_default(),
		.alpn = TLS_ALPN_ENROLL_UNPROVEN };
	int fds[2];
	const struct tls_transport transport = { tls_transport_fd.read, tls_transport_fd.write,
		&fds[0] };

	(void)state;
	memset(&older, 0, sizeof(older));
	assert_int_equal(crypto_key_generate(&once), 0);
	assert_int_equal(crypto_invitation_cert(once, &invitation), 0);
	assert_int_equal(
		crypto_key_to_der(once, key, sizeof(key), &config.identity.key_der_len), 0);
	config.identity.key_der = key;
	config.identity.chain = &invitation;
	config.identity.chain_len = 1;
	config.identity.trusted = &identity.ca;
	config.identity.trusted_len = 1;
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], &invitation);
	assert_int_equal(fd_set_nonblock(fds[0]), 0);
	assert_int_equal(tls_create_client(&older.tls, &config, &transport), 0);
	/* The rig does not wait for this laptop's socket: it turns in short steps. */
	uint64_t end_ms = clock_now_ms() + SOON;
	bool heard = false;
	while (!heard && clock_now_ms() < end_ms)
		heard = rig_run(r, older_has_heard, 10);
	assert_true(heard);
	assert_int_equal(older.heard[0], WIRE_GOODBYE);
	older.heard[older.len] = '\0';
	assert_non_null(strstr((const char *)older.heard + 7, "update it"));
	assert_false(r->enrolled_seen);
	tls_destroy(older.tls);
	close(fds[0]);
	crypto_key_destroy(once);
	close_session(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_picture_is_exact),
		cmocka_unit_test(test_checksums_agree),
		cmocka_unit_test(test_input_reaches_the_agent),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_cursors_come_again),
		cmocka_unit_test(test_new_screen_size),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_another_agent),
		cmocka_unit_test(test_admin_ends_it),
		cmocka_unit_test(test_capability_taken_away),
		cmocka_unit_test(test_stalled_viewer),
		cmocka_unit_test(test_flipped_byte),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_window_closed),
		cmocka_unit_test(test_supervisor_gone),
		cmocka_unit_test(test_not_admitted),
		cmocka_unit_test(test_supervisor_does_not_answer),
		cmocka_unit_test(test_proof_denied),
		cmocka_unit_test(test_proof_of_older_ends),
		cmocka_unit_test(test_wrong_server),
		cmocka_unit_test(test_resumption),
		cmocka_unit_test(test_enrolment),
		cmocka_unit_test(test_enrolment_of_an_older_laptop),
	};

	if (argc < 3) {
		fprintf(stderr, "usage: %s FARSEAT-WORKER FARSEAT-LINK\n", argv[0]);
		return 2;
	}
	programs.worker = argv[1];
	programs.link = argv[2];
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	if (crypto_init() < 0)
		return 1;
	rig_identity_create(&identity);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rig_identity_destroy(&identity);
	crypto_finish();
	return failed;
}
