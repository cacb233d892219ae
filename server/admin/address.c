#include "server/admin/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool parse_port(const char *text, uint16_t *port)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n == 0 || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

int address_parse(const char *text, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = strlen(text);

	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return -EINVAL;
		colon = end[1] == ':' ? end + 1 : NULL;
		text++;
		len = (size_t)(end - text);
	} else if (colon && strchr(text, ':') == colon) {
		len = (size_t)(colon - text);
	} else {
		colon = NULL; /* none, or an IPv6 address without brackets */
	}
	if (len >= INVITATION_HOST_MAX_BYTES || (colon && !parse_port(colon + 1, port)))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	return 0;
}

static bool is_any(const char *host)
{
	return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0 ||
	       strcmp(host, "*") == 0;
}

static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
	       strcmp(host, "localhost") == 0;
}

/* Bridges of containers and virtual machines: nobody outside comes in by them. */
static bool is_virtual(const char *interface)
{
	static const char *const prefixes[] = { "docker", "br-", "virbr", "veth", "lxc", "podman",
		"cni" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(interface, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* 0 none; higher is likelier to be reached. */
static int rank(const struct ifaddrs *i, char host[static INVITATION_HOST_MAX_BYTES])
{
	if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || (i->ifa_flags & IFF_LOOPBACK) ||
		is_virtual(i->ifa_name))
		return 0;
	if (i->ifa_addr->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, i->ifa_addr, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, host, INVITATION_HOST_MAX_BYTES);
		return strncmp(host, "169.254.", 8) == 0 ? 1 : 3;
	}
	if (i->ifa_addr->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, i->ifa_addr, sizeof(in6));
		if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
			return 0;
		inet_ntop(AF_INET6, &in6.sin6_addr, host, INVITATION_HOST_MAX_BYTES);
		return 2;
	}
	return 0;
}

static bool guess_from_interfaces(char out[static INVITATION_HOST_MAX_BYTES])
{
	struct ifaddrs *list = NULL;
	int best = 0;

	if (getifaddrs(&list) < 0)
		return false;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
		char host[INVITATION_HOST_MAX_BYTES] = "";
		int r = rank(i, host);
		if (r > best) {
			best = r;
			memcpy(out, host, sizeof(host));
		}
	}
	freeifaddrs(list);
	return best > 0;
}

void address_guess(const char *listen, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port,
	bool *loopback)
{
	char first[INVITATION_HOST_MAX_BYTES];
	size_t len = strcspn(listen, " ,");

	*loopback = false;
	host[0] = '\0';
	if (len < sizeof(first)) {
		memcpy(first, listen, len);
		first[len] = '\0';
		if (address_parse(first, host, port) < 0)
			host[0] = '\0';
	}
	if (!is_any(host)) {
		*loopback = is_loopback(host);
		return;
	}
	if (guess_from_interfaces(host))
		return;
	if (gethostname(host, INVITATION_HOST_MAX_BYTES - 1) < 0)
		snprintf(host, INVITATION_HOST_MAX_BYTES, "localhost");
}
