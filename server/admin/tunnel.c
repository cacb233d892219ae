/* farseatctl tunnel: prepares the reverse tunnel that farseatd keeps, and says how it stands. */
#include "server/admin/tunnel.h"
#include "server/admin/admin.h"
#include "server/admin/control_client.h"
#include "server/admin/table.h"
#include "server/admin/tunnel_key.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/cli/terminal.h"
#include "common/ssh/tunnel_child.h"
#include "server/registry/relay_order.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What to do about why it does not stand. */
static const struct {
	uint8_t fault;
	const char *remedy;
} remedies[] = {
	{ RECORD_TUNNEL_NETWORK, "check the network, and the relay's name and port" },
	{ RECORD_TUNNEL_HOST_UNKNOWN,
		"'farseatctl tunnel init' shows the relay's key and records it" },
	{ RECORD_TUNNEL_HOST_CHANGED,
		"ask the relay's administrator whether its key was changed; only then remove " RELAY_KNOWN_HOSTS
		" from farseatd's data folder, and 'farseatctl tunnel init'" },
	{ RECORD_TUNNEL_HOST_REVOKED,
		"ask the relay's administrator: this key must not be used any more" },
	{ RECORD_TUNNEL_AUTH,
		"add the line of 'farseatctl tunnel authorized-key' to authorized_keys on the relay" },
	{ RECORD_TUNNEL_TARGET,
		"compare permitlisten with 'farseatctl tunnel authorized-key'; a tunnel that died keeps its port until the relay notices (ClientAliveInterval 15 in its sshd_config)" },
	{ RECORD_TUNNEL_PROTOCOL, "the relay's SSH server must be newer" },
	{ RECORD_TUNNEL_INTERNAL, "see farseatd's log" },
};

static const char *remedy_of(uint8_t fault)
{
	for (size_t i = 0; i < ARRAY_LEN(remedies); i++)
		if (remedies[i].fault == fault)
			return remedies[i].remedy;
	return "";
}

static const char *remedy_by_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(remedies); i++)
		if (strcmp(relay_fault_word(remedies[i].fault), word) == 0)
			return remedies[i].remedy;
	return "";
}

/* ---- how it stands ---- */

void tunnel_print(const json_t *tunnel)
{
	const char *state = control_text(tunnel, "state"), *reason = control_text(tunnel, "reason");
	char when[TABLE_TIME_MAX_BYTES];

	printf("%-12s  %s", "relay", control_text(tunnel, "relay"));
	if (strcmp(state, "connected") == 0) {
		printf(" connected since %s, laptops come in at its %s:%" JSON_INTEGER_FORMAT "\n",
			time_text(json_integer_value(json_object_get(tunnel, "since")), when),
			control_text(tunnel, "bind_address"),
			json_integer_value(json_object_get(tunnel, "bind_port")));
		return;
	}
	if (strcmp(state, "waiting") == 0)
		printf(" not connected, tries again in %" JSON_INTEGER_FORMAT " s\n",
			json_integer_value(json_object_get(tunnel, "retry_in_s")));
	else
		puts(" connecting");
	if (reason[0] == '\0')
		return;
	printf("%-12s  %s\n", "", reason);
	printf("%-12s  %s\n", "", remedy_by_word(control_text(tunnel, "fault")));
}

/* ---- init ---- */

struct probe {
	struct settings settings;
	struct record_tunnel_config order;
	char known_hosts[PATH_MAX], key[PATH_MAX];
	char host_key[64];         /* the fingerprint that was accepted */
	struct tunnel_record said; /* OPEN or FAILED */
	bool changed;              /* a key was made, or a host key recorded */
};

static void on_step(void *user, const struct record_link_step *step)
{
	struct probe *p = user;

	if (strcmp(step->step, "SSH host key") == 0)
		snprintf(p->host_key, sizeof(p->host_key), "%.63s", step->detail);
}

/* Logs in as farseatd will. The host key is asked about; anything else that would need a person
 * fails, as it will for farseatd. */
static int try_relay(struct probe *p, const char *fingerprint)
{
	struct tunnel_child child;
	const struct tunnel_person person = {
		.terminal = terminal_there(),
		.host_key_only = true,
		.fingerprint = fingerprint,
		.known_hosts = p->known_hosts,
		.cancel_fd = -1,
		.step = on_step,
		.user = p,
	};

	p->order.ask = person.terminal || fingerprint;
	int r = tunnel_child_start(&child, &p->order, -1, NULL);
	if (r == 0)
		r = tunnel_child_wait(&child, &person, &p->said);
	tunnel_child_finish(&child);
	if (r == -ENOENT)
		return admin_fail(
			"farseat-tunnel is not installed: this Farseat was built without SSH tunnels");
	if (r < 0)
		return admin_fail("farseat-tunnel: %s", strerror(-r));
	return EXIT_OK;
}

static int read_relay(const struct options *o, struct probe *p)
{
	char error[CONFIG_ERROR_MAX_BYTES];

	if (settings_read(&p->settings, NULL, error) < 0)
		return admin_fail("%s", error);
	if (o->argument_count == 2) {
		const char *wrong = settings_take_relay(&p->settings.tunnel.relay, o->arguments[1]);
		if (wrong)
			return options_wrong(o, "'%s' %s", o->arguments[1], wrong);
	}
	int r = relay_order(&p->settings.tunnel, &p->order);
	if (r == -ENOENT)
		return options_wrong(o,
			"which relay? Name it here or in farseat.conf: [tunnel] relay = USER@HOST[:PORT]");
	if (r == 0)
		r = path_of(PATH_DATA, RELAY_KNOWN_HOSTS, p->known_hosts);
	return r < 0 ? admin_fail("%s", strerror(-r)) : EXIT_OK;
}

