/* farseat-tunnel: descriptor 3 is the parent's channel, 4 the connected transport (unless the order
 * is to connect). Started by farseat, farseatd and farseatctl. */
#include "client/tunnel/dial.h"
#include "client/tunnel/tunnel.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/net_tune.h"
#include "common/ipc/child.h"
#include "common/ipc/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_FDS 2
/* Unsent bytes in the kernel; the rest waits here, where its order can still change. */
#define NOTSENT_BYTES (128 * 1024)

static int get_transport(struct tunnel *t)
{
	t->transport = TUNNEL_TRANSPORT_FD;
	if (t->config.dial) {
		t->transport = -1;
		int r = tunnel_dial(t->config.address, t->config.port, &t->transport);
		if (r == -ENOENT)
			return tunnel_fail(t, RECORD_TUNNEL_NETWORK, true,
				"the name %.100s of the SSH server cannot be resolved",
				t->config.address);
		if (r < 0)
			return tunnel_fail(t, RECORD_TUNNEL_NETWORK, true,
				"no connection to the SSH server %.100s, port %u: %s",
				t->config.address, (unsigned)t->config.port, strerror(-r));
	}
	int r = fd_set_nonblock(t->transport);
	if (r < 0)
		return r;
	t->is_tcp = net_tune_carrier(
		t->transport, NOTSENT_BYTES); /* the stream of another hop is not */
	return 0;
}

static void read_known_hosts(struct tunnel *t)
{
	for (size_t i = 0; i < t->config.known_hosts_count; i++) {
		const char *path = t->config.known_hosts[i];
		int r = file_read(
			path, KNOWN_HOSTS_FILE_MAX_BYTES, &t->known_texts[t->known_count]);
		if (r == 0)
			t->known_count++;
		else if (r != -ENOENT)
			log_warn("%s cannot be read: %s", path, strerror(-r));
	}
}

static void connect_agent(struct tunnel *t)
{
	if (t->config.agent[0] == '\0')
		return;
	t->agent = libssh2_agent_init(t->session);
	if (!t->agent)
		return;
	libssh2_agent_set_identity_path(t->agent, t->config.agent);
	if (libssh2_agent_connect(t->agent) == 0 && libssh2_agent_list_identities(t->agent) == 0)
		return;
	log_debug("the SSH agent at %s does not answer", t->config.agent);
	libssh2_agent_free(t->agent);
	t->agent = NULL;
}

/* Everything that opens something; then the confinement, before the first byte is read. */
static int prepare(struct tunnel *t)
{
	int r = get_transport(t);

	if (r == 0)
		r = tunnel_session_init(t);
	if (r < 0)
		return r;
	read_known_hosts(t);
	tunnel_keys_read(&t->keys, &t->config);
	connect_agent(t);
	r = sandbox_enter(SANDBOX_TUNNEL);
	if (r < 0)
		return tunnel_fail(t, RECORD_TUNNEL_INTERNAL, false,
			"farseat-tunnel cannot be confined on this system (%s)", strerror(-r));
	return 0;
}

static int run(struct tunnel *t)
{
	int r = tunnel_take_order(t);

	if (r < 0) {
		log_error("no order came: %s", strerror(-r));
		return r;
	}
	log_set_sink(ipc_child_log, &t->parent);
	t->begun_us = clock_now_us();
	r = prepare(t);
	if (r == 0)
		r = tunnel_hello(t);
	if (r == 0)
		r = tunnel_authenticate(t);
	if (r == 0)
		r = tunnel_pump(t);
	if (r < 0)
		tunnel_fail(t, RECORD_TUNNEL_INTERNAL, true, "farseat-tunnel: %s", strerror(-r));
	return r;
}

static void finish(struct tunnel *t)
{
	tunnel_keys_finish(&t->keys);
	if (t->session)
		tunnel_session_finish(t);
	for (size_t i = 0; i < t->known_count; i++)
		buffer_finish(&t->known_texts[i]);
	fd_close(&t->stream);
	fd_close(&t->transport);
	log_set_sink(NULL, NULL);
	ipc_channel_finish(&t->parent);
	secure_wipe(t, sizeof(*t));
}

int main(int argc, char **argv)
{
	static struct tunnel t = { .transport = -1, .stream = -1 };

	(void)argv;
	log_init("farseat-tunnel");
	if (argc != 1) {
		fputs("farseat-tunnel is started by farseat and farseatd\n", stderr);
		return 2;
	}
	int r = sandbox_prepare(KEPT_FDS);
	if (r == 0)
		r = ipc_channel_init(&t.parent, TUNNEL_PARENT_FD);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	r = run(&t);
	finish(&t);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
