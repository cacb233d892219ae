/* farseatctl gateway haproxy: this workstation's entries for a gateway's configuration. */
#include "server/admin/admin.h"
#include "server/admin/reach.h"

#include "common/crypto/tls.h"
#include "server/registry/address.h"
#include "server/registry/settings.h"

#include <stdio.h>
#include <string.h>

#define ENTRY_MAX_BYTES 1024

struct gateway_entry {
	struct registry registry;
	struct settings settings;
	char address[INVITATION_HOST_MAX_BYTES + 16]; /* HOST:PORT, as HAProxy reads it */
	bool loopback;
};

static int read_entry(const struct options *o, struct gateway_entry *e)
{
	char error[CONFIG_ERROR_MAX_BYTES], host[INVITATION_HOST_MAX_BYTES],
		listen[CONFIG_TEXT_MAX_BYTES];
	const char *given = options_value(o, "address");
	uint16_t port = INVITATION_DEFAULT_PORT;

	if (settings_read(&e->settings, NULL, error) < 0)
		return admin_fail("%s", error);
	reach_listen(&e->settings, listen);
	reach_guess(listen, host, &port, &e->loopback);
	if (given) {
		e->loopback = false;
		if (address_parse(given, host, &port) < 0 || address_is_any(host))
			return options_wrong(o, "'%s' is not an address: HOST or HOST:PORT", given);
	}
	snprintf(e->address, sizeof(e->address), strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
		(unsigned)port);
	return admin_read(&e->registry);
}

/* The server id is letters, digits and '-' (server_id_valid): a word in HAProxy's file, too. */
static int print_entry(const struct options *o, const struct gateway_entry *e)
{
	const char *id = e->registry.server_id;
	char use[ENTRY_MAX_BYTES], backend[ENTRY_MAX_BYTES];

	snprintf(use, sizeof(use), "use_backend farseat-%s if { req.ssl_sni -i %s%s }", id, id,
		CRYPTO_SERVER_SUFFIX);
	snprintf(backend, sizeof(backend),
		"backend farseat-%s\n"
		"\tmode tcp\n"
		"\tserver %s %s send-proxy-v2 check check-send-proxy inter 10s\n",
		id, id, e->address);
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:s, s:s+, s:s, s:s, s:s}", "server_id", id,
			"server_name", id, CRYPTO_SERVER_SUFFIX, "address", e->address,
			"use_backend", use, "backend", backend));
	printf("# %s. In the frontend (mode tcp) that laptops reach:\n\t%s\n\n%s",
		e->registry.workstation, use, backend);
	fprintf(stderr,
		"Name the gateway's own address here, in farseat.conf: [gateway] proxy_from = ADDRESS; then start farseatd again.\n");
	if (e->settings.gateways.count == 0)
		fputs("None is named yet: until then connections from the gateway are refused.\n",
			stderr);
	if (e->loopback)
		fputs("farseatd listens on loopback alone: --address HOST:PORT, and listen= in farseat.conf.\n",
			stderr);
	return EXIT_OK;
}

int admin_run_gateway(const struct options *o, void *user)
{
	static struct gateway_entry e; /* large */

	(void)user;
	if (strcmp(o->arguments[0], "haproxy") != 0)
		return options_wrong(o,
			"there is no 'gateway %s': gateway haproxy [--address HOST:PORT]",
			o->arguments[0]);
	int status = read_entry(o, &e);
	if (status)
		return status;
	status = print_entry(o, &e);
	registry_finish(&e.registry);
	return status;
}
