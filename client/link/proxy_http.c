/* HTTP CONNECT. Of the answer only the status and Proxy-Authenticate are looked at. */
#include "client/link/proxy.h"

#include "common/base/base64.h"
#include "common/wire/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CREDENTIALS_MAX_BYTES (2 * RECORD_PROXY_TEXT_MAX_BYTES)

/* A name or address that means nothing else in a line of HTTP. */
static bool host_is_plain(const char *host)
{
	if (!*host)
		return false;
	for (; *host; host++) {
		char c = *host;
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || strchr("._:-", c);
		if (!good)
			return false;
	}
	return true;
}

static int put_credentials(struct proxy *p)
{
	char pair[CREDENTIALS_MAX_BYTES];
	char text[(sizeof(pair) + 2) / 3 * 4 + 1];
	static const char field[] = "Proxy-Authorization: Basic ";

	/* RFC 7617, 2: a user name with a colon cannot be told from the password. */
	if (strchr(p->way.proxy_user, ':'))
		return -EINVAL;
	int n = snprintf(pair, sizeof(pair), "%s:%s", p->way.proxy_user, p->way.proxy_password);
	int r = base64_encode((const uint8_t *)pair, (size_t)n, BASE64_PADDED, text, sizeof(text))
			? proxy_put(p, field, sizeof(field) - 1)
			: -E2BIG;
	if (r == 0)
		r = proxy_put(p, text, strlen(text));
	if (r == 0)
		r = proxy_put(p, "\r\n", 2);
	secure_wipe(pair, sizeof(pair));
	secure_wipe(text, sizeof(text));
	return r;
}

static int begin(struct proxy *p)
{
	char target[WIRE_NAME_MAX_BYTES + RECORD_HOST_MAX_BYTES], text[2 * sizeof(target) + 64];
	bool v6 = strchr(p->way.host, ':') != NULL;

	if (!host_is_plain(p->way.host))
		return -EINVAL;
	snprintf(target, sizeof(target), "%s%s%s:%u", v6 ? "[" : "", p->way.host, v6 ? "]" : "",
		(unsigned)p->way.port);
	int n = snprintf(text, sizeof(text), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target);
	int r = proxy_put(p, text, (size_t)n);
	if (r == 0 && p->way.proxy_user[0])
		r = put_credentials(p);
	return r == 0 ? proxy_put(p, "\r\n", 2) : r;
}

/* RFC 9112, 4: HTTP/1.x, a blank, three digits, a blank and words. */
static bool take_status(struct proxy *p, const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || line[7] < '0' || line[7] > '9' || line[8] != ' ')
		return false;
	unsigned status = 0;
	for (int i = 9; i < 12; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
		status = status * 10 + (unsigned)(line[i] - '0');
	}
	if ((line[12] != ' ' && line[12] != '\0') || status < 100 || status > 599)
		return false;
	p->status = status;
	size_t len = 0;
	for (const char *c = line + 12; *c && len < sizeof(p->said) - 1; c++)
		if ((len > 0 || *c != ' ') && *c >= ' ' && *c < 0x7f)
			p->said[len++] = *c;
	p->said[len] = '\0';
	return true;
}

/* The first word of each Proxy-Authenticate header; several in one line are rare, and Basic among
 * them is looked for. */
static void take_header(struct proxy *p, const char *line)
{
	static const char *const names[] = { "proxy-authenticate:", "www-authenticate:" };
	size_t i = 0;

	while (i < ARRAY_LEN(names) && strncasecmp(line, names[i], strlen(names[i])) != 0)
		i++;
	if (i == ARRAY_LEN(names))
		return;
	const char *value = line + strlen(names[i]);
	value += strspn(value, " \t");
	size_t len =
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
	if ((len == 5 && strncasecmp(value, "basic", 5) == 0) || strcasestr(value, ", basic "))
		p->basic = true;
	else if (!p->scheme[0])
		snprintf(p->scheme, sizeof(p->scheme), "%.*s", (int)MIN(len, sizeof(p->scheme) - 1),
			value);
}

static int not_allowed_in(struct proxy *p)
{
	if (!p->basic)
		return proxy_fail(p, -EACCES,
			"the proxy wants a way of signing in that Farseat does not have (%u, %s): "
			"let a program that has it carry the connection (--via-command)",
			p->status, p->scheme[0] ? p->scheme : "it does not say which");
	if (!p->way.proxy_user[0])
		return proxy_fail(p, -EACCES,
			"the proxy wants a user name and a password (%u): give them as "
			"http://USER:PASSWORD@HOST:PORT, best as proxy= in workstation.conf",
			p->status);
	return proxy_fail(p, -EACCES,
		"the proxy refused the user name or the password (%u): correct them where the proxy "
		"is named (--proxy, proxy= in workstation.conf, or https_proxy)",
		p->status);
}

/* What the whole header means. */
static int judge(struct proxy *p)
{
	const char *said = p->said;
	const char *host = p->way.host;

	if (p->status < 200) { /* RFC 9110, 15.2: another answer follows */
		p->status = 0;
		return 0;
	}
	if (p->status < 300)
		return 1;
	if (p->status == 407 || p->status == 401) /* tinyproxy 1.11 answers 401 */
		return not_allowed_in(p);
	if (p->status == 403)
		return proxy_fail(p, -ECONNREFUSED,
			"the proxy does not allow a connection to %.60s:%u (403 %s): its "
			"administrator can, or a workstation that listens on port 443",
			host, (unsigned)p->way.port, said);
	if (p->status >= 500 && p->status != 501) {
		p->retry = true;
		return proxy_fail(p, -ECONNREFUSED,
			"the proxy does not reach %.60s:%u (%u %s): the workstation may be off, or "
			"unknown to the proxy",
			host, (unsigned)p->way.port, p->status, said);
	}
	return proxy_fail(p, -ECONNREFUSED,
		"the proxy does not open a connection to %.60s:%u (%u %s): is it an HTTP proxy?",
		host, (unsigned)p->way.port, p->status, said);
}

static int take_line(struct proxy *p)
{
	char line[PROXY_LINE_MAX_BYTES + 1];

	memcpy(line, p->in, p->in_len);
	line[p->in_len] = '\0';
	if (p->in_len > 0 && line[p->in_len - 1] == '\r')
		line[p->in_len - 1] = '\0';
	p->in_len = 0;
	if (p->status == 0)
		return take_status(p, line) ? 0
					    : proxy_fail(p, -EPROTO,
						      "what answers is no HTTP proxy: check its "
						      "address, or name it as socks5://...");
	if (!line[0])
		return judge(p);
	take_header(p, line);
	return 0;
}

static int take(struct proxy *p, uint8_t byte)
{
	if (byte == '\n')
		return take_line(p);
	if (byte == '\0')
		return proxy_fail(p, -EPROTO, "what answers is no HTTP proxy: check its address");
	if (p->in_len < sizeof(p->in))
		p->in[p->in_len++] = byte;
	else if (p->status == 0)
		return proxy_fail(p, -EPROTO, "what answers is no HTTP proxy: check its address");
	return 0;
}

const struct proxy_impl proxy_http = { .begin = begin, .take = take };
