#include "client/way/proxy_url.h"

#include "common/base/net_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *scheme;
	uint8_t kind;
	uint16_t port; /* when none is named: the registered ones */
} schemes[] = {
	{ "http://", RECORD_PROXY_HTTP, 80 }, { "socks5://", RECORD_PROXY_SOCKS5, 1080 },
	{ "socks5h://", RECORD_PROXY_SOCKS5,
		1080 }, /* curl's: the proxy resolves; ours always does */
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to len characters with %XX decoded; false: too long, or not a text. */
static bool decode(const char *text, size_t len, char out[static RECORD_PROXY_TEXT_MAX_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%') {
			if (len - i < 3 || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
				return false;
			c = (char)((unsigned)hex(text[i + 1]) << 4 | (unsigned)hex(text[i + 2]));
			i += 2;
		}
		if (n >= RECORD_PROXY_TEXT_MAX_BYTES - 1)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return wire_text_clean(out, n);
}

static bool take_sign_in(const char *text, size_t len, struct proxy_url *out)
{
	const char *colon = memchr(text, ':', len);
	size_t user_len = colon ? (size_t)(colon - text) : len;

	return decode(text, user_len, out->user) &&
	       (!colon || decode(colon + 1, len - user_len - 1, out->password)) &&
	       out->user[0] != '\0' && !strchr(out->user, ':');
}

static bool take_port(const char *text, uint16_t *port)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n == 0 || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. */
static bool take_address(const char *text, struct proxy_url *out)
{
	const char *host = text, *end;

	if (*text == '[') {
		host++;
		end = strchr(host, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return false;
		text = end + 1;
	} else {
		end = text + strcspn(text, ":");
		text = end;
	}
	size_t len = (size_t)(end - host);
	if (len == 0 || len >= sizeof(out->host) || host[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (host[i] <= ' ' || host[i] >= 0x7f || strchr("/?#@\\\"'", host[i]))
			return false;
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	return *text == '\0' || take_port(text + 1, &out->port);
}

const char *proxy_url_parse(const char *text, struct proxy_url *out)
{
	struct proxy_url url = { .kind = RECORD_PROXY_HTTP, .port = 80 };
	char address[RECORD_HOST_MAX_BYTES + 8];
	const char *scheme_end = strstr(text, "://");

	if (scheme_end) {
		size_t len = (size_t)(scheme_end - text) + 3, i = 0;
		while (i < ARRAY_LEN(schemes) &&
			(strlen(schemes[i].scheme) != len ||
				strncasecmp(text, schemes[i].scheme, len) != 0))
			i++;
		if (i == ARRAY_LEN(schemes))
			return "a proxy is http://HOST:PORT or socks5://HOST:PORT; other kinds are not known";
		url.kind = schemes[i].kind;
		url.port = schemes[i].port;
		text += len;
	}
	const char *at = strrchr(text, '@');
	if (at && !take_sign_in(text, (size_t)(at - text), &url))
		return "the proxy's USER:PASSWORD is not well formed: write characters such as : @ / % as %3A %40 %2F %25";
	if (at)
		text = at + 1;
	size_t len = strcspn(text, "/");
	if (len >= sizeof(address) || (text[len] == '/' && text[len + 1] != '\0'))
		return "the proxy's HOST:PORT is not well formed";
	memcpy(address, text, len);
	address[len] = '\0';
	if (!take_address(address, &url))
		return "the proxy's HOST:PORT is not well formed";
	*out = url;
	return NULL;
}

static bool in_network(const char *network, size_t network_len, const char *host)
{
	char text[NET_IP_TEXT_BYTES + 4];
	uint8_t base[NET_IP_BYTES], address[NET_IP_BYTES];

	if (network_len >= sizeof(text))
		return false;
	memcpy(text, network, network_len);
	text[network_len] = '\0';
	char *slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	size_t size = net_ip_parse(text, base);
	if (size == 0 || net_ip_parse(host, address) != size)
		return false;
	unsigned long bits = slash ? strtoul(slash + 1, NULL, 10) : size * 8;
	if (bits > size * 8 || (slash && (slash[1] < '0' || slash[1] > '9')))
		return false;
	for (size_t i = 0; i < bits; i++) {
		uint8_t mask = (uint8_t)(0x80 >> i % 8);
		if ((base[i / 8] & mask) != (address[i / 8] & mask))
			return false;
	}
	return true;
}

/* A domain and everything below it, with or without a dot before. */
static bool in_domain(const char *domain, size_t len, const char *host)
{
	size_t host_len = strlen(host);

	if (len > 0 && domain[0] == '.') {
		domain++;
		len--;
	}
	if (len == 0 || len > host_len || strncasecmp(host + host_len - len, domain, len) != 0)
		return false;
	return len == host_len || host[host_len - len - 1] == '.';
}

bool proxy_url_excepts(const char *list, const char *host)
{
	uint8_t bytes[16];
	bool is_address = net_ip_parse(host, bytes) > 0;

	while (*list) {
		list += strspn(list, ", \t");
		size_t len = strcspn(list, ", \t");
		if (len == 1 && *list == '*')
			return true;
		if (len > 0 &&
			(is_address ? in_network(list, len, host) : in_domain(list, len, host)))
			return true;
		list += len;
	}
	return false;
}

static const char *first_set(const char *const *names, size_t count, const char **name)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = getenv(names[i]);
		if (value && *value) {
			*name = names[i];
			return value;
		}
	}
	return NULL;
}

const char *proxy_url_of_environment(const char *host, const char **variable)
{
	static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY" };
	static const char *const exceptions[] = { "no_proxy", "NO_PROXY" };
	const char *ignored;
	const char *except = first_set(exceptions, ARRAY_LEN(exceptions), &ignored);

	if (proxy_url_excepts("localhost 127.0.0.0/8 ::1", host) ||
		(except && proxy_url_excepts(except, host)))
		return NULL;
	return first_set(proxies, ARRAY_LEN(proxies), variable);
}
