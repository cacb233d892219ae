#include "tests/support/rig/rig.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/process.h"
#include "common/crypto/proof.h"
#include "common/crypto/random.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* B, G and R of a pixel in memory; X does not count. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RGB_MASK 0x00ffffffU
#else
#define RGB_MASK 0xffffff00U
#endif

/* A test cannot go on after this. */
static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "rig: %s (%s)\n", what, strerror(errno));
		abort();
	}
}

static void sign(struct rig_identity *id, enum crypto_purpose purpose, const char *name,
	const struct crypto_key *key, struct crypto_der *out)
{
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = purpose, .name = name };

	must(crypto_key_public_der(key, spki, sizeof(spki), &request.public_key_len) == 0,
		"public key");
	request.public_key = spki;
	must(crypto_ca_sign(id->ca_key, &id->ca, &request, out) == 0, "sign");
}

void rig_identity_create(struct rig_identity *id)
{
	memset(id, 0, sizeof(*id));
	must(crypto_key_generate(&id->ca_key) == 0, "CA key");
	must(crypto_ca_create(id->ca_key, "rig CA", &id->ca) == 0, "CA");
	must(crypto_key_generate(&id->server_key) == 0, "server key");
	must(crypto_key_generate(&id->device_key) == 0, "device key");
	sign(id, CRYPTO_FOR_SERVER, RIG_SERVER_ID CRYPTO_SERVER_SUFFIX, id->server_key,
		&id->server);
	sign(id, CRYPTO_FOR_DEVICE, "farseat:device:00000000-0000-4000-8000-000000000001",
		id->device_key, &id->device);
	must(crypto_key_to_der(id->server_key, id->server_key_der, sizeof(id->server_key_der),
		     &id->server_key_len) == 0,
		"server key");
	must(crypto_key_to_der(id->device_key, id->device_key_der, sizeof(id->device_key_der),
		     &id->device_key_len) == 0,
		"device key");
	must(crypto_cert_fingerprint(id->device.bytes, id->device.len, id->device_fingerprint) == 0,
		"fingerprint");
	must(crypto_key_public_der(id->device_key, id->device_spki, sizeof(id->device_spki),
		     &id->device_spki_len) == 0,
		"device's public key");
}

void rig_identity_destroy(struct rig_identity *id)
{
	crypto_key_destroy(id->ca_key);
	crypto_key_destroy(id->server_key);
	crypto_key_destroy(id->device_key);
}

