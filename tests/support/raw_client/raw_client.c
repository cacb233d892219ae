/*
 * A client that misbehaves: speaks the protocol with a given identity and then does what a bad one
 * would. For tests alone.
 *
 * usage: raw_client OPTIONS ACTION [ARGUMENT]...
 *   --connect HOST:PORT --server-id ID --cert FILE --key FILE --ca FILE
 *   --sources COUNT          comes from so many loopback addresses in turn: limits hold for each
 *
 *   session [SECONDS]        opens a session, stays so long, says goodbye
 *   inputs                   sends every message of input, view and refresh
 *   flood SECONDS            sends pointer moves as fast as they go
 *   resume                   opens a session, says "open", waits for a line on standard input, and
 *                            comes back with the ticket of that session
 *   malformed COUNT [SEED]   one broken message in each of so many sessions (resumed, where the
 *                            server gives tickets)
 *   unproven COUNT [SEED]    the same before the proof
 *   claim FINGERPRINT        proves itself as another device
 *   no-proof                 asks for input before the session is granted
 *   flip BYTE                changes one byte of what it sends after WELCOME
 *   half-open COUNT SECONDS  so many connections that say nothing; how many are left after so long
 *   drip COUNT SECONDS       the same, sending one byte of a handshake a second
 *   stall SECONDS            takes the picture and never acknowledges it
 *
 * Prints one line, "key=value ...", about how it ended. Exit status 0 when the action could be
 * done, whatever came of it.
 */
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/crypto/proof.h"
#include "common/crypto/random.h"
#include "common/peer/peer.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS   12000
#define HALF_OPEN_MAX 1024

struct raw {
	char host[256], port[16], server_id[WIRE_NAME_MAX_BYTES];
	unsigned sources, dialled; /* loopback addresses to come from, one after the other; 0: the
				      system's choice */
	struct crypto_der cert, ca;
	struct crypto_key *key;
	uint8_t key_der[CRYPTO_KEY_DER_MAX_BYTES];
	size_t key_len;
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	uint8_t session[TLS_SESSION_MAX_BYTES];
	size_t session_len;

	struct peer peer;
	bool connected;
	long flip_at; /* byte of what is written; -1 none */
	struct wire_hello hello;
	struct wire_welcome welcome;
	uint32_t frames;
	uint16_t bye_code;
	char bye_reason[WIRE_REASON_MAX_BYTES];
	int lost; /* 0, or how reading ended */
};

static void die(const char *what)
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
		die("source address");
}

static int dial(struct raw *c)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int fd = -1;

	if (getaddrinfo(c->host, c->port, &hints, &list) != 0)
		die(c->host);
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

static void hang_up(struct raw *c)
{
	if (c->connected)
		peer_finish(&c->peer);
	c->connected = false;
}

static int wait_on(struct raw *c, short events, int timeout_ms)
{
	struct pollfd p = { .fd = c->peer.fd, .events = events };

	return poll(&p, 1, timeout_ms);
}

/* TCP and TLS. false: refused; lost and tls_fault say why. */
static bool connect_tls(struct raw *c)
{
	char name[WIRE_NAME_MAX_BYTES * 2];
	struct tls_transport transport = { plain_read, flipping_write, c };
	struct tls_client_config config = { .server_name = name, .alpn = TLS_ALPN_SESSION };
	struct tls *tls;

	hang_up(c);
	c->lost = 0;
	c->bye_code = 0;
	c->frames = 0;
	c->flip_at = -1;
	int fd = dial(c);
	if (fd < 0)
		return false;
	peer_tune_socket(fd);
	if (fd_set_nonblock(fd) < 0)
		die("O_NONBLOCK");
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
		die("TLS");
	peer_set_tls(&c->peer, tls);
	int r;
	while ((r = peer_handshake(&c->peer)) == -EAGAIN)
		if (wait_on(c, tls_wants(tls), PATIENCE_MS) <= 0)
			break;
	c->lost = r;
	return r == 0;
}

