/* farseatctl status, sessions, disconnect: what the running daemon says. */
#include "server/admin/admin.h"
#include "server/admin/control_client.h"
#include "server/admin/issue.h"
#include "server/admin/processes.h"
#include "server/admin/reach.h"
#include "server/admin/table.h"
#include "server/admin/tunnel.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/cli/complaint.h"
#include "server/registry/identity.h"
#include "server/registry/settings.h"
#include "server/registry/start_failure.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A worker answers in well under this. */
#define STATS_WAIT_MS 50

/* A reason, with what stands around it. */
#define WHY_NOT_MAX_BYTES (START_FAILURE_MAX_BYTES + 256)

/* What is known without the daemon. */
struct facts {
	struct registry registry;
	char ca_hash[CRYPTO_FINGERPRINT_HEX_BYTES];
	int64_t issued_s, expires_s; /* of the server's certificate; 0 unknown */
	size_t active, pending;
	enum reach_port port_state; /* where no daemon is running */
	uint16_t port;
	bool company;                    /* the certificate is not renewed by us */
	char why_not[WHY_NOT_MAX_BYTES]; /* it is not running; where no daemon is */
	int issuer_error;                /* of issuer_open */
};

/* Of what farseatd uses, be it a company's or ours. */
static void read_certificates(struct facts *f)
{
	char error[CONFIG_ERROR_MAX_BYTES];
	struct crypto_cert_info info;
	struct settings settings;
	struct crypto_der cert;
	struct issuer issuer;

	if (settings_read(&settings, NULL, error) < 0)
		return;
	if (identity_ca(&settings, &cert, error) == 0 &&
		crypto_cert_info(cert.bytes, cert.len, &info) == 0)
		crypto_fingerprint_hex(info.public_key_hash, f->ca_hash);
	if (identity_cert(&settings, &cert, error) == 0 &&
		crypto_cert_info(cert.bytes, cert.len, &info) == 0) {
		f->issued_s = info.not_before_s;
		f->expires_s = info.not_after_s;
	}
	f->company = settings.cert[0] != '\0';
	f->issuer_error = issuer_open(&issuer);
	if (f->issuer_error == 0)
		issuer_close(&issuer);
}

/* For programs: whether laptops' certificates can be signed here. */
static const char *ca_state(const struct facts *f)
{
	return f->issuer_error == 0               ? "ready"
	       : f->issuer_error == -ENOKEY       ? "key-missing"
	       : f->issuer_error == -EKEYREJECTED ? "key-of-another"
						  : "unusable";
}

static int read_facts(struct facts *f)
{
	int64_t now_s = clock_wall_s();

	*f = (struct facts){ 0 };
	int status = admin_read(&f->registry);
	if (status != EXIT_OK)
		return status;
	read_certificates(f);
	for (size_t i = 0; i < f->registry.device_count; i++)
		f->active += !f->registry.devices[i].revoked;
	for (size_t i = 0; i < f->registry.invitation_count; i++)
		f->pending += registry_invitation_pending(&f->registry.invitations[i], now_s);
	return EXIT_OK;
}

/* From two thirds of its life on (as a device's: ARCHITECTURE.md, D-RENEWAL). */
static bool renewal_due(const struct facts *f, int64_t now_s)
{
	return f->expires_s != 0 && now_s - f->issued_s > (f->expires_s - f->issued_s) / 3 * 2;
}

