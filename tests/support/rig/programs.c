/* Starts and ends farseat-worker and farseat-link, connected to each other or to the test. */
#include "tests/support/rig/rig_internal.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/process_linux.h"
#include "common/crypto/random.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test cannot go on after this. */
void rig_must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "rig: %s (%s)\n", what, strerror(errno));
		abort();
	}
}

void rig_tcp_pair(int fds[static 2])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rig_must(listener >= 0, "socket");
	rig_must(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	rig_must(listen(listener, 1) == 0, "listen");
	rig_must(getsockname(listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rig_must(connect(fds[0], (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	rig_must(fds[1] >= 0, "accept");
	close(listener);
	for (int i = 0; i < 2; i++) {
		int on = 1;
		rig_must(setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0,
			"TCP_NODELAY");
		rig_must(fd_set_nonblock(fds[i]) == 0, "O_NONBLOCK");
	}
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
	rig_make_framebuffer(r, width_px, height_px);
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

	rig_must(ipc_pair(pair) == 0, "channel");
	const int fds[] = { pair[1], fd };
	const struct process_spec spec = {
		.path = path, .argv = argv, .fds = fds, .fd_count = 2, .die_with_parent = true
	};
	rig_must(process_start_pid(&spec, &pid) == 0, path);
	close(pair[1]);
	close(fd);
	rig_must(ipc_channel_init(channel, pair[0]) == 0, "channel");
	return pid;
}

struct record_blob rig_blob(const uint8_t *bytes, size_t len)
{
	return (struct record_blob){ bytes, len };
}

void rig_start_worker(struct rig *r, int fd, const struct crypto_der *invitation)
{
	struct worker_record m = { .type = RECORD_WORKER_CONFIG };
	struct record_worker_config *c = &m.worker_config;

	r->invitation = invitation;
	r->worker_pid = start(r->programs->worker, &r->supervisor, fd);
	rig_must(crypto_random(r->nonce, sizeof(r->nonce)) == 0, "nonce");
	c->worker = 1;
	snprintf(c->server_id, sizeof(c->server_id), RIG_SERVER_ID);
	snprintf(c->peer, sizeof(c->peer), "127.0.0.1");
	memcpy(c->nonce, r->nonce, sizeof(c->nonce));
	c->chain[0] = rig_blob(r->id->server.bytes, r->id->server.len);
	c->chain[1] = rig_blob(r->id->ca.bytes, r->id->ca.len);
	c->chain_len = 2;
	c->trusted[0] = rig_blob(r->id->ca.bytes, r->id->ca.len);
	c->trusted_len = 1;
	c->ticket_lifetime_s = 3600;
	c->allow_tls12 = true;
	c->allow_tls13 = !r->only_tls12;
	c->codec_features = r->unbound ? ~WIRE_FEATURE_BOUND : UINT32_MAX;
	rig_must(worker_record_send(&r->supervisor, &m, -1) == 0, "WORKER_CONFIG");
}

struct record_link_config rig_session_config(const struct rig_identity *id)
{
	struct record_link_config c = { .mode = RECORD_LINK_SESSION };

	snprintf(c.server_name, sizeof(c.server_name), RIG_SERVER_ID CRYPTO_SERVER_SUFFIX);
	snprintf(c.server_id, sizeof(c.server_id), RIG_SERVER_ID);
	c.chain[0] = rig_blob(id->device.bytes, id->device.len);
	c.chain_len = 1;
	c.key = rig_blob(id->device_key_der, id->device_key_len);
	c.trusted[0] = rig_blob(id->ca.bytes, id->ca.len);
	c.trusted_len = 1;
	c.codec_features = UINT32_MAX;
	return c;
}

void rig_start_link(struct rig *r, int fd, const struct record_link_config *config)
{
	struct link_record m = { .type = RECORD_LINK_CONFIG };

	r->link_pid = start(r->programs->link, &r->ui, fd);
	m.link_config = *config;
	rig_must(link_record_send(&r->ui, &m, -1) == 0, "LINK_CONFIG");
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

void rig_told(int result, const char *what)
{
	rig_must(result == 0 || result == -EPIPE, what);
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
