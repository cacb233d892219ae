#include "server/registry/gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_MAX_BYTES 64
#define V4_BITS        96 /* of an IPv6 address before the IPv4 one that it maps */

static void map_v4(const uint8_t v4[static 4], uint8_t out[static 16])
{
	static const uint8_t before[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	memcpy(out, before, sizeof(before));
	memcpy(out + sizeof(before), v4, 4);
}

static bool take_one(char *text, struct gateway_network *out)
{
	char *slash = strchr(text, '/'), *end = NULL;
	uint8_t v4[4];
	unsigned most = 128;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, v4) == 1) {
		map_v4(v4, out->bytes);
		most = 32;
	} else if (inet_pton(AF_INET6, text, out->bytes) != 1) {
		return false;
	}
	unsigned long bits = most;
	if (slash) {
		bits = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || bits == 0 || bits > most)
			return false; /* of 0 bits everybody would be a gateway */
	}
	out->bits = (uint8_t)(bits + (most == 32 ? V4_BITS : 0));
	return true;
}

const char *gateways_take(void *gateways, const char *value)
{
	struct gateways g = { 0 };
	char item[ITEM_MAX_BYTES];

	for (;;) {
		value += strspn(value, ", \t");
		size_t len = strcspn(value, ", \t");
		if (len == 0)
			break;
		if (g.count == GATEWAYS_MAX)
			return "names more than 16 addresses";
		if (len >= sizeof(item))
			return "is not a list of addresses such as 10.0.0.1, 2001:db8::/64";
		memcpy(item, value, len);
		item[len] = '\0';
		if (!take_one(item, &g.networks[g.count++]))
			return "is not a list of addresses such as 10.0.0.1, 2001:db8::/64";
		value += len;
	}
	memcpy(gateways, &g, sizeof(g));
	return NULL;
}

static bool in_network(const struct gateway_network *n, const uint8_t address[static 16])
{
	size_t whole = n->bits / 8;
	unsigned rest = n->bits % 8;

	if (memcmp(n->bytes, address, whole) != 0)
		return false;
	return rest == 0 || ((n->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool gateways_have(const struct gateways *g, const struct sockaddr *address)
{
	uint8_t bytes[16];

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		uint8_t v4[4];
		memcpy(&in, address, sizeof(in));
		memcpy(v4, &in.sin_addr, sizeof(v4));
		map_v4(v4, bytes);
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, address, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, sizeof(bytes));
	} else {
		return false;
	}
	for (size_t i = 0; i < g->count; i++)
		if (in_network(&g->networks[i], bytes))
			return true;
	return false;
}
