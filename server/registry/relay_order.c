#include "server/registry/relay_order.h"

#include "common/base/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int put_path(char out[static RECORD_PATH_MAX_BYTES], const char *path)
{
	size_t len = strlen(path);

	if (len >= RECORD_PATH_MAX_BYTES)
		return -ENAMETOOLONG;
	memcpy(out, path, len + 1);
	return 0;
}

int relay_key_path(const struct settings_tunnel *t, char out[static PATH_MAX])
{
	if (t->key[0] == '\0')
		return path_of(PATH_DATA, RELAY_KEY, out);
	snprintf(out, PATH_MAX, "%s", t->key);
	return 0;
}

int relay_order(const struct settings_tunnel *t, struct record_tunnel_config *out)
{
	struct record_tunnel_config c = { .mode = RECORD_TUNNEL_LISTEN, .dial = true };
	char path[PATH_MAX];

	if (t->relay.host[0] == '\0')
		return -ENOENT;
	snprintf(c.user, sizeof(c.user), "%s", t->relay.user);
	snprintf(c.address, sizeof(c.address), "%s", t->relay.host);
	c.port = t->relay.port;
	ssh_known_name(c.address, c.port, c.host);
	snprintf(c.target, sizeof(c.target), "%s", t->bind_host);
	c.target_port = t->bind_port;
	int r = relay_key_path(t, path);
	if (r == 0)
		r = put_path(c.identities[0], path);
	if (r == 0)
		r = path_of(PATH_DATA, RELAY_KNOWN_HOSTS, path);
	if (r == 0)
		r = put_path(c.known_hosts[0], path);
	if (r < 0)
		return r;
	c.identity_count = 1;
	c.known_hosts_count = 1;
	*out = c;
	return 0;
}

const char *relay_fault_word(uint8_t fault)
{
	static const char *const words[] = {
		[RECORD_TUNNEL_NETWORK] = "network",
		[RECORD_TUNNEL_HOST_UNKNOWN] = "host-key-unknown",
		[RECORD_TUNNEL_HOST_CHANGED] = "host-key-changed",
		[RECORD_TUNNEL_HOST_REVOKED] = "host-key-revoked",
		[RECORD_TUNNEL_AUTH] = "not-let-in",
		[RECORD_TUNNEL_TARGET] = "port-refused",
		[RECORD_TUNNEL_PROTOCOL] = "protocol",
		[RECORD_TUNNEL_INTERNAL] = "internal",
		[RECORD_TUNNEL_FORBIDDEN] = "forbidden",
	};

	return fault < ARRAY_LEN(words) && words[fault] ? words[fault] : "";
}