static void send_message(struct raw *c, const struct wire_message *m)
{
	if (peer_send(&c->peer, m) < 0)
		die("message");
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
static bool read_until(struct raw *c, int type, int timeout_ms)
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
		wait_on(c, peer_events(&c->peer), (int)MIN(end_ms - now_ms, 200));
	}
	return false;
}

static void say_hello(struct raw *c)
{
	struct wire_message m = { .type = WIRE_HELLO };

	m.hello.version_min = m.hello.version_max = WIRE_VERSION;
	snprintf(m.hello.software, sizeof(m.hello.software), "raw_client");
	send_message(c, &m);
}

static void prove(struct raw *c, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES])
{
	struct wire_message m = { .type = WIRE_PROOF };
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];

	if (proof_sign(c->key, c->server_id, c->hello.nonce, fingerprint, signature,
		    &m.proof.signature_len) < 0)
		die("proof");
	m.proof.signature = signature;
	peer_set_phase(&c->peer, WIRE_PHASE_PROOF);
	send_message(c, &m);
}

static bool greet(struct raw *c)
{
	if (!connect_tls(c))
		return false;
	say_hello(c);
	return read_until(c, WIRE_HELLO, PATIENCE_MS);
}

static bool open_session(struct raw *c)
{
	if (!greet(c))
		return false;
	prove(c, c->fingerprint);
	if (!read_until(c, WIRE_WELCOME, PATIENCE_MS))
		return false;
	peer_set_phase(&c->peer, WIRE_PHASE_OPEN);
	if (tls_session_export(c->peer.tls, c->session, sizeof(c->session), &c->session_len) < 0)
		c->session_len = 0;
	return true;
}

static void say_end(struct raw *c, const char *more)
{
	struct tls_info info = { 0 };
	enum crypto_fault fault = CRYPTO_OK;

	if (c->connected) {
		tls_info(c->peer.tls, &info);
		fault = tls_fault(c->peer.tls);
	}
	printf("ended=%s error=%d goodbye=%u fault=%s resumed=%d caps=%u frames=%u%s reason=\"%s\"\n",
		c->bye_code ? "goodbye"
		: c->lost   ? "closed"
			    : "open",
		-c->lost, c->bye_code, crypto_fault_name(fault), info.resumed, c->welcome.caps,
		c->frames, more, c->bye_reason);
}

static void must_open(struct raw *c)
{
	if (!open_session(c)) {
		say_end(c, " session=refused");
		exit(3);
	}
}

/* ---- actions ---- */

static void act_session(struct raw *c, char **args)
{
	struct wire_message bye = { .type = WIRE_GOODBYE };

	must_open(c);
	read_until(c, 0, args[0] ? atoi(args[0]) * 1000 : 0);
	bye.goodbye.code = WIRE_BYE_CLOSED;
	send_message(c, &bye);
	say_end(c, "");
}

static void act_resume(struct raw *c, char **args)
{
	char line[16];

	(void)args;
	must_open(c);
	/* TLS 1.3 sends its tickets after the handshake: they came with WELCOME. */
	if (c->session_len == 0) {
		fputs("raw_client: the server gave no ticket\n", stderr);
		exit(1);
	}
	puts("open");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
	say_end(c, open_session(c) ? " session=open" : " session=refused");
}

static struct wire_message input(enum wire_type type, uint32_t serial)
{
	struct wire_message m = { .type = type };

