#include "client/way/way.h"

#include "client/way/proxy_url.h"
#include "client/way/ssh_config.h"
#include "client/way/way_command.h"
#include "client/way/way_impl.h"
#include "client/way/way_proxy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct way_attempt {
	const struct way_impl *impl;
	void *self; /* owned by impl */
};

/* ---- directly ---- */

struct direct {
	struct dial *dial; /* owned; NULL once its socket was taken */
};

static int direct_start(
	void **self, const char *host, uint16_t port, const struct net_address *known)
{
	struct direct *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	int r = dial_start(&d->dial, host, port, known);
	if (r < 0) {
		free(d);
		return r;
	}
	*self = d;
	return 0;
}

static int direct_open(void **self, const struct way *way, const char *host, uint16_t port)
{
	(void)way;
	return direct_start(self, host, port, NULL);
}

static int direct_fd(const void *self)
{
	const struct direct *d = self;

	return d->dial ? dial_fd(d->dial) : -1;
}

static int direct_take(void *self, struct dial_result *out)
{
	struct direct *d = self;
	int r = dial_take(d->dial, out);

	if (r == 0) {
		dial_destroy(d->dial);
		d->dial = NULL;
	}
	return r;
}

static void direct_close(void *self)
{
	struct direct *d = self;

	dial_destroy(d->dial);
	free(d);
}

static const struct way_impl direct = {
	.open = direct_open, .fd = direct_fd, .take = direct_take, .close = direct_close
};

/* ---- which ---- */

/* A name or address that means nothing else to a shell or in a line of HTTP: it may come from an
 * invitation, and that from anybody. */
static bool host_is_plain(const char *host)
{
	return *host && *host != '-' &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") ==
		       strlen(host);
}

static const char *wrong_proxy(const struct way *way, const char *host)
{
	struct proxy_url url;
	const char *named_by;
	const char *wrong = way_proxy_find(way, host ? host : "localhost", &url, &named_by);

	if (!wrong && host && url.kind != RECORD_PROXY_NONE && !host_is_plain(host))
		wrong = "the workstation's address is no host name or IP address: it is not given to a proxy";
	secure_wipe(&url, sizeof(url));
	return wrong;
}

const char *way_wrong(const struct way *way, const char *host)
{
	char line[WAY_COMMAND_LINE_MAX_BYTES];
	int given = (way->via[0] != 0) + (way->command[0] != 0) + (way->proxy[0] != 0);

	if (given > 1)
		return "via, via_command and proxy are different ways to the workstation: give one of them";
	if (way->via[0])
		return ssh_via_wrong(way->via);
	if (!way->command[0])
		return wrong_proxy(way, host);
	if (way_command_expand(way->command, "host", 1, line) < 0)
		return "the command on the way is too long, or has a % that is not %h, %p or %%";
	if (host && !host_is_plain(host))
		return "the workstation's address is no host name or IP address: it is not given to a command";
	return NULL;
}

static const struct way_impl *choose(const struct way *way, const char *host)
{
	struct proxy_url url;
	const char *named_by;

	if (way->via[0])
		return &way_tunnel;
	if (way->command[0])
		return &way_command;
	if (way_proxy_find(way, host, &url, &named_by) || url.kind == RECORD_PROXY_NONE)
		return &direct;
	secure_wipe(&url, sizeof(url));
	return &way_proxy;
}

bool way_is_direct(const struct way *way, const char *host)
{
	return choose(way, host) == &direct;
}

int way_open(struct way_attempt **out, const struct way *way, const char *host, uint16_t port,
	const struct net_address *known)
{
	if (way_wrong(way, host))
		return -EINVAL;
	struct way_attempt *a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->impl = choose(way, host);
	int r = a->impl == &direct ? direct_start(&a->self, host, port, known)
				   : a->impl->open(&a->self, way, host, port);
	if (r < 0) {
		free(a);
		return r;
	}
	*out = a;
	return 0;
}

int way_fd(const struct way_attempt *a)
{
	return a->impl->fd(a->self);
}

int way_take(struct way_attempt *a, struct dial_result *out)
{
	return a->impl->take(a->self, out);
}

bool way_for_link(const struct way_attempt *a, struct record_link_way *out)
{
	memset(out, 0, sizeof(*out));
	return a->impl->for_link && a->impl->for_link(a->self, out);
}

int way_tell_link(const struct way_attempt *a, struct ipc_channel *link)
{
	struct link_record record = { .type = RECORD_LINK_WAY };
	int r = 0;

	if (way_for_link(a, &record.link_way))
		r = link_record_send(link, &record, -1);
	secure_wipe(&record.link_way, sizeof(record.link_way));
	return r;
}

uint32_t way_patience_ms(const struct way_attempt *a)
{
	struct record_link_way way;
	uint32_t patience_ms = way_for_link(a, &way) ? way.patience_ms : 0;

	secure_wipe(&way, sizeof(way));
	return patience_ms;
}

void way_process(struct way_attempt *a)
{
	if (a->impl->process)
		a->impl->process(a->self);
}

bool way_asking(struct way_attempt *a)
{
	return a->impl->asking && a->impl->asking(a->self);
}

void way_opened(struct way_attempt *a)
{
	if (a->impl->opened)
		a->impl->opened(a->self);
}

bool way_blame(struct way_attempt *a, char reason[static WAY_REASON_BYTES], const char **remedy)
{
	return a->impl->blame && a->impl->blame(a->self, reason, remedy);
}

void way_close(struct way_attempt *a)
{
	if (!a)
		return;
	a->impl->close(a->self);
	free(a);
}