static int status_json(const struct facts *f, const json_t *daemon)
{
	json_t *o = json_pack("{s:b, s:b, s:s, s:s, s:s, s:s, s:I, s:b, s:I, s:I}", "running",
		daemon != NULL, "socket_waits", f->port_state == REACH_OURS, "server_id",
		f->registry.server_id, "workstation", f->registry.workstation, "ca_key_sha256",
		f->ca_hash, "ca_state", ca_state(f), "certificate_expires",
		(json_int_t)f->expires_s, "renewal_due", renewal_due(f, clock_wall_s()), "devices",
		(json_int_t)f->active, "invitations", (json_int_t)f->pending);

	if (o && daemon)
		json_object_set_new(o, "daemon", json_deep_copy(daemon));
	return json_output_print(o);
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_daemon(const json_t *d)
{
	const char *failure = control_text(d, "session_failure");
	char escaped[LOG_ESCAPED_MAX];

	printf("%-12s  is running, version %s, process %" JSON_INTEGER_FORMAT "\n", "farseatd",
		control_text(d, "version"), number_of(d, "pid"));
	if (strcmp(control_text(d, "version"), FARSEAT_VERSION) != 0)
		printf("%-12s  version %s waits: it is used when farseatd is started again\n",
			"installed", FARSEAT_VERSION);
	printf("%-12s  %s\n", "listens on", control_text(d, "listen"));
	if (json_is_true(json_object_get(d, "session_ready")))
		printf("%-12s  display %s, %" JSON_INTEGER_FORMAT "x%" JSON_INTEGER_FORMAT "%s\n",
			"session", control_text(d, "display"), number_of(d, "width"),
			number_of(d, "height"),
			/* An older farseatd does not say. */
			json_is_false(json_object_get(d, "session_active"))
				? ", in the background: somebody else is at the screen"
				: "");
	else
		printf("%-12s  not shown%s%s\n", "session", failure[0] ? ": " : " yet",
			log_escape(escaped, failure, strlen(failure)));
	printf("%-12s  %" JSON_INTEGER_FORMAT " here, %" JSON_INTEGER_FORMAT
	       " connecting, %" JSON_INTEGER_FORMAT " refused since its start\n",
		"connections", number_of(d, "sessions"), number_of(d, "before_authentication"),
		number_of(d, "refused"));
	if (json_object_get(d, "tunnel"))
		tunnel_print(json_object_get(d, "tunnel"));
}

/* systemd's socket unit listens for a daemon that it starts with the first connection. */
static void find_socket(struct facts *f)
{
	char error[CONFIG_ERROR_MAX_BYTES], host[INVITATION_HOST_MAX_BYTES];
	struct settings settings;
	bool loopback;

	f->port = INVITATION_DEFAULT_PORT;
	if (settings_read(&settings, NULL, error) < 0)
		return;
	reach_guess(settings.listen, host, &f->port, &loopback);
	f->port_state = reach_port(f->port);
}

/* Why farseatd is not running, as far as it left word, or as one can see from here. */
static void explain(struct facts *f)
{
	char failure[START_FAILURE_MAX_BYTES], when[TABLE_TIME_MAX_BYTES];
	int64_t when_s;

	if (f->port_state == REACH_OURS)
		return;
	if (f->port_state == REACH_FOREIGN)
		snprintf(f->why_not, sizeof(f->why_not),
			"farseatd is not running: another user's program listens on port %u; 'farseatctl init' chooses another one, unless listen= in farseat.conf names it",
			(unsigned)f->port);
	else if (start_failure_read(failure, &when_s) == 0)
		snprintf(f->why_not, sizeof(f->why_not),
			"farseatd is not running: its last start, %s, failed: %s",
			time_text(when_s, when), failure);
	else
		snprintf(f->why_not, sizeof(f->why_not),
			"farseatd is not running: it was stopped, or not started yet ('%s')",
			admin_start_line());
}

static void status_text(const struct facts *f, const json_t *daemon)
{
	char when[TABLE_TIME_MAX_BYTES], why[ISSUER_ERROR_MAX_BYTES];

	printf("%-12s  %s\n%-12s  %s\n%-12s  %s\n", "workstation", f->registry.workstation,
		"server id", f->registry.server_id, "CA key", f->ca_hash);
	if (f->issuer_error < 0)
		printf("%-12s  %s\n", "CA", issuer_error(f->issuer_error, why));
	if (f->expires_s != 0)
		printf("%-12s  is valid until %s%s\n", "certificate", date_text(f->expires_s, when),
			renewal_due(f, clock_wall_s())
				? (f->company ? ": have it renewed"
					      : ": renew it now ('farseatctl renew')")
				: "");
	printf("%-12s  %zu enrolled, %zu invited\n", "devices", f->active, f->pending);
	if (!daemon) {
		printf("%-12s  %s\n", "farseatd",
			f->port_state == REACH_OURS ? "waits for the first connection"
			: f->why_not[0]             ? f->why_not + sizeof("farseatd")
						    : "does not answer");
		return;
	}
	print_daemon(daemon);
}

/* What the daemon says alone: the files are root's. */
static int system_status(const struct options *o)
{
	json_t *daemon = NULL;
	int status = admin_ask_system(json_pack("{s:s}", "cmd", "status"), &daemon);

	if (status != EXIT_OK)
		return status;
	if (admin_wants_json(o)) {
		json_t *answer = json_pack("{s:b, s:s, s:s, s:I, s:I, s:I, s:O}", "running", 1,
			"server_id", control_text(daemon, "server_id"), "workstation",
			control_text(daemon, "workstation"), "certificate_expires",
			number_of(daemon, "certificate_expires"), "devices",
			number_of(daemon, "devices"), "invitations",
			number_of(daemon, "invitations"), "daemon", daemon);
		status = json_output_print(answer);
	} else {
		printf("%-12s  %s\n%-12s  %s\n%-12s  %" JSON_INTEGER_FORMAT
		       " enrolled, %" JSON_INTEGER_FORMAT " invited\n",
			"workstation", control_text(daemon, "workstation"), "server id",
			control_text(daemon, "server_id"), "devices", number_of(daemon, "devices"),
			number_of(daemon, "invitations"));
		print_daemon(daemon);
	}
	json_decref(daemon);
	return status;
}

/* The daemon that the options mean. */
static int ask(const struct options *o, const char *command, json_t **reply)
{
	json_t *request = json_pack("{s:s}", "cmd", command);

	return admin_wants_system(o) ? admin_ask_system(request, reply) : admin_ask(request, reply);
}

static int processes_status(const struct options *o)
{
	json_t *daemon = NULL;

	int status = ask(o, "status", &daemon);
	if (status == EXIT_OK)
		status = processes_print(o, (pid_t)number_of(daemon, "pid"));
	json_decref(daemon);
	return status;
}

int admin_run_status(const struct options *o, void *user)
{
	struct facts f;
	json_t *daemon = NULL;

	(void)user;
	if (options_flag(o, "processes"))
		return processes_status(o);
	if (admin_wants_system(o))
		return system_status(o);
	int status = read_facts(&f);
	if (status != EXIT_OK)
		return status;
	int r = control_ask(json_pack("{s:s}", "cmd", "status"), &daemon);
	if (r < 0 && r != -ECONNREFUSED)
		admin_fail("farseatd does not answer: %s", strerror(-r));
	if (r < 0) {
		json_decref(daemon);
		daemon = NULL;
		if (r == -ECONNREFUSED) {
			find_socket(&f);
			explain(&f);
		}
	}
	if (f.why_not[0] != '\0')
		complaint_keep(f.why_not);
	if (admin_wants_json(o))
		status = status_json(&f, daemon);
	else
		status_text(&f, daemon);
	registry_finish(&f.registry);
	json_decref(daemon);
	if (status == EXIT_OK && r < 0 && f.port_state != REACH_OURS)
		status = EXIT_FAILED; /* scripts ask whether it runs */
	return status;
}

static void sessions_table(const json_t *list)
{
	static const char *const titles[] = { "ID", "DEVICE", "ROLE", "FROM", "SINCE", "ROUND TRIP",
		"SOFTWARE", NULL };
	char when[TABLE_TIME_MAX_BYTES];
	const json_t *s;
	struct table t;
	size_t i;

	table_init(&t, titles);
	json_array_foreach(list, i, s)
	{
		int64_t rtt_us = number_of(json_object_get(s, "stats"), "rtt_us");
		table_add(&t, "%" JSON_INTEGER_FORMAT, number_of(s, "session"));
		table_add(&t, "%s", control_text(s, "device"));
		table_add(&t, "%s", control_text(s, "role"));
		table_add(&t, "%s", control_text(s, "peer"));
		table_add(&t, "%s", time_text(number_of(s, "since"), when));
		if (rtt_us > 0)
			table_add(&t, "%.1f ms", (double)rtt_us / 1000);
		else
			table_add(&t, "-");
		table_add(&t, "%s", control_text(s, "software"));
	}
	table_print(&t, stdout, "Nobody is connected.");
	table_finish(&t);
}

int admin_run_sessions(const struct options *o, void *user)
{
	json_t *reply = NULL;

	(void)user;
	int status = ask(o, "sessions", &reply);
	if (status == EXIT_OK && json_array_size(json_object_get(reply, "sessions")) > 0) {
		/* The first question makes the workers send their statistics; the second one gets them. */
		json_decref(reply);
		poll(NULL, 0, STATS_WAIT_MS);
		status = ask(o, "sessions", &reply);
	}
	if (status != EXIT_OK)
		return status;
	const json_t *list = json_object_get(reply, "sessions");
	if (admin_wants_json(o))
		status = json_output_print(json_pack("{s:O?}", "sessions", list));
	else
		sessions_table(list);
	json_decref(reply);
	return status;
}

int admin_run_disconnect(const struct options *o, void *user)
{
	const char *text = o->arguments[0];
	json_t *reply = NULL;
	char *end = NULL;

	(void)user;
	errno = 0;
	unsigned long id = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || id > UINT32_MAX)
		return options_wrong(o,
			"'%s' is not a session's number ('farseatctl sessions' lists them)", text);
	int status = admin_ask(
		json_pack("{s:s, s:I}", "cmd", "disconnect", "id", (json_int_t)id), &reply);
	json_decref(reply);
	if (status != EXIT_OK)
		return status;
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:b, s:I, s:s}", "changed", 1, "session",
			(json_int_t)id, "change", "disconnected"));
	printf("Session %lu was ended.\n", id);
	return EXIT_OK;
}