	/* The serial stands first in each; the rest is chosen to be valid. */
	switch ((int)type) {
	case WIRE_KEY:
		m.key.serial = serial;
		m.key.evdev = 30;
		m.key.keysym = 'a';
		m.key.down = true;
		break;
	case WIRE_TEXT:
		m.text.serial = serial;
		m.text.utf8 = (const uint8_t *)"a";
		m.text.len = 1;
		break;
	case WIRE_POINTER:
		m.pointer.serial = serial;
		m.pointer.x_px = (uint16_t)(serial % 500);
		break;
	case WIRE_BUTTON:
		m.button.serial = serial;
		m.button.button = 1;
		m.button.down = true;
		break;
	case WIRE_WHEEL:
		m.wheel.serial = serial;
		m.wheel.dy = 120;
		break;
	case WIRE_POINTER_BY:
		m.pointer_by.serial = serial;
		m.pointer_by.dx_px = 5;
		break;
	case WIRE_RELEASE_ALL:
		m.release_all.serial = serial;
		break;
	case WIRE_VIEW:
		m.view.width_px = 800;
		m.view.height_px = 600;
		break;
	default:
		break;
	}
	return m;
}

static void act_inputs(struct raw *c, char **args)
{
	char sent[32];
	unsigned count = 0;

	(void)args;
	must_open(c);
	for (int type = WIRE_KEY; type <= WIRE_REFRESH && c->lost == 0; type++, count++) {
		struct wire_message m = input((enum wire_type)type, count + 1);
		send_message(c, &m);
	}
	read_until(c, WIRE_GOODBYE, 1500);
	snprintf(sent, sizeof(sent), " sent=%u", count);
	say_end(c, sent);
}

static void act_flood(struct raw *c, char **args)
{
	uint64_t end_ms = clock_now_ms() + (args[0] ? (uint64_t)atoi(args[0]) * 1000 : 1000);
	uint32_t count = 0;
	char sent[32];

	must_open(c);
	while (clock_now_ms() < end_ms && c->lost == 0) {
		struct wire_message m = input(WIRE_POINTER, ++count);
		if (peer_send(&c->peer, &m) == -E2BIG)
			wait_on(c, POLLOUT, 10);
		if (peer_flush(&c->peer) < 0)
			c->lost = -EPIPE;
		if (count % 64 == 0)
			read_until(c, 0, 0);
	}
	snprintf(sent, sizeof(sent), " sent=%u", count);
	say_end(c, sent);
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

/* Some valid message's bytes. */
static size_t some_message(uint32_t *seed, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	static const uint8_t types[] = { WIRE_KEY, WIRE_TEXT, WIRE_POINTER, WIRE_BUTTON, WIRE_WHEEL,
		WIRE_POINTER_BY, WIRE_RELEASE_ALL, WIRE_VIEW, WIRE_REFRESH, WIRE_FRAME_ACK,
		WIRE_CHECKSUM_ASK, WIRE_PING, WIRE_PONG, WIRE_GOODBYE };
	struct wire_message m =
		input((enum wire_type)types[random_next(seed) % sizeof(types)], random_next(seed));

	if (m.type == WIRE_GOODBYE)
		m.goodbye.code = WIRE_BYE_CLOSED;
	int len = wire_encode(&m, out);
	if (len < 0)
		die("message");
	return (size_t)len;
}

/* Breaks a message in one of the ways that a message can be broken in; its new length. */
static size_t break_message(uint32_t *seed, uint8_t *bytes, size_t len)
{
	uint32_t payload = (uint32_t)len - WIRE_HEADER_BYTES;

	switch (random_next(seed) % 9) {
	case 0: /* a type nobody knows */
		bytes[0] = (uint8_t)(200 + random_next(seed) % 50);
		break;
	case 1: /* flags nobody knows */
		bytes[1] |= (uint8_t)(2U << random_next(seed) % 7);
		break;
	case 2: /* longer than a message may be */
		bytes[2] = (uint8_t)(0x40 + random_next(seed) % 0xbf);
		break;
	case 3: /* shorter than its fields */
		payload = payload ? random_next(seed) % payload : 0;
		bytes[2] = (uint8_t)(payload >> 8);
		bytes[3] = (uint8_t)payload;
		return WIRE_HEADER_BYTES + payload;
	case 4: /* longer than its fields */
		payload += 1 + random_next(seed) % 64;
		bytes[2] = (uint8_t)(payload >> 8);
		bytes[3] = (uint8_t)payload;
		memset(bytes + len, 0xaa, payload + WIRE_HEADER_BYTES - len);
		return WIRE_HEADER_BYTES + payload;
	case 5: /* what only the other end may say */
		bytes[0] = (uint8_t[]){ WIRE_WELCOME, WIRE_SCREEN, WIRE_FRAME, WIRE_CURSOR,
			WIRE_CHECKSUM, WIRE_CAPS, WIRE_ENROLLED }[random_next(seed) % 7];
		break;
	case 6: /* twice what may be said once */
		bytes[0] = random_next(seed) % 2 ? WIRE_HELLO : WIRE_PROOF;
		break;
	case 7: /* noise, header included */
		len = 16 + random_next(seed) % 2000;
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)random_next(seed);
		break;
	default: /* some bits of the payload */
		for (int i = 0; i < 4 && payload; i++)
			bytes[WIRE_HEADER_BYTES + random_next(seed) % payload] ^=
				(uint8_t)(1U << random_next(seed) % 8);
		break;
	}
	return len;
}

