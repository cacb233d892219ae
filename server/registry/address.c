#include "server/registry/address.h"

#include "common/base/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_ip6(const char *host)
{
	char address[INVITATION_HOST_MAX_BYTES];
	struct in6_addr in6;
	size_t len = strcspn(host, "%"); /* a link-local address names its interface */

	if (host[len] == '%' && host[len + 1] == '\0')
		return false;
	memcpy(address, host, len);
	address[len] = '\0';
	return inet_pton(AF_INET6, address, &in6) == 1;
}

/* A name, or what must be an IPv4 address since it has digits and dots alone: "7420" and
 * "127.0.0.300" are neither. */
static bool is_name_or_ip4(const char *host)
{
	static const char digits[] = "0123456789.";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
	struct in_addr in;
	size_t len = strlen(host);

	if (strspn(host, digits) == len)
		return inet_pton(AF_INET, host, &in) == 1;
	for (size_t i = 0; i < len; i++)
		if (!strchr(digits, host[i]) && !strchr(letters, host[i]))
			return false;
	return host[0] != '-' && host[0] != '.';
}

int address_parse(const char *text, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = strlen(text);
	bool bracketed = text[0] == '[';
	char found[INVITATION_HOST_MAX_BYTES];
	uint16_t found_port = *port;

	if (bracketed) {
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
	if (len >= sizeof(found) ||
		(colon && port_parse(colon + 1, strlen(colon + 1), &found_port) < 0))
		return -EINVAL;
	memcpy(found, text, len);
	found[len] = '\0';
	bool good = len == 0 ? colon != NULL && !bracketed : strcmp(found, "*") == 0;
	if (!good && len > 0)
		good = bracketed || strchr(found, ':') ? is_ip6(found) : is_name_or_ip4(found);
	if (!good)
		return -EINVAL;
	memcpy(host, found, len + 1);
	*port = found_port;
	return 0;
}

bool address_is_any(const char *host)
{
	return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0 ||
	       strcmp(host, "*") == 0;
}
