#include "client/ui/route.h"

#include "client/ui/command_transport.h"
#include "client/ui/route_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct route_attempt {
	const struct route_impl *impl;
	void *self; /* owned by impl */
};

/* ---- directly ---- */

struct direct {
	struct dial *dial; /* owned; NULL once its socket was taken */
};

static int direct_start(
	void **self, const char *host, uint16_t port, const struct dial_address *known)
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

static int direct_open(void **self, const struct route *route, const char *host, uint16_t port)
{
	(void)route;
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

static const struct route_impl direct = {
	.open = direct_open, .fd = direct_fd, .take = direct_take, .close = direct_close
};

/* ---- which ---- */

const char *route_wrong(const struct route *route)
{
	char line[COMMAND_TRANSPORT_LINE_MAX_BYTES];
	int given = (route->via[0] != 0) + (route->command[0] != 0) + (route->proxy[0] != 0);

	if (given > 1)
		return "via, via_command and proxy are different ways to the workstation: give one of them";
	if (route->command[0] && command_transport_expand(route->command, "host", 1, line) < 0)
		return "the command on the way is too long, or has a % that is not %h, %p or %%";
	if (route->via[0])
		return "ways through SSH jump hosts (via) are not built into this version: use via_command 'ssh -W %h:%p JUMP'";
	if (route->proxy[0] && strcmp(route->proxy, "none") != 0)
		return "ways through proxies are not built into this version";
	return NULL;
}

const char *route_open_error(int r)
{
	return r == -EINVAL
		       ? "the workstation's address is no host name or IP address, so it is not given to a command"
		       : strerror(-r);
}

static const struct route_impl *choose(const struct route *route)
{
	return route->command[0] ? &command_transport : &direct;
}

int route_open(struct route_attempt **out, const struct route *route, const char *host,
	uint16_t port, const struct dial_address *known)
{
	struct route_attempt *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->impl = choose(route);
	int r = a->impl == &direct ? direct_start(&a->self, host, port, known)
				   : a->impl->open(&a->self, route, host, port);
	if (r < 0) {
		free(a);
		return r;
	}
	*out = a;
	return 0;
}

int route_fd(const struct route_attempt *a)
{
	return a->impl->fd(a->self);
}

int route_take(struct route_attempt *a, struct dial_result *out)
{
	return a->impl->take(a->self, out);
}

void route_process(struct route_attempt *a)
{
	if (a->impl->process)
		a->impl->process(a->self);
}

void route_opened(struct route_attempt *a)
{
	if (a->impl->opened)
		a->impl->opened(a->self);
}

bool route_blame(
	struct route_attempt *a, char reason[static ROUTE_REASON_BYTES], const char **remedy)
{
	return a->impl->blame && a->impl->blame(a->self, reason, remedy);
}

void route_close(struct route_attempt *a)
{
	if (!a)
		return;
	a->impl->close(a->self);
	free(a);
}
