/* SOCKS5. */
#include "client/link/proxy.h"

#include "common/base/net_address.h"

#include "common/wire/reader.h"

#include <errno.h>
#include <string.h>

#define VERSION          5
#define SIGN_IN_VERSION  1 /* RFC 1929, 2 */
#define METHOD_NONE      0
#define METHOD_PASSWORD  2
#define METHOD_NO_COMMON 0xff
#define COMMAND_CONNECT  1
#define ADDRESS_V4       1
#define ADDRESS_NAME     3
#define ADDRESS_V6       4

enum step { STEP_METHOD, STEP_SIGN_IN, STEP_CONNECT };

static int begin(struct proxy *p)
{
	static const uint8_t without[] = { VERSION, 1, METHOD_NONE };
	static const uint8_t with[] = { VERSION, 2, METHOD_NONE, METHOD_PASSWORD };

	if (!p->way.host[0])
		return -EINVAL;
	p->step = STEP_METHOD;
	return p->way.proxy_user[0] ? proxy_put(p, with, sizeof(with))
				    : proxy_put(p, without, sizeof(without));
}

/* A length and so many bytes; every text of a way is shorter than 256. */
static int put_text(struct proxy *p, const char *text)
{
	uint8_t len = (uint8_t)strlen(text);
	int r = proxy_put(p, &len, 1);

	return r == 0 ? proxy_put(p, text, len) : r;
}

static int ask_sign_in(struct proxy *p)
{
	static const uint8_t version = SIGN_IN_VERSION;

	p->step = STEP_SIGN_IN;
	int r = proxy_put(p, &version, 1);
	if (r == 0)
		r = put_text(p, p->way.proxy_user);
	return r == 0 ? put_text(p, p->way.proxy_password) : r;
}

static int ask_connect(struct proxy *p)
{
	static const uint8_t head[] = { VERSION, COMMAND_CONNECT, 0 };
	const uint8_t port[] = { (uint8_t)(p->way.port >> 8), (uint8_t)p->way.port };
	uint8_t address[1 + NET_IP_BYTES];
	int r = proxy_put(p, head, sizeof(head));

	p->step = STEP_CONNECT;
	size_t ip_bytes = net_ip_parse(p->way.host, address + 1);
	if (r == 0 && ip_bytes > 0) {
		address[0] = ip_bytes == 4 ? ADDRESS_V4 : ADDRESS_V6;
		r = proxy_put(p, address, 1 + ip_bytes);
	} else if (r == 0) {
		address[0] = ADDRESS_NAME;
		r = proxy_put(p, address, 1);
		if (r == 0)
			r = put_text(p, p->way.host);
	}
	return r == 0 ? proxy_put(p, port, sizeof(port)) : r;
}

static int no_socks(struct proxy *p)
{
	return proxy_fail(p, -EPROTO,
		"what answers is no SOCKS5 proxy: check its address, or name it as http://...");
}

static int take_method(struct proxy *p, struct wire_reader *r)
{
	uint8_t version = wire_read_u8(r);
	uint8_t method = wire_read_u8(r);

	if (version != VERSION && p->in_len > 0)
		return no_socks(p);
	if (!wire_reader_done(r))
		return 0;
	p->in_len = 0;
	if (method == METHOD_NONE)
		return ask_connect(p);
	if (method == METHOD_PASSWORD && p->way.proxy_user[0])
		return ask_sign_in(p);
	if (method != METHOD_NO_COMMON)
		return no_socks(p);
	return proxy_fail(p, -EACCES,
		p->way.proxy_user[0]
			? "the proxy wants a way of signing in that Farseat does not have: let a "
			  "program that has it carry the connection (--via-command)"
			: "the proxy wants a user name and a password: give them as "
			  "socks5://USER:PASSWORD@HOST:PORT, best as proxy= in workstation.conf");
}

static int take_sign_in(struct proxy *p, struct wire_reader *r)
{
	wire_read_u8(r); /* its version; servers answer 1 or 5 */
	uint8_t status = wire_read_u8(r);

	if (!wire_reader_done(r))
		return 0;
	p->in_len = 0;
	if (status == 0)
		return ask_connect(p);
	return proxy_fail(p, -EACCES,
		"the proxy refused the user name or the password: correct them where the proxy is "
		"named (--proxy, proxy= in workstation.conf, or all_proxy)");
}

/* RFC 1928, 6. */
static int refused(struct proxy *p, uint8_t reply)
{
	static const char *const words[] = { NULL, "it failed", "its rules do not allow it",
		"the network is unreachable", "the workstation is unreachable",
		"the workstation refused the connection: farseatd may not run there",
		"it took too long", "it does not make connections",
		"it does not know this kind of address" };

	p->retry = reply != 2 && reply != 7 && reply != 8;
	return proxy_fail(p, -ECONNREFUSED, "the proxy does not reach %.60s:%u: %s", p->way.host,
		(unsigned)p->way.port,
		reply < ARRAY_LEN(words) ? words[reply] : "for a reason of its own");
}

static int take_connect(struct proxy *p, struct wire_reader *r)
{
	uint8_t version = wire_read_u8(r);
	uint8_t reply = wire_read_u8(r);

	if (version != VERSION)
		return no_socks(p);
	if (!r->failed && reply != 0)
		return refused(p, reply); /* some end here, without an address */
	wire_read_u8(r);
	uint8_t kind = wire_read_u8(r);
	if (r->failed)
		return 0;
	if (kind != ADDRESS_V4 && kind != ADDRESS_V6 && kind != ADDRESS_NAME)
		return no_socks(p);
	size_t len = kind == ADDRESS_V4 ? 4 : kind == ADDRESS_V6 ? 16 : wire_read_u8(r);
	wire_read_view(r, len); /* where the proxy connects from: not used */
	wire_read_u16(r);
	return wire_reader_done(r) ? 1 : 0;
}

static int take(struct proxy *p, uint8_t byte)
{
	struct wire_reader r;

	/* The longest answer has 262 bytes, so that it always fits. */
	if (p->in_len >= sizeof(p->in))
		return no_socks(p);
	p->in[p->in_len++] = byte;
	wire_reader_init(&r, p->in, p->in_len);
	switch ((enum step)p->step) {
	case STEP_METHOD:
		return take_method(p, &r);
	case STEP_SIGN_IN:
		return take_sign_in(p, &r);
	case STEP_CONNECT:
		break;
	}
	return take_connect(p, &r);
}

const struct proxy_impl proxy_socks = { .begin = begin, .take = take };
