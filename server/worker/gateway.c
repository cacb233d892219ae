/* A connection from a gateway: its header is read before TLS, and the supervisor is told the
 * client's address. */
#include "server/worker/gateway_header.h"
#include "server/worker/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void tell_client(struct worker *w, const struct gateway_client *client)
{
	struct worker_record r = { .type = RECORD_PEER };

	r.peer.family = client->family;
	memcpy(r.peer.address, client->address, sizeof(r.peer.address));
	r.peer.port = client->port;
	worker_tell(w, &r);
}

static void header_read(struct worker *w)
{
	struct gateway_client client;

	if (gateway_header_parse(&w->gateway, &client) < 0) {
		worker_end(w, WIRE_BYE_PROTOCOL, false,
			"the gateway's PROXY header is malformed, or names no client of TCP");
		return;
	}
	tell_client(w, &client);
	if (client.family == 0)
		worker_end(w, WIRE_BYE_CLOSED, false, "the gateway looked whether we are here");
	else if (w->state != WORKER_ENDED)
		worker_enter(w, WORKER_HANDSHAKE);
}

void worker_gateway(struct worker *w)
{
	struct gateway_header *h = &w->gateway;
	size_t wanted;

	while (w->state == WORKER_GATEWAY) {
		if (gateway_header_wanted(h, &wanted) < 0) {
			worker_end(w, WIRE_BYE_PROTOCOL, false,
				"no PROXY header (version 2), though its address is one of a gateway (proxy_from): send-proxy-v2 is missing there");
			return;
		}
		if (wanted == 0) {
			header_read(w);
			return;
		}
		ssize_t n = read(w->peer.fd, h->bytes + h->len, wanted);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			worker_end(w, WIRE_BYE_CLOSED, false,
				"the gateway closed the connection before its PROXY header");
			return;
		}
		h->len += (size_t)n;
	}
}
