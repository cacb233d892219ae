/* From the first byte to an open session, and what came of it. */
#include "tests/support/raw_client/raw.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/net_tune.h"
#include "common/crypto/proof.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void raw_die(const char *what)
{
	fprintf(stderr, "raw_client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static ssize_t flipping_write(void *user, const uint8_t *bytes, size_t len)
{
	struct raw *c = user;
	uint8_t copy[32768];

	if (c->flip_at < 0)
		return tls_transport_fd.write(&c->peer.fd, bytes, len);
	len = MIN(len, sizeof(copy));
	memcpy(copy, bytes, len);
	if ((size_t)c->flip_at < len)
		copy[c->flip_at] ^= 1;
	ssize_t n = tls_transport_fd.write(&c->peer.fd, copy, len);
	if (n > 0)
		c->flip_at = c->flip_at >= n ? c->flip_at - n : -1;
	return n;
}

static ssize_t plain_read(void *user, uint8_t *bytes, size_t len)
{
	struct raw *c = user;

	return tls_transport_fd.read(&c->peer.fd, bytes, len);
}

static void come_from(struct raw *c, int fd)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	unsigned number = c->dialled++ % MAX(c->sources, 1);

	from.sin_addr.s_addr = htonl(0x7f010001U + number / 250 * 256 + number % 250);
	if (c->sources > 0 && bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0)
		raw_die("source address");
}

int raw_dial(struct raw *c)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int fd = -1;

	if (getaddrinfo(c->host, c->port, &hints, &list) != 0)
		raw_die(c->host);
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && a->ai_family == AF_INET)
			come_from(c, fd);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0)
			fd_close(&fd);
	}
	freeaddrinfo(list);
	return fd;
}

void raw_hang_up(struct raw *c)
{
	if (c->connected)
		peer_finish(&c->peer);
	c->connected = false;
}

int raw_wait_on(struct raw *c, short events, int timeout_ms)
{
	struct pollfd p = { .fd = c->peer.fd, .events = events };

	return poll(&p, 1, timeout_ms);
}

/* " binding=HEX" of the connection. */
static void note_binding(struct raw *c)
{
	int at = snprintf(c->binding_text, sizeof(c->binding_text), " binding=");

	if (tls_binding(c->peer.tls, c->binding) < 0)
		raw_die("binding");
	for (size_t i = 0; i < sizeof(c->binding); i++)
		at += snprintf(c->binding_text + at, sizeof(c->binding_text) - (size_t)at, "%02x",
			c->binding[i]);
}

/* TCP and TLS. false: refused; lost and tls_fault say why. */
static bool connect_tls(struct raw *c)
{
	char name[WIRE_NAME_MAX_BYTES * 2];
	struct tls_transport transport = { plain_read, flipping_write, c };
	struct tls_client_config config = { .server_name = name, .alpn = TLS_ALPN_SESSION };
	struct tls *tls;

	raw_hang_up(c);
	c->lost = 0;
	c->bye_code = 0;
	c->frames = 0;
	c->flip_at = -1;
	int fd = raw_dial(c);
	if (fd < 0)
		return false;
	net_tune(fd);
	if (fd_set_nonblock(fd) < 0)
		raw_die("O_NONBLOCK");
	peer_init(&c->peer, fd, false, clock_now_ms());
	c->connected = true;
	snprintf(name, sizeof(name), "%s%s", c->server_id, CRYPTO_SERVER_SUFFIX);
	config.identity.chain = &c->cert;
	config.identity.chain_len = 1;
	config.identity.key_der = c->key_der;
	config.identity.key_der_len = c->key_len;
	config.identity.trusted = &c->ca;
	config.identity.trusted_len = 1;
	config.policy = tls_policy_default();
	config.session = c->session_len ? c->session : NULL;
	config.session_len = c->session_len;
	if (tls_create_client(&tls, &config, &transport) < 0)
		raw_die("TLS");
	peer_set_tls(&c->peer, tls);
	int r;
	while ((r = peer_handshake(&c->peer)) == -EAGAIN)
		if (raw_wait_on(c, tls_wants(tls), RAW_PATIENCE_MS) <= 0)
			break;
	c->lost = r;
	if (r == 0)
		note_binding(c);
	return r == 0;
}

void raw_send(struct raw *c, const struct wire_message *m)
{
	if (peer_send(&c->peer, m) < 0)
		raw_die("message");
	int r = peer_flush(&c->peer);
	if (r < 0 && c->lost == 0)
		c->lost = r;
}

static void keep(struct raw *c, const struct wire_message *m)
{
	if (m->type == WIRE_HELLO)
		c->hello = m->hello;
	else if (m->type == WIRE_WELCOME)
		c->welcome = m->welcome;
	else if (m->type == WIRE_FRAME && (m->frame.flags & WIRE_FRAME_END))
		c->frames++;
	else if (m->type == WIRE_GOODBYE) {
		c->bye_code = m->goodbye.code;
		snprintf(c->bye_reason, sizeof(c->bye_reason), "%s", m->goodbye.reason);
	}
}