/* One broken message, and the stream's end in the middle of it where it promises more than it has.
 */
static void send_broken(struct raw *c, uint32_t *seed)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	size_t len = break_message(seed, bytes, some_message(seed, bytes));

	if (tls_write(c->peer.tls, bytes, len) == -EAGAIN)
		wait_on(c, POLLOUT, 100);
	(void)!shutdown(c->peer.fd, SHUT_WR);
	read_until(c, 0, 3000);
}

static void broken_sessions(struct raw *c, char **args, bool proven)
{
	int count = args[0] ? atoi(args[0]) : 100;
	uint32_t seed = args[0] && args[1] ? (uint32_t)atoi(args[1]) : 1;
	unsigned ended = 0, protocol = 0, refused = 0, left = 0;
	char more[128];

	for (int i = 0; i < count; i++) {
		if (!(proven ? open_session(c) : greet(c))) {
			/* Limits of the server: wait a little and go on. */
			refused++;
			usleep(100000);
			if (refused > 50 + (unsigned)count / 10)
				break;
			continue;
		}
		send_broken(c, &seed);
		if (c->lost == 0)
			left++;
		else
			ended++;
		if (c->bye_code == WIRE_BYE_PROTOCOL)
			protocol++;
	}
	snprintf(more, sizeof(more), " sessions=%u protocol=%u refused=%u left=%u", ended, protocol,
		refused, left);
	say_end(c, more);
}

static void act_malformed(struct raw *c, char **args)
{
	broken_sessions(c, args, true);
}

static void act_unproven(struct raw *c, char **args)
{
	broken_sessions(c, args, false);
}

static void act_claim(struct raw *c, char **args)
{
	uint8_t other[CRYPTO_FINGERPRINT_BYTES];

	if (!args[0] || crypto_fingerprint_parse(args[0], other) < 0) {
		fputs("raw_client: claim needs 64 hexadecimal digits\n", stderr);
		exit(2);
	}
	if (greet(c)) {
		prove(c, other);
		read_until(c, WIRE_WELCOME, PATIENCE_MS);
	}
	say_end(c, "");
}

static void act_no_proof(struct raw *c, char **args)
{
	struct wire_message m = input(WIRE_KEY, 1);

	(void)args;
	if (greet(c)) {
		send_message(c, &m);
		read_until(c, WIRE_GOODBYE, PATIENCE_MS);
	}
	say_end(c, "");
}

static void act_flip(struct raw *c, char **args)
{
	struct wire_message m = input(WIRE_POINTER, 1);

	must_open(c);
	c->flip_at = args[0] ? atol(args[0]) : 20;
	for (int i = 0; i < 50 && c->lost == 0; i++) {
		send_message(c, &m);
		read_until(c, 0, 20);
	}
	say_end(c, "");
}

static void act_stall(struct raw *c, char **args)
{
	must_open(c);
	read_until(c, 0, args[0] ? atoi(args[0]) * 1000 : 5000);
	say_end(c, "");
}

