#include "client/way/way_proxy.h"

#include "client/way/proxy_url.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct proxied {
	struct dial *dial;    /* owned; NULL once its socket was taken */
	struct proxy_url url; /* secret */
	char host[RECORD_HOST_MAX_BYTES];
	uint16_t port;
};

const char *way_proxy_find(
	const struct way *way, const char *host, struct proxy_url *out, const char **named_by)
{
	const char *text = way->proxy;

	memset(out, 0, sizeof(*out));
	*named_by = "";
	if (strcmp(text, "none") == 0 || way->command[0] || way->via[0])
		return NULL;
	if (!*text)
		text = proxy_url_of_environment(host, named_by);
	return text ? proxy_url_parse(text, out) : NULL;
}

static int proxy_open(void **self, const struct way *way, const char *host, uint16_t port)
{
	struct proxied *p = calloc(1, sizeof(*p));
	const char *named_by;

	if (!p)
		return -ENOMEM;
	snprintf(p->host, sizeof(p->host), "%s", host);
	p->port = port;
	int r = way_proxy_find(way, host, &p->url, &named_by) ? -EINVAL : 0;
	if (r == 0)
		r = dial_start(&p->dial, p->url.host, p->url.port, NULL);
	if (r < 0) {
		way_proxy.close(p);
		return r;
	}
	*self = p;
	return 0;
}

static int proxy_fd(const void *self)
{
	const struct proxied *p = self;

	return p->dial ? dial_fd(p->dial) : -1;
}

static int proxy_take(void *self, struct dial_result *out)
{
	struct proxied *p = self;
	int r = dial_take(p->dial, out);

	if (r < 0)
		return r;
	dial_destroy(p->dial);
	p->dial = NULL;
	out->to_proxy = true;
	if (out->fd < 0) {
		char why[sizeof(out->reason)];
		memcpy(why, out->reason, sizeof(why));
		snprintf(out->reason, sizeof(out->reason), "the proxy is not there: %.130s", why);
	}
	return 0;
}

static bool proxy_for_link(const void *self, struct record_link_way *out)
{
	const struct proxied *p = self;

	out->proxy_kind = p->url.kind;
	out->port = p->port;
	memcpy(out->host, p->host, sizeof(out->host));
	memcpy(out->proxy_user, p->url.user, sizeof(out->proxy_user));
	memcpy(out->proxy_password, p->url.password, sizeof(out->proxy_password));
	return true;
}

static void proxy_close(void *self)
{
	struct proxied *p = self;

	dial_destroy(p->dial);
	secure_wipe(p, sizeof(*p));
	free(p);
}

const struct way_impl way_proxy = { .open = proxy_open,
	.fd = proxy_fd,
	.take = proxy_take,
	.for_link = proxy_for_link,
	.close = proxy_close };
