#include "server/worker/channel/channel.h"

#include <errno.h>
#include <string.h>

void worker_host_send(
	const struct worker_host *host, enum peer_channel channel, const struct wire_message *m)
{
	int r = peer_send_on(host->peer, channel, m);

	if (r < 0)
		host->fail(host->worker, WIRE_BYE_INTERNAL, "message %s could not be sent: %s",
			wire_type_name((uint8_t)m->type),
			r == -E2BIG ? "the client does not read" : strerror(-r));
}