/* Whether the relay let us in; what it then says of the port is farseatd's to find out, whose own
 * tunnel may hold it. */
static bool let_in(const struct probe *p)
{
	return p->said.type == RECORD_TUNNEL_OPEN ||
	       (p->said.type == RECORD_TUNNEL_FAILED &&
		       p->said.tunnel_failed.fault == RECORD_TUNNEL_TARGET);
}

static int judge(const struct probe *p)
{
	const struct record_tunnel_failed *f = &p->said.tunnel_failed;

	if (let_in(p) || (p->said.type == RECORD_TUNNEL_FAILED && f->fault == RECORD_TUNNEL_AUTH))
		return EXIT_OK;
	if (p->said.type != RECORD_TUNNEL_FAILED)
		return admin_fail("farseat-tunnel said something else");
	admin_fail("%s\n%s", f->reason, remedy_of(f->fault));
	bool refused = f->fault == RECORD_TUNNEL_HOST_UNKNOWN ||
		       f->fault == RECORD_TUNNEL_HOST_CHANGED ||
		       f->fault == RECORD_TUNNEL_HOST_REVOKED;
	return refused ? EXIT_REFUSED : EXIT_FAILED;
}

static int report(const struct options *o, const struct probe *p, const char *line)
{
	const struct ssh_destination *at = &p->settings.tunnel.relay;
	struct settings saved;
	char error[CONFIG_ERROR_MAX_BYTES];

	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:b, s:s, s:s, s:s, s:s, s:b}", "changed",
			p->changed, "relay", p->order.host, "host_key", p->host_key, "key", p->key,
			"authorized_key", line, "let_in", let_in(p)));
	printf("The relay %s shows the host key %s, which is recorded.\nThe tunnel's key: %s\n",
		p->order.host, p->host_key, p->key);
	if (let_in(p))
		puts("The relay lets it in.");
	else
		printf("\nThe relay does not let it in yet. There, one line in authorized_keys of %s:\n\n%s\n",
			at->user, line);
	if (settings_read(&saved, NULL, error) < 0 ||
		strcmp(saved.tunnel.relay.host, at->host) != 0)
		printf("\nIn farseat.conf, then 'farseatctl tunnel connect':\n\n[tunnel]\nrelay = %s@%s%s%s:%u\n",
			at->user, strchr(at->host, ':') ? "[" : "", at->host,
			strchr(at->host, ':') ? "]" : "", (unsigned)at->port);
	return EXIT_OK;
}

/* How much is recorded of relays' host keys. */
static off_t recorded(const struct probe *p)
{
	struct stat file;

	return stat(p->known_hosts, &file) == 0 ? file.st_size : 0;
}

static int init(const struct options *o)
{
	static struct probe p; /* large */
	struct registry registry;
	char comment[192], line[TUNNEL_LINE_MAX_BYTES];
	json_t *reply = NULL;

	int status = read_relay(o, &p);
	if (status == EXIT_OK)
		status = admin_read(&registry);
	if (status != EXIT_OK)
		return status;
	snprintf(comment, sizeof(comment), "farseat-tunnel@%s", registry.workstation);
	registry_finish(&registry);
	bool had_key = relay_key_path(&p.settings.tunnel, p.key) == 0 && file_is_there(p.key);
	off_t before = recorded(&p);
	status = tunnel_key_make(&p.settings.tunnel, comment, p.key);
	if (status == EXIT_OK)
		status = try_relay(&p, options_value(o, "fingerprint"));
	if (status == EXIT_OK)
		status = judge(&p);
	if (status == EXIT_OK)
		status = tunnel_key_line(&p.settings.tunnel, line);
	if (status != EXIT_OK)
		return status;
	p.changed = !had_key || recorded(&p) != before;
	/* Where it waits, it need not wait longer; where none is running, it will read all this. */
	if (control_ask(json_pack("{s:s}", "cmd", "tunnel"), &reply) < 0)
		log_debug("farseatd keeps no tunnel yet");
	json_decref(reply);
	return report(o, &p, line);
}

/* ---- the others ---- */

static int authorized_key(const struct options *o)
{
	static struct settings settings;
	char error[CONFIG_ERROR_MAX_BYTES], line[TUNNEL_LINE_MAX_BYTES];

	if (settings_read(&settings, NULL, error) < 0)
		return admin_fail("%s", error);
	int status = tunnel_key_line(&settings.tunnel, line);
	if (status != EXIT_OK)
		return status;
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:s}", "authorized_key", line));
	puts(line);
	return EXIT_OK;
}

static int connect_now(const struct options *o)
{
	json_t *reply = NULL;

	int status = admin_ask(json_pack("{s:s}", "cmd", "tunnel"), &reply);
	json_decref(reply);
	if (status == EXIT_OK && admin_wants_json(o))
		return json_output_print(
			json_pack("{s:b, s:s}", "changed", 1, "change", "connecting"));
	if (status == EXIT_OK)
		puts("farseatd connects to the relay; 'farseatctl status' shows how it stands.");
	return status;
}

int admin_run_tunnel(const struct options *o, void *user)
{
	static const struct {
		const char *word;
		int arguments; /* at most */
		int (*run)(const struct options *o);
	} words[] = {
		{ "init", 2, init },
		{ "authorized-key", 1, authorized_key },
		{ "connect", 1, connect_now },
	};

	(void)user;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(o->arguments[0], words[i].word) == 0 &&
			o->argument_count <= words[i].arguments)
			return words[i].run(o);
	return options_wrong(o,
		"there is no such 'tunnel %s': init [USER@HOST[:PORT]], authorized-key, connect",
		o->arguments[0]);
}
