/* What comes before the first byte of the client: the configuration, the thread, TLS. */
#include "server/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/net_tune.h"
#include "common/peer/ders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How long the supervisor may take to send the configuration. */
#define CONFIG_TIMEOUT_MS 5000

/* Makes the server's end of the TLS channel; it copies all of it. */
static int make_tls(struct worker *w, const struct record_worker_config *c)
{
	size_t count = c->chain_len + c->trusted_len;
	struct crypto_der *ders = calloc(MAX(count, 1), sizeof(*ders));
	struct tls_transport transport = peer_transport(&w->peer);
	struct tls *tls;

	if (!ders)
		return -ENOMEM;
	peer_ders(ders, c->chain, c->chain_len);
	peer_ders(ders + c->chain_len, c->trusted, c->trusted_len);

	struct tls_server_config config = { .admit = worker_admit, .admit_user = w };
	config.identity.chain = ders;
	config.identity.chain_len = c->chain_len;
	config.keeper = worker_keeper;
	config.keeper_user = w;
	config.identity.trusted = ders + c->chain_len;
	config.identity.trusted_len = c->trusted_len;
	config.policy = tls_policy_default();
	config.policy.allow_tls12 = c->allow_tls12;
	config.policy.allow_tls13 = c->allow_tls13;
	config.policy.resumption = c->ticket_lifetime_s > 0;
	config.policy.ticket_lifetime_s = c->ticket_lifetime_s;

	int r = tls_create_server(&tls, &config, &transport);
	free(ders);
	if (r == 0)
		peer_set_tls(&w->peer, tls);
	return r;
}

int worker_configure(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_worker_config *c = body;

	(void)fd;
	memcpy(w->login.server_id, c->server_id, sizeof(w->login.server_id));
	memcpy(w->login.nonce, c->nonce, sizeof(w->login.nonce));
	w->login.codec_features = c->codec_features & codec_features();
	clipboard_configure(&w->clipboard, &c->clipboard);
	worker_enter(w, c->gateway ? WORKER_GATEWAY : WORKER_HANDSHAKE);
	return make_tls(w, c);
}

int worker_init(struct worker *w)
{
	uint64_t now_ms = clock_now_ms();

	memset(w, 0, sizeof(*w));
	w->agent.fd = -1;
	w->supervisor.fd = -1;
	w->frame.encode.event_fd = -1;
	w->login.started_us = clock_now_us();
	wire_typing_init(&w->typing, WIRE_TYPED_BURST, now_ms);
	w->login.deadline_ms = now_ms + WIRE_AUTH_TIMEOUT_MS;
	peer_init(&w->peer, WORKER_CLIENT_FD, true, now_ms);
	net_tune(WORKER_CLIENT_FD);

	int r = fd_set_nonblock(WORKER_CLIENT_FD);
	if (r == 0)
		r = ipc_channel_init(&w->supervisor, WORKER_SUPERVISOR_FD);
	if (r == 0)
		r = worker_channels_init(w);
	if (r == 0)
		r = worker_supervisor_record(w, CONFIG_TIMEOUT_MS);
	return MIN(r, 0);
}

void worker_finish(struct worker *w)
{
	worker_channels_finish(w);
	peer_finish(&w->peer);
	ipc_channel_finish(&w->agent);
	ipc_channel_finish(&w->supervisor);
}