/* Reads until a message of that type came (0: for the whole time), the other end is gone, or time
 * is over. */
bool raw_read_until(struct raw *c, int type, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;
	struct wire_message m;

	while (c->lost == 0) {
		int r = peer_next(&c->peer, &m);
		if (r == 1) {
			keep(c, &m);
			if ((int)m.type == type)
				return true;
			continue;
		}
		if (r != -EAGAIN) {
			c->lost = r;
			break;
		}
		uint64_t now_ms = clock_now_ms();
		if (now_ms >= end_ms)
			return false;
		if (peer_tick(&c->peer, now_ms) == -ETIMEDOUT)
			c->lost = -ETIMEDOUT;
		if (peer_flush(&c->peer) < 0)
			c->lost = -EPIPE;
		raw_wait_on(c, peer_events(&c->peer), (int)MIN(end_ms - now_ms, 200));
	}
	return false;
}

static void say_hello(struct raw *c)
{
	struct wire_message m = { .type = WIRE_HELLO };

	m.hello.version_min = m.hello.version_max = WIRE_VERSION;
	m.hello.codec_features = c->features | (c->unbound ? 0 : WIRE_FEATURE_BOUND);
	snprintf(m.hello.software, sizeof(m.hello.software), "raw_client");
	raw_send(c, &m);
}

void raw_prove(struct raw *c, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES])
{
	struct wire_message m = { .type = WIRE_PROOF };
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES], binding[TLS_BINDING_BYTES];

	memcpy(binding, c->binding, sizeof(binding));
	binding[0] ^= c->misbound;
	if (proof_sign(c->key, c->server_id, c->hello.nonce, fingerprint,
		    c->unbound ? NULL : binding, signature, &m.proof.signature_len) < 0)
		raw_die("proof");
	m.proof.signature = signature;
	peer_set_phase(&c->peer, WIRE_PHASE_PROOF);
	raw_send(c, &m);
}

bool raw_greet(struct raw *c)
{
	if (!connect_tls(c))
		return false;
	say_hello(c);
	return raw_read_until(c, WIRE_HELLO, RAW_PATIENCE_MS);
}

bool raw_open_session(struct raw *c)
{
	if (!raw_greet(c))
		return false;
	raw_prove(c, c->fingerprint);
	if (!raw_read_until(c, WIRE_WELCOME, RAW_PATIENCE_MS))
		return false;
	peer_set_phase(&c->peer, WIRE_PHASE_OPEN);
	if (tls_session_export(c->peer.tls, c->session, sizeof(c->session), &c->session_len) < 0)
		c->session_len = 0;
	return true;
}

/* A word for each fault, for the tests that read the line below. */
static const char *const fault_names[] = {
	[CRYPTO_OK] = "ok",
	[CRYPTO_NO_CERTIFICATE] = "no-certificate",
	[CRYPTO_UNKNOWN_CA] = "unknown-ca",
	[CRYPTO_EXPIRED] = "expired",
	[CRYPTO_NOT_YET_VALID] = "not-yet-valid",
	[CRYPTO_REVOKED] = "revoked",
	[CRYPTO_WRONG_PURPOSE] = "wrong-purpose",
	[CRYPTO_WRONG_NAME] = "wrong-name",
	[CRYPTO_NOT_ADMITTED] = "not-admitted",
	[CRYPTO_WRONG_VERSION] = "wrong-version",
	[CRYPTO_NO_COMMON_SUITE] = "no-common-suite",
	[CRYPTO_WRONG_PROTOCOL] = "wrong-protocol",
	[CRYPTO_TAMPERED] = "tampered",
	[CRYPTO_REFUSED] = "refused",
	[CRYPTO_CLOSED] = "closed",
	[CRYPTO_MALFORMED] = "malformed",
	[CRYPTO_INTERNAL] = "internal",
};

void raw_say_end(struct raw *c, const char *more)
{
	struct tls_info info = { 0 };
	enum crypto_fault fault = CRYPTO_OK;

	if (c->connected) {
		tls_info(c->peer.tls, &info);
		fault = tls_fault(c->peer.tls);
	}
	printf("ended=%s error=%d goodbye=%u fault=%s resumed=%d caps=%u frames=%u%s%s reason=\"%s\"\n",
		c->bye_code ? "goodbye"
		: c->lost   ? "closed"
			    : "open",
		-c->lost, c->bye_code, fault_names[fault], info.resumed, c->welcome.caps, c->frames,
		c->binding_text, more, c->bye_reason);
}

void raw_must_open(struct raw *c)
{
	if (!raw_open_session(c)) {
		raw_say_end(c, " session=refused");
		exit(3);
	}
}
