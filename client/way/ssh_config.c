#include "client/way/ssh_config.h"

#include "client/way/ssh_path.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/machine.h"
#include "common/base/paths.h"
#include "common/base/port.h"
#include "common/base/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SSH_ASK_MS     10000 /* Match exec may run something slow */
#define DEPTH_MAX      4     /* ProxyJump of a ProxyJump */
#define SSH_LINE_BYTES 2048  /* of ssh -G's answer: a list of known_hosts files is the longest */

/* ---- what ssh -G says ---- */

struct completion {
	struct ssh_host *host;
	const char *home;
	const char *typed; /* the host */
	char alias[256];
	char hash[64]; /* %C, as ssh made it */
	bool agent_said;
};

static bool expand(const struct completion *c, const char *key, const char *text, char *out)
{
	const struct record_tunnel_config *config = &c->host->config;
	const struct ssh_tokens tokens = {
		.home = c->home,
		.original = c->typed,
		.address = config->address,
		.user = config->user,
		.alias = c->alias[0] ? c->alias : c->typed,
		.jump = c->host->jump,
		.hash = c->hash,
		.port = config->port,
	};
	char why[SSH_PATH_WHY_BYTES];

	if (ssh_path_expand(&tokens, text, out, RECORD_PATH_MAX_BYTES, why) == 0)
		return true;
	log_warn("%s %.200s of ~/.ssh/config is not used for %s: %s", key, text, c->typed, why);
	return false;
}

/* What ssh -G has expanded is taken to the letter: a second time would spoil a home with a "%". */
static bool take_expanded(const struct completion *c, const char *key, const char *path, char *out)
{
	if (path[0] == '~') /* a default of ours, or an ssh that leaves it */
		return expand(c, key, path, out);
	if (strlen(path) >= RECORD_PATH_MAX_BYTES) {
		log_warn(
			"%s %.200s... of ~/.ssh/config is not used for %s: it is longer than %d bytes",
			key, path, c->typed, RECORD_PATH_MAX_BYTES - 1);
		return false;
	}
	snprintf(out, RECORD_PATH_MAX_BYTES, "%s", path);
	return true;
}

static void add_identity(struct completion *c, const char *value)
{
	struct record_tunnel_config *config = &c->host->config;

	if (strcmp(value, "none") == 0)
		return;
	if (config->identity_count == RECORD_IDENTITIES_MAX)
		log_warn(
			"IdentityFile %.200s of ~/.ssh/config is not used for %s: Farseat takes %d of them at most",
			value, c->typed, RECORD_IDENTITIES_MAX);
	else if (expand(c, "IdentityFile", value, config->identities[config->identity_count]))
		config->identity_count++;
}

static void add_known_hosts(struct completion *c, const char *value)
{
	struct record_tunnel_config *config = &c->host->config;
	char path[SSH_LINE_BYTES];

	while (*value) {
		size_t len = ssh_path_first(value, c->home);
		snprintf(path, sizeof(path), "%.*s", (int)len, value);
		value += len + (value[len] == ' ');
		if (path[0] == '\0' || strcmp(path, "none") == 0)
			continue;
		if (config->known_hosts_count == RECORD_KNOWN_HOSTS_MAX)
			log_warn(
				"the known hosts of %.200s are not used for %s: Farseat takes %d such files",
				path, c->typed, RECORD_KNOWN_HOSTS_MAX);
		else if (take_expanded(c, "UserKnownHostsFile", path,
				 config->known_hosts[config->known_hosts_count]))
			config->known_hosts_count++;
	}
}

static void set_agent(struct completion *c, const char *value)
{
	char *out = c->host->config.agent;
	const char *path = value;

	c->agent_said = true;
	out[0] = '\0';
	if (strcmp(value, "none") == 0)
		return;
	if (strcmp(value, "SSH_AUTH_SOCK") == 0)
		path = getenv("SSH_AUTH_SOCK");
	else if (value[0] == '$')
		path = getenv(value + 1);
	if (path && !take_expanded(c, "IdentityAgent", path, out))
		out[0] = '\0';
}

