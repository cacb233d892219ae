#include "client/link/proxy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct proxy_impl *impl_of(const struct proxy *p)
{
	return p->way.proxy_kind == RECORD_PROXY_SOCKS5 ? &proxy_socks : &proxy_http;
}

int proxy_put(struct proxy *p, const void *bytes, size_t len)
{
	if (len > sizeof(p->out) - p->out_len)
		return -EINVAL;
	memcpy(p->out + p->out_len, bytes, len);
	p->out_len += len;
	return 0;
}

int proxy_fail(struct proxy *p, int result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(p->reason, sizeof(p->reason), format, arguments);
	va_end(arguments);
	return result;
}

int proxy_init(struct proxy *p, const struct record_link_way *way)
{
	memset(p, 0, sizeof(*p));
	p->way = *way;
	return impl_of(p)->begin(p);
}

size_t proxy_output(const struct proxy *p, const uint8_t **bytes)
{
	*bytes = p->out + p->out_at;
	return p->out_len - p->out_at;
}

void proxy_sent(struct proxy *p, size_t len)
{
	p->out_at += MIN(len, p->out_len - p->out_at);
	if (p->out_at == p->out_len) {
		secure_wipe(p->out, p->out_len);
		p->out_at = p->out_len = 0;
	}
}

int proxy_input(struct proxy *p, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p->out_len > 0)
			return proxy_fail(p, -EPROTO, "the proxy answered before it was asked");
		if (p->total++ >= PROXY_ANSWER_MAX_BYTES)
			return proxy_fail(p, -EPROTO, "the proxy's answer does not end");
		int r = impl_of(p)->take(p, bytes[i]);
		/* The workstation speaks second: nothing can have come from it yet. */
		if (r == 1 && i + 1 < len)
			return proxy_fail(
				p, -EPROTO, "the proxy sent bytes of its own behind its answer");
		if (r != 0)
			return r;
	}
	return 0;
}

void proxy_finish(struct proxy *p)
{
	secure_wipe(p, sizeof(*p));
}
