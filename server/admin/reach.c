#include "server/admin/reach.h"

#include "server/admin/control_client.h"
#include "server/registry/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

bool reach_listen(const struct settings *s, char listen[static CONFIG_TEXT_MAX_BYTES])
{
	json_t *reply = NULL;
	bool running = control_ask(json_pack("{s:s}", "cmd", "status"), &reply) == 0;
	const char *text = json_string_value(json_object_get(reply, "listen"));

	snprintf(
		listen, CONFIG_TEXT_MAX_BYTES, "%s", running && text && text[0] ? text : s->listen);
	json_decref(reply);
	return running;
}

/* Up to the user. */
#define LISTENER_FIELDS 8

/* Lines of /proc/net/tcp: "0: 0100007F:1CFC 00000000:0000 0A 00000000:00000000 00:00000000 00000000
 * 1000 ...": local address and port, the other end's, state (0A is LISTEN), queues, timer,
 * retransmits, user. */
static enum reach_port listener_in(const char *path, uint16_t port)
{
	FILE *f = fopen(path, "re");
	enum reach_port found = REACH_FREE;
	char line[512];

	while (f && found == REACH_FREE && fgets(line, sizeof(line), f)) {
		char *fields[LISTENER_FIELDS] = { NULL }, *rest = line;
		for (size_t i = 0; i < LISTENER_FIELDS; i++)
			fields[i] = strtok_r(rest, " \n", &rest);
		const char *colon = fields[1] ? strchr(fields[1], ':') : NULL;
		if (colon && fields[LISTENER_FIELDS - 1] && strtoul(colon + 1, NULL, 16) == port &&
			strtoul(fields[3], NULL, 16) == 0x0a)
			found = strtoul(fields[LISTENER_FIELDS - 1], NULL, 10) == geteuid()
					? REACH_OURS
					: REACH_FOREIGN;
	}
	if (f)
		fclose(f);
	return found;
}

enum reach_port reach_port(uint16_t port)
{
	enum reach_port found = listener_in("/proc/net/tcp", port);

	return found != REACH_FREE ? found : listener_in("/proc/net/tcp6", port);
}

void reach_guess(const char *listen, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port,
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
	if (!address_is_any(host)) {
		*loopback = is_loopback(host);
		return;
	}
	if (guess_from_interfaces(host))
		return;
	if (gethostname(host, INVITATION_HOST_MAX_BYTES - 1) < 0)
		snprintf(host, INVITATION_HOST_MAX_BYTES, "localhost");
}