static void take(struct completion *c, const char *key, const char *value)
{
	struct ssh_host *h = c->host;
	struct record_tunnel_config *config = &h->config;

	if (strcmp(key, "hostname") == 0)
		snprintf(config->address, sizeof(config->address), "%s", value);
	else if (strcmp(key, "user") == 0)
		snprintf(config->user, sizeof(config->user), "%s", value);
	else if (strcmp(key, "port") == 0)
		(void)!port_parse(value, strlen(value), &config->port);
	else if (strcmp(key, "hostkeyalias") == 0 && strcmp(value, "none") != 0)
		snprintf(c->alias, sizeof(c->alias), "%s", value);
	else if (strcmp(key, "identityfile") == 0)
		add_identity(c, value);
	else if (strcmp(key, "userknownhostsfile") == 0 || strcmp(key, "globalknownhostsfile") == 0)
		add_known_hosts(c, value);
	else if (strcmp(key, "identityagent") == 0)
		set_agent(c, value);
	else if (strcmp(key, "identitiesonly") == 0)
		config->identities_only = strcmp(value, "yes") == 0;
	else if (strcmp(key, "controlpath") == 0)
		snprintf(c->hash, sizeof(c->hash), "%s", value);
	else if (strcmp(key, "proxyjump") == 0 && strcmp(value, "none") != 0)
		snprintf(h->jump, sizeof(h->jump), "%s", value);
	else if (strcmp(key, "proxycommand") == 0)
		h->jump_by_command = strcmp(value, "none") != 0;
	else if ((strcmp(key, "stricthostkeychecking") == 0 &&
			 (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0)) ||
		 (strcmp(key, "batchmode") == 0 && strcmp(value, "yes") == 0))
		h->strict = true;
}