static void hold_connections(struct raw *c, char **args, bool drip)
{
	int count = args[0] ? MIN(atoi(args[0]), HALF_OPEN_MAX) : 100;
	int seconds = args[0] && args[1] ? atoi(args[1]) : 11;
	static int fds[HALF_OPEN_MAX];
	static const uint8_t hello[] = { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03,
		0x03, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	int opened = 0, left = 0;

	for (int i = 0; i < count; i++) {
		fds[i] = dial(c);
		opened += fds[i] >= 0;
	}
	for (int s = 0; s < seconds; s++) {
		for (int i = 0; drip && i < count; i++)
			if (fds[i] >= 0)
				(void)!send(fds[i], &hello[(size_t)s % sizeof(hello)], 1,
					MSG_NOSIGNAL | MSG_DONTWAIT);
		sleep(1);
	}
	for (int i = 0; i < count; i++) {
		uint8_t byte;
		ssize_t n;
		if (fds[i] < 0)
			continue;
		while ((n = recv(fds[i], &byte, 1, MSG_DONTWAIT)) > 0)
			continue;
		left += n < 0 && errno == EAGAIN;
		close(fds[i]);
	}
	printf("opened=%d left=%d\n", opened, left);
}

static void act_half_open(struct raw *c, char **args)
{
	hold_connections(c, args, false);
}

static void act_drip(struct raw *c, char **args)
{
	hold_connections(c, args, true);
}

static const struct {
	const char *name;
	void (*act)(struct raw *c, char **args);
} actions[] = {
	{ "session", act_session },
	{ "resume", act_resume },
	{ "inputs", act_inputs },
	{ "flood", act_flood },
	{ "malformed", act_malformed },
	{ "unproven", act_unproven },
	{ "claim", act_claim },
	{ "no-proof", act_no_proof },
	{ "flip", act_flip },
	{ "half-open", act_half_open },
	{ "drip", act_drip },
	{ "stall", act_stall },
};

static void take_address(struct raw *c, const char *address)
{
	const char *colon = strrchr(address, ':');

	snprintf(c->host, sizeof(c->host), "%.*s", colon ? (int)(colon - address) : 255, address);
	snprintf(c->port, sizeof(c->port), "%s", colon ? colon + 1 : "7420");
}

static void take_option(struct raw *c, const char *name, const char *value)
{
	if (strcmp(name, "--connect") == 0) {
		take_address(c, value);
	} else if (strcmp(name, "--server-id") == 0) {
		snprintf(c->server_id, sizeof(c->server_id), "%s", value);
	} else if (strcmp(name, "--sources") == 0) {
		c->sources = (unsigned)atoi(value);
	} else if (strcmp(name, "--cert") == 0) {
		if (crypto_cert_from_file(value, &c->cert) < 0 ||
			crypto_cert_fingerprint(c->cert.bytes, c->cert.len, c->fingerprint) < 0)
			die(value);
	} else if (strcmp(name, "--ca") == 0) {
		if (crypto_cert_from_file(value, &c->ca) < 0)
			die(value);
	} else if (strcmp(name, "--key") == 0) {
		if (crypto_key_from_file(&c->key, value, NULL) < 0 ||
			crypto_key_to_der(c->key, c->key_der, sizeof(c->key_der), &c->key_len) < 0)
			die(value);
	} else {
		fprintf(stderr, "raw_client: no option %s\n", name);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct raw c = { .flip_at = -1 };
	int i = 1;

	if (crypto_init() < 0)
		return 1;
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		take_option(&c, argv[i], argv[i + 1]);
	for (size_t a = 0; i < argc && a < ARRAY_LEN(actions); a++) {
		if (strcmp(argv[i], actions[a].name) == 0) {
			actions[a].act(&c, argv + i + 1);
			hang_up(&c);
			crypto_key_destroy(c.key);
			return 0;
		}
	}
	fputs("raw_client: no such action; see the top of raw_client.c\n", stderr);
	return 2;
}