void rig_tcp_pair(int fds[static 2])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(listener >= 0, "socket");
	must(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	must(listen(listener, 1) == 0, "listen");
	must(getsockname(listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(connect(fds[0], (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	must(fds[1] >= 0, "accept");
	close(listener);
	for (int i = 0; i < 2; i++) {
		int on = 1;
		must(setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0,
			"TCP_NODELAY");
		must(fd_set_nonblock(fds[i]) == 0, "O_NONBLOCK");
	}
}

/* ---- start and end ---- */

static void make_framebuffer(struct rig *r, uint16_t width_px, uint16_t height_px)
{
	ipc_memory_finish(&r->framebuffer);
	r->width_px = width_px;
	r->height_px = height_px;
	r->framebuffer_generation++;
	must(ipc_memory_create(&r->framebuffer, "rig", (size_t)width_px * height_px * 4) == 0,
		"framebuffer");
}

void rig_init(struct rig *r, const struct rig_programs *programs, const struct rig_identity *id,
	uint16_t width_px, uint16_t height_px)
{
	memset(r, 0, sizeof(*r));
	r->programs = programs;
	r->id = id;
	r->supervisor.fd = r->agent.fd = r->ui.fd = -1;
	r->framebuffer.fd = r->pixels.fd = -1;
	r->relay[0] = r->relay[1] = -1;
	r->caps = WIRE_CAPS_CONTROL;
	make_framebuffer(r, width_px, height_px);
}

static void end_process(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

void rig_finish(struct rig *r)
{
	end_process(&r->worker_pid);
	end_process(&r->link_pid);
	ipc_channel_finish(&r->supervisor);
	ipc_channel_finish(&r->agent);
	ipc_channel_finish(&r->ui);
	ipc_memory_finish(&r->framebuffer);
	ipc_memory_finish(&r->pixels);
	fd_close(&r->relay[0]);
	fd_close(&r->relay[1]);
}

/* Starts path with our channel as its 3 and fd as its 4. */
static pid_t start(const char *path, struct ipc_channel *channel, int fd)
{
	const char *const argv[] = { path, NULL };
	int pair[2];
	pid_t pid;

	must(ipc_pair(pair) == 0, "channel");
	const int fds[] = { pair[1], fd };
	const struct process_spec spec = {
		.path = path, .argv = argv, .fds = fds, .fd_count = 2, .die_with_parent = true
	};
	must(process_start(&spec, &pid) == 0, path);
	close(pair[1]);
	close(fd);
	must(ipc_channel_init(channel, pair[0]) == 0, "channel");
	return pid;
}

static struct record_blob blob(const uint8_t *bytes, size_t len)
{
	return (struct record_blob){ bytes, len };
}

void rig_start_worker(struct rig *r, int fd, const struct crypto_der *invitation)
{
	struct record m = { .type = RECORD_WORKER_CONFIG };
	struct record_worker_config *c = &m.worker_config;

	r->worker_pid = start(r->programs->worker, &r->supervisor, fd);
	must(crypto_random(r->nonce, sizeof(r->nonce)) == 0, "nonce");
	c->worker = 1;
	snprintf(c->server_id, sizeof(c->server_id), RIG_SERVER_ID);
	snprintf(c->peer, sizeof(c->peer), "127.0.0.1");
	memcpy(c->nonce, r->nonce, sizeof(c->nonce));
	c->chain[0] = blob(r->id->server.bytes, r->id->server.len);
	c->chain[1] = blob(r->id->ca.bytes, r->id->ca.len);
	c->chain_len = 2;
	c->key = blob(r->id->server_key_der, r->id->server_key_len);
	c->trusted[0] = blob(r->id->ca.bytes, r->id->ca.len);
	c->trusted_len = 1;
	if (invitation) {
		c->invitations[0] = blob(invitation->bytes, invitation->len);
		c->invitations_len = 1;
	}
	memset(c->ticket_keys[0], 7, sizeof(c->ticket_keys[0]));
	c->ticket_lifetime_s = 3600;
	c->allow_tls12 = c->allow_tls13 = true;
	c->codec_features = UINT32_MAX;
	must(record_send(&r->supervisor, &m, -1) == 0, "WORKER_CONFIG");
}

struct record_link_config rig_session_config(const struct rig_identity *id)
{
	struct record_link_config c = { .mode = RECORD_LINK_SESSION };

	snprintf(c.server_name, sizeof(c.server_name), RIG_SERVER_ID CRYPTO_SERVER_SUFFIX);
	snprintf(c.server_id, sizeof(c.server_id), RIG_SERVER_ID);
	c.chain[0] = blob(id->device.bytes, id->device.len);
	c.chain_len = 1;
	c.key = blob(id->device_key_der, id->device_key_len);
	c.trusted[0] = blob(id->ca.bytes, id->ca.len);
	c.trusted_len = 1;
	c.codec_features = UINT32_MAX;
	return c;
}

void rig_start_link(struct rig *r, int fd, const struct record_link_config *config)
{
	struct record m = { .type = RECORD_LINK_CONFIG };

	r->link_pid = start(r->programs->link, &r->ui, fd);
	m.link_config = *config;
	must(record_send(&r->ui, &m, -1) == 0, "LINK_CONFIG");
}

void rig_start(struct rig *r, bool relayed)
{
	struct record_link_config config = rig_session_config(r->id);
	int client[2], server[2];

	rig_tcp_pair(client);
	if (!relayed) {
		rig_start_worker(r, client[1], NULL);
	} else {
		rig_tcp_pair(server);
		r->relay[0] = client[1];
		r->relay[1] = server[0];
		rig_start_worker(r, server[1], NULL);
	}
	rig_start_link(r, client[0], &config);
}

/* One that has ended meanwhile is told nothing. */
static void tell(struct ipc_channel *c, const struct record *m, int fd, const char *what)
{
	int r = record_send(c, m, fd);

	must(r == 0 || r == -EPIPE, what);
}

/* ---- the supervisor ---- */

static void send_framebuffer(struct rig *r)
{
	struct record m = { .type = RECORD_FRAMEBUFFER };

	m.framebuffer.generation = r->framebuffer_generation;
	m.framebuffer.width_px = r->width_px;
	m.framebuffer.height_px = r->height_px;
	tell(&r->agent, &m, r->framebuffer.fd, "FRAMEBUFFER");
	r->requested = false;
	rig_damage(r, 0, 0, r->width_px, r->height_px);
}

static void grant(struct rig *r)
{
	struct record m = { .type = RECORD_GRANTED };
	int pair[2];

	must(ipc_pair(pair) == 0, "agent's channel");
	m.granted.welcome.session = 1;
	m.granted.welcome.caps = r->caps;
	snprintf(m.granted.welcome.device, sizeof(m.granted.welcome.device), "laptop");
	snprintf(m.granted.welcome.workstation, sizeof(m.granted.welcome.workstation), "office");
	tell(&r->supervisor, &m, pair[1], "GRANTED");
	close(pair[1]);
	must(ipc_channel_init(&r->agent, pair[0]) == 0, "agent's channel");
	r->granted = true;
	send_framebuffer(r);
}

static void verify(struct rig *r, const struct record_proof *proof)
{
	r->proof_good =
		memcmp(proof->fingerprint, r->id->device_fingerprint, 32) == 0 &&
		proof_verify(r->id->device_spki, r->id->device_spki_len, RIG_SERVER_ID, r->nonce,
			proof->fingerprint, proof->signature.bytes, proof->signature.len) == 0;
	if (r->proof_good && !r->deny) {
		grant(r);
		return;
	}
	struct record m = { .type = RECORD_DENIED };
	m.denied.code = WIRE_BYE_REFUSED;
	snprintf(m.denied.reason, sizeof(m.denied.reason), "this device is not admitted");
	tell(&r->supervisor, &m, -1, "DENIED");
}

static void enroll(struct rig *r, const struct record_enroll *in)
{
	struct record m = { .type = RECORD_CERT };
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = CRYPTO_FOR_DEVICE };
	struct crypto_der cert;

	request.name = "farseat:device:00000000-0000-4000-8000-000000000002";
	must(crypto_csr_public_key(in->csr.bytes, in->csr.len, spki, &request.public_key_len) == 0,
		"CSR");
	request.public_key = spki;
	must(crypto_ca_sign(r->id->ca_key, &r->id->ca, &request, &cert) == 0, "sign");
	m.cert.cert = blob(cert.bytes, cert.len);
	m.cert.ca = blob(r->id->ca.bytes, r->id->ca.len);
	snprintf(m.cert.device, sizeof(m.cert.device), "%s", in->label);
	snprintf(m.cert.workstation, sizeof(m.cert.workstation), "office");
	tell(&r->supervisor, &m, -1, "CERT");
}

static void from_worker(struct rig *r, const struct record *m)
{
	struct record reply = { .type = RECORD_ADMIT_REPLY };

	switch ((int)m->type) {
	case RECORD_ADMIT_QUERY:
		r->admit_count++;
		reply.admit_reply.fault = (uint8_t)r->admit_fault;
		if (!r->admit_silent)
			tell(&r->supervisor, &reply, -1, "ADMIT_REPLY");
		break;
	case RECORD_PROOF:
		verify(r, &m->proof);
		break;
	case RECORD_ENROLL:
		enroll(r, &m->enroll);
		break;
	case RECORD_HANDSHAKE:
		r->handshake = m->handshake;
		r->handshake_seen = true;
		break;
	case RECORD_ENDED:
		r->ended = m->ended;
		r->ended_seen = true;
		break;
	case RECORD_STATS:
		r->stats = m->stats;
		r->stats_seen = true;
		break;
	case RECORD_LOG:
		if (getenv("RIG_LOG"))
			fprintf(stderr, "worker: %s\n", m->log.line);
		break;
	default:
		must(false, record_type_name((uint8_t)m->type));
	}
}

/* ---- the agent ---- */

static void send_ready(struct rig *r)
{
	struct record m = { .type = RECORD_FRAME_READY, .frame_ready = r->damage };

	if (!r->requested || r->damage.rect_count == 0 || r->agent.fd < 0)
		return;
	m.frame_ready.generation = r->framebuffer_generation;
	m.frame_ready.input_serial = r->input_serial;
	m.frame_ready.captured_ns = clock_now_ns();
	r->requested = false;
	r->taken = false;
	r->damage.rect_count = 0;
	r->ready_us = clock_now_us();
	r->ready_count++;
	if (record_send(&r->agent, &m, -1) < 0)
		ipc_channel_finish(&r->agent);
}

void rig_damage(struct rig *r, uint16_t x_px, uint16_t y_px, uint16_t width_px, uint16_t height_px)
{
	if (r->damage.rect_count == RECORD_RECTS_MAX) {
		r->damage.rect_count = 1;
		r->damage.rects[0] = (struct record_rect){ 0, 0, r->width_px, r->height_px };
	} else {
		r->damage.rects[r->damage.rect_count++] =
			(struct record_rect){ x_px, y_px, width_px, height_px };
	}
	send_ready(r);
}

void rig_new_framebuffer(struct rig *r, uint16_t width_px, uint16_t height_px)
{
	make_framebuffer(r, width_px, height_px);
	r->damage.rect_count = 0;
	send_framebuffer(r);
}

void rig_send_cursor(struct rig *r, uint16_t width_px, uint16_t height_px, const uint8_t *bytes)
{
	struct record m = { .type = RECORD_CURSOR };
	struct ipc_memory memory = { .fd = -1 };

	m.cursor.width_px = width_px;
	m.cursor.height_px = height_px;
	if (width_px) {
		size_t len = (size_t)width_px * height_px * 4;
		must(ipc_memory_create(&memory, "rig", len) == 0, "cursor");
		memcpy(memory.bytes, bytes, len);
	}
	tell(&r->agent, &m, memory.fd, "CURSOR");
	ipc_memory_finish(&memory);
}

static void agent_from_worker(struct rig *r, const struct record *m)
{
	struct wire_message input;

	if (m->type == RECORD_FRAME_REQUEST) {
		r->requested = true;
		send_ready(r);
	} else if (m->type == RECORD_FRAME_TAKEN) {
		r->taken = true;
	} else if (m->type == RECORD_WIRE) {
		must(record_wire_message(&m->wire, &input) == 0, "WIRE");
		r->inputs[r->input_count++ % RIG_WIRE_LOG] = input;
	}
}

/* ---- the UI ---- */

void rig_ui_wire(struct rig *r, const struct wire_message *m)
{
	must(record_send_wire(&r->ui, m) == 0, "WIRE to the link");
}

void rig_present(struct rig *r)
{
	struct record m = { .type = RECORD_PRESENTED };

	if (!r->present_owed)
		return;
	r->present_owed = 0;
	m.presented.frame = r->update.frame;
	if (record_send(&r->ui, &m, -1) < 0)
		ipc_channel_finish(&r->ui);
}

static void on_screen(struct rig *r, const struct wire_screen *screen)
{
	struct record m = { .type = RECORD_PIXELS };

	r->screen = *screen;
	ipc_memory_finish(&r->pixels);
	m.pixels.generation = screen->generation;
	m.pixels.stride_bytes = (uint32_t)screen->width_px * 4;
	must(ipc_memory_create(
		     &r->pixels, "rig", (size_t)m.pixels.stride_bytes * screen->height_px) == 0,
		"pixels");
	tell(&r->ui, &m, r->pixels.fd, "PIXELS");
}

static void ui_wire(struct rig *r, const struct record *m)
{
	struct wire_message w;

	must(record_wire_message(&m->wire, &w) == 0, "WIRE from the link");
	if (w.type == WIRE_SCREEN) {
		on_screen(r, &w.screen);
	} else if (w.type == WIRE_WELCOME) {
		r->welcome = w.welcome;
		r->welcome_seen = true;
	} else if (w.type == WIRE_CAPS) {
		r->caps_seen = w.caps.caps;
	} else if (w.type == WIRE_ENROLLED) {
		r->enrolled.len = w.enrolled.cert_len;
		memcpy(r->enrolled.bytes, w.enrolled.cert, w.enrolled.cert_len);
		r->enrolled_seen = true;
	}
}

static void on_cursor(struct rig *r, const struct record *m, int *fd)
{
	struct ipc_memory memory;
	size_t len = (size_t)m->cursor.width_px * m->cursor.height_px * 4;

	r->cursor = m->cursor;
	r->cursor_seen = true;
	if (len == 0)
		return;
	must(ipc_memory_map(&memory, *fd, len, false) == 0, "cursor's memory");
	*fd = -1;
	memcpy(r->cursor_bytes, memory.bytes, len);
	ipc_memory_finish(&memory);
}

static void on_chain(struct rig *r, const struct record *m)
{
	r->chain_len = m->chain.count;
	for (size_t i = 0; i < m->chain.count; i++) {
		r->chain[i].len = m->chain.certs[i].len;
		memcpy(r->chain[i].bytes, m->chain.certs[i].bytes, m->chain.certs[i].len);
	}
}

static void from_link(struct rig *r, const struct record *m, int *fd)
{
	switch ((int)m->type) {
	case RECORD_WIRE:
		ui_wire(r, m);
		break;
	case RECORD_UPDATE:
		r->update = m->update;
		r->update_us = clock_now_us();
		r->update_count++;
		r->present_owed = 1;
		if (!r->hold_present)
			rig_present(r);
		break;
	case RECORD_LINK_STATE:
		r->state = m->link_state;
		r->open_seen |= m->link_state.phase == RECORD_LINK_OPEN;
		r->silent_seen |= m->link_state.phase == RECORD_LINK_SILENT;
		break;
	case RECORD_LINK_FAILED:
		r->failed = m->link_failed;
		r->failed_seen = true;
		break;
	case RECORD_LINK_CURSOR:
		on_cursor(r, m, fd);
		break;
	case RECORD_TICKET:
		r->session_len = m->ticket.session.len;
		memcpy(r->session, m->ticket.session.bytes, m->ticket.session.len);
		break;
	case RECORD_CHAIN:
		on_chain(r, m);
		break;
	case RECORD_LINK_CHECKSUM:
		r->checksum = m->link_checksum;
		r->checksum_seen = true;
		break;
	case RECORD_LINK_STATS:
		r->link_stats = m->link_stats;
		break;
	case RECORD_LOG:
		if (getenv("RIG_LOG"))
			fprintf(stderr, "link: %s\n", m->log.line);
		break;
	case RECORD_LINK_STEP:
		break;
	default:
		must(false, record_type_name((uint8_t)m->type));
	}
}

/* ---- the loop ---- */

enum who { FROM_WORKER, FROM_AGENT, FROM_LINK };

static void drain_channel(struct rig *r, struct ipc_channel *c, enum who who)
{
	struct record m;
	int fd;

	while (c->fd >= 0) {
		int got = record_receive(c, &m, &fd);
		if (got == -EAGAIN)
			return;
		if (got < 0) {
			must(got == -EPIPE, "malformed record");
			ipc_channel_finish(c);
			return;
		}
		if (who == FROM_WORKER)
			from_worker(r, &m);
		else if (who == FROM_AGENT)
			agent_from_worker(r, &m);
		else
			from_link(r, &m, &fd);
		fd_close(&fd);
	}
}

static void write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			poll(&p, 1, 1000);
			continue;
		}
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void relay(struct rig *r, int direction)
{
	uint8_t bytes[16384];

	ssize_t n = read(r->relay[direction], bytes, sizeof(bytes));
	if (n < 0)
		return;
	if (n == 0) {
		shutdown(r->relay[1 - direction], SHUT_WR);
		fd_close(&r->relay[direction]);
		return;
	}
	size_t len = (size_t)n;
	if (r->on_wire)
		len = r->on_wire(r->on_wire_user, direction, bytes, len);
	r->relay_bytes[direction] += len;
	if (r->relay[1 - direction] >= 0)
		write_all(r->relay[1 - direction], bytes, len);
}

static void turn(struct rig *r, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = r->supervisor.fd, .events = POLLIN },
		{ .fd = r->agent.fd, .events = POLLIN },
		{ .fd = r->ui.fd, .events = POLLIN },
		{ .fd = r->relay_stopped ? -1 : r->relay[0], .events = POLLIN },
		{ .fd = r->relay_stopped ? -1 : r->relay[1], .events = POLLIN },
	};

	poll(fds, 5, timeout_ms);
	drain_channel(r, &r->ui, FROM_LINK);
	drain_channel(r, &r->agent, FROM_AGENT);
	drain_channel(r, &r->supervisor, FROM_WORKER);
	for (int i = 0; i < 2; i++)
		if (fds[3 + i].revents && r->relay[i] >= 0)
			relay(r, i);
}

bool rig_run(struct rig *r, rig_done_fn done, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;

	for (;;) {
		if (done && done(r))
			return true;
		uint64_t now_ms = clock_now_ms();
		turn(r, now_ms < end_ms ? (int)(end_ms - now_ms) : 0);
		if (now_ms >= end_ms)
			return done && done(r);
	}
}

bool rig_equal(const struct rig *r)
{
	if (!r->pixels.bytes || r->screen.width_px != r->width_px ||
		r->screen.height_px != r->height_px)
		return false;
	size_t size = (size_t)r->width_px * r->height_px * 4;
	uint32_t differs = 0;
	for (size_t i = 0; i < size && !(differs & RGB_MASK); i += (size_t)r->width_px * 4) {
		for (size_t x = 0; x < (size_t)r->width_px * 4; x += 4) {
			uint32_t a, b;
			memcpy(&a, r->pixels.bytes + i + x, 4);
			memcpy(&b, r->framebuffer.bytes + i + x, 4);
			differs |= a ^ b;
		}
	}
	return !(differs & RGB_MASK);
}

bool rig_is_open(const struct rig *r)
{
	return r->open_seen;
}

bool rig_is_equal(const struct rig *r)
{
	return r->damage.rect_count == 0 && r->update_count > 0 && rig_equal(r);
}

bool rig_has_failed(const struct rig *r)
{
	return r->failed_seen;
}

bool rig_has_ended(const struct rig *r)
{
	return r->ended_seen;
}

bool rig_exited(pid_t *pid, int *status, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;

	for (;;) {
		if (waitpid(*pid, status, WNOHANG) == *pid) {
			*pid = 0;
			return true;
		}
		if (clock_now_ms() >= end_ms)
			return false;
		usleep(1000);
	}
}

long rig_rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld kB", &kib) == 1)
			break;
	fclose(f);
	return kib;
}