/* Tokens of the other options are made of these. */
static bool is_naming(const char *key)
{
	static const char *const keys[] = { "hostname", "user", "port", "hostkeyalias", "proxyjump",
		"controlpath" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* The person's own files are to come before the system's, so that what is accepted goes to them. */
static void take_lines(struct completion *c, const char *said, size_t len, const char *only)
{
	const char *end = said + len;

	while (said < end) {
		char line[SSH_LINE_BYTES], *space;
		const char *newline = memchr(said, '\n', (size_t)(end - said));
		const char *stop = newline ? newline : end;
		snprintf(line, sizeof(line), "%.*s", (int)MIN(stop - said, SSH_LINE_BYTES), said);
		said = stop + 1;
		space = strchr(line, ' ');
		if (!space || space[1] == '\0')
			continue; /* says nothing: what stands already stays */
		*space = '\0';
		bool global = strcmp(line, "globalknownhostsfile") == 0;
		const char *phase = is_naming(line) ? "names" : global ? "system" : "rest";
		if (strcmp(phase, only) == 0)
			take(c, line, space + 1);
	}
}

static void take_defaults(struct completion *c)
{
	static const char *const identities[] = { "~/.ssh/id_ed25519", "~/.ssh/id_ecdsa",
		"~/.ssh/id_rsa" };

	for (size_t i = 0; i < ARRAY_LEN(identities); i++)
		add_identity(c, identities[i]);
	add_known_hosts(c, "~/.ssh/known_hosts ~/.ssh/known_hosts2 /etc/ssh/ssh_known_hosts");
}

void ssh_host_from(const struct ssh_destination *d, const char *said, size_t len, const char *home,
	struct ssh_host *out)
{
	struct completion c = { .host = out, .home = home, .typed = d->host };

	memset(out, 0, sizeof(*out));
	memcpy(out->config.address, d->host, sizeof(d->host));
	snprintf(out->config.user, sizeof(out->config.user), "%s", machine_user());
	out->config.port = SSH_PORT;
	take_lines(&c, said, len, "names");
	/* What was typed wins. ssh -G was given it too and repeats it. */
	if (d->user[0])
		memcpy(out->config.user, d->user, sizeof(d->user));
	if (d->port)
		out->config.port = d->port;
	take_lines(&c, said, len, "rest");
	take_lines(&c, said, len, "system");
	if (len == 0)
		take_defaults(&c);
	if (!c.agent_said)
		set_agent(&c, "SSH_AUTH_SOCK");
	struct record_tunnel_config *config = &out->config;
	if (c.alias[0])
		snprintf(config->host, sizeof(config->host), "%s", c.alias);
	else
		ssh_known_name(config->address, config->port, config->host);
	snprintf(out->text, sizeof(out->text), "%s@%s:%u", config->user, d->host,
		(unsigned)config->port);
}

/* ---- running it ---- */

static const char *ssh_program(void)
{
	static const char *const places[] = { "/usr/bin/ssh", "/usr/local/bin/ssh", "/bin/ssh" };

	return path_first_program(places, ARRAY_LEN(places));
}

static void read_answer(int fd, struct buffer *out)
{
	uint64_t until = clock_now_ms() + SSH_ASK_MS;
	uint64_t now;
	uint8_t *room;

	while ((now = clock_now_ms()) < until) {
		size_t n = 0;
		if (fd_wait_one(fd, FD_READ, (int)(until - now)) <= 0)
			continue;
		if (buffer_reserve(out, 4096, &room) < 0 || fd_read(fd, room, 4096, &n) < 0 ||
			n == 0)
			return;
		buffer_commit(out, n);
	}
}

/* Runs ssh -G; leaves out empty where that is not possible. Fixed arguments, no shell; what is
 * typed was looked at, and stands behind "--". */
static void ask_ssh(const struct ssh_destination *d, struct buffer *out)
{
	const char *program = ssh_program(), *file = getenv("FARSEAT_SSH_CONFIG");
	const char *argv[14];
	char port[8];
	int pipes[2] = { -1, -1 }, n = 0;
	struct process ssh;

	if (!program || fd_pipe(pipes) < 0)
		return;
	argv[n++] = "ssh";
	argv[n++] = "-G";
	argv[n++] = "-o"; /* opens nothing here, and tells what %C is */
	argv[n++] = "ControlPath=%C";
	if (file) {
		argv[n++] = "-F";
		argv[n++] = file;
	}
	if (d->user[0]) {
		argv[n++] = "-l";
		argv[n++] = d->user;
	}
	if (d->port) {
		snprintf(port, sizeof(port), "%u", (unsigned)d->port);
		argv[n++] = "-p";
		argv[n++] = port;
	}
	argv[n++] = "--";
	argv[n++] = d->host;
	argv[n] = NULL;
	int null = fd_null();
	const int stdio[] = { null, pipes[1], null };
	const struct process_spec spec = {
		.path = program, .argv = argv, .stdio = stdio, .new_session = true
	};
	int r = process_start(&spec, &ssh);
	fd_close(&pipes[1]);
	fd_close(&null);
	if (r == 0) {
		read_answer(pipes[0], out);
		process_kill(ssh); /* it has closed its output, or takes too long */
		if (process_wait(&ssh, -1, NULL) < 0)
			log_debug("ssh was not waited for");
	}
	fd_close(&pipes[0]);
}

static void complete(const struct ssh_destination *d, struct ssh_host *out)
{
	struct buffer said;

	buffer_init(&said, SSH_CONFIG_BYTES);
	ask_ssh(d, &said);
	if (said.len == 0 && ssh_program())
		log_warn(
			"ssh cannot read its configuration for %s ('ssh -G %s' says why): its usual defaults are taken",
			d->host, d->host);
	ssh_host_from(d, said.len ? (const char *)buffer_front(&said) : "", said.len,
		machine_home(), out);
	buffer_finish(&said);
}

static int add_hops(const char *via, struct ssh_host *out, size_t *count, int depth)
{
	bool first = true;

	if (depth > DEPTH_MAX)
		return -E2BIG;
	while (*via) {
		struct ssh_destination d;
		size_t len = strcspn(via, ",");
		if (ssh_destination_parse(via, len, &d) < 0)
			return -EINVAL;
		if (*count == SSH_HOPS_MAX)
			return -E2BIG;
		struct ssh_host host;
		complete(&d, &host);
		if (first && host.jump_by_command) {
			out[(*count)++] = host;
			return -ELOOP;
		}
		/* Only the first hop is reached from here; each other one by the hop before it. */
		if (first && host.jump[0]) {
			int r = add_hops(host.jump, out, count, depth + 1);
			if (r < 0)
				return r;
		}
		if (*count == SSH_HOPS_MAX)
			return -E2BIG;
		out[(*count)++] = host;
		first = false;
		via += len + (via[len] == ',');
	}
	return *count > 0 ? 0 : -EINVAL;
}

int ssh_hops(const char *via, struct ssh_host out[static SSH_HOPS_MAX], size_t *count)
{
	*count = 0;
	return add_hops(via, out, count, 0);
}

const char *ssh_via_wrong(const char *via)
{
	size_t hops = 0;

	for (; *via; hops++) {
		struct ssh_destination d;
		size_t len = strcspn(via, ",");
		if (ssh_destination_parse(via, len, &d) < 0)
			return "via must be USER@HOST[:PORT], or several of them with commas between";
		via += len + (via[len] == ',');
	}
	return hops > SSH_HOPS_MAX ? "via names too many SSH hops" : NULL;
}
