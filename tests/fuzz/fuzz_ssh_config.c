/*
 * The input is a destination as typed, a line's end, and what ssh -G answers. What comes of it is
 * within its limits, the same from the same, and fit for a record: texts with their ends.
 */
#include "client/way/ssh_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ended(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		abort();
}

static void within_limits(const struct ssh_host *h)
{
	const struct record_tunnel_config *c = &h->config;

	if (c->identity_count > RECORD_IDENTITIES_MAX ||
		c->known_hosts_count > RECORD_KNOWN_HOSTS_MAX || c->port == 0 ||
		c->address[0] == '\0' || c->user[0] == '\0' || c->host[0] == '\0')
		abort();
	ended(c->host, sizeof(c->host));
	ended(c->address, sizeof(c->address));
	ended(c->user, sizeof(c->user));
	ended(c->agent, sizeof(c->agent));
	ended(h->jump, sizeof(h->jump));
	ended(h->text, sizeof(h->text));
	for (size_t i = 0; i < c->identity_count; i++)
		ended(c->identities[i], sizeof(c->identities[i]));
	for (size_t i = 0; i < c->known_hosts_count; i++)
		ended(c->known_hosts[i], sizeof(c->known_hosts[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ssh_host a, b; /* large */
	struct ssh_destination d;
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - data) : size;
	size_t rest = newline ? MIN(size - len - 1, (size_t)SSH_CONFIG_BYTES) : 0;

	if (ssh_destination_parse((const char *)data, len, &d) < 0)
		return 0;
	/* Nothing that a shell or ssh could take for something else. */
	if (d.host[0] == '-' || d.user[0] == '-' || strpbrk(d.host, " ;|&$`'\"<>()\n"))
		abort();
	const char *said = rest ? (const char *)newline + 1 : "";
	ssh_host_from(&d, said, rest, "/home/me", &a);
	ssh_host_from(&d, said, rest, "/home/me", &b);
	within_limits(&a);
	if (memcmp(&a, &b, sizeof(a)) != 0)
		abort();
	return 0;
}
