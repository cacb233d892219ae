#include "client/link/link.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int link_take_way(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_link_way *way = body;

	(void)fd;
	if (l->way.proxy.way.proxy_kind != RECORD_PROXY_NONE)
		return -EPROTO; /* once */
	l->way.patience_ms = way->patience_ms;
	return way->proxy_kind == RECORD_PROXY_NONE ? 0 : proxy_init(&l->way.proxy, way);
}

short link_proxy_events(const struct link *l)
{
	const uint8_t *bytes;

	return proxy_output(&l->way.proxy, &bytes) > 0 ? FD_WRITE : FD_READ;
}

static void proxy_failed(struct link *l)
{
	link_fail(
		l, (struct link_failure){ .retry = l->way.proxy.retry }, "%s", l->way.proxy.reason);
	proxy_finish(&l->way.proxy);
}

static void proxy_lost(struct link *l, const char *how)
{
	link_fail(l, (struct link_failure){ .retry = true },
		"the proxy %s before it opened the way to the workstation", how);
	proxy_finish(&l->way.proxy);
}

static void proxy_opened(struct link *l)
{
	struct link_record r = { .type = RECORD_LINK_STEP };

	if (l->steps) {
		snprintf(r.link_step.step, sizeof(r.link_step.step), "proxy");
		snprintf(r.link_step.detail, sizeof(r.link_step.detail), "opened %.200s:%u",
			l->way.proxy.way.host, (unsigned)l->way.proxy.way.port);
		r.link_step.at_us = (uint32_t)MIN(clock_now_us() - l->started_us, UINT32_MAX);
		link_tell(l, &r, -1);
	}
	proxy_finish(&l->way.proxy);
	if (l->state == LINK_ENDED)
		return;
	link_enter(l, l->way.after);
	if (l->state == LINK_PROBE)
		link_probe(l);
	else
		link_handshake(l);
}

/* Sends what the proxy is to be told. false: not all of it went. */
static bool send_all(struct link *l)
{
	const uint8_t *bytes;
	size_t len;

	while ((len = proxy_output(&l->way.proxy, &bytes)) > 0) {
		size_t put = 0;
		int r = fd_write(l->peer.fd, bytes, len, &put);
		if (r == -EAGAIN)
			return false;
		if (r < 0) {
			proxy_lost(l, "closed the connection");
			return false;
		}
		proxy_sent(&l->way.proxy, put);
	}
	return true;
}

void link_proxy(struct link *l)
{
	uint8_t bytes[1024];

	while (send_all(l)) {
		size_t got = 0;
		int r = fd_read(l->peer.fd, bytes, sizeof(bytes), &got);
		if (r == -EAGAIN)
			return;
		if (r < 0 || got == 0) {
			proxy_lost(l, "closed the connection");
			return;
		}
		r = proxy_input(&l->way.proxy, bytes, got);
		if (r < 0)
			proxy_failed(l);
		else if (r == 1)
			proxy_opened(l);
		if (r != 0)
			return;
	}
}
