/* farseatctl invite, invitations, withdraw. */
#include "server/admin/admin.h"
#include "server/admin/issue.h"
#include "server/admin/reach.h"
#include "server/admin/table.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "server/registry/address.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPIRES_DEFAULT_S (INT64_C(24) * 3600) /* ARCHITECTURE.md, D-INVITATION */
#define EXPIRES_MIN_S     INT64_C(60)
#define EXPIRES_MAX_S     (INT64_C(30) * 86400)

struct wanted {
	const char *name;
	uint32_t caps;
	int64_t expires_s; /* from now */
	char host[INVITATION_HOST_MAX_BYTES];
	uint16_t port;
	bool guessed, loopback;
	unsigned limit;             /* of those that wait */
	enum reach_port port_state; /* where none is running */
};

static int read_address(const struct options *o, struct wanted *w)
{
	const char *address = options_value(o, "address");
	char error[CONFIG_ERROR_MAX_BYTES];
	char listen[CONFIG_TEXT_MAX_BYTES];
	struct settings settings;

	w->port = INVITATION_DEFAULT_PORT;
	if (settings_read(&settings, NULL, error) < 0)
		return admin_fail("%s", error);
	w->limit = settings.limits.invitations;
	w->guessed = address == NULL;
	reach_listen(&settings, listen);
	reach_guess(listen, w->host, &w->port, &w->loopback);
	w->port_state = reach_port(w->port);
	if (!address)
		return EXIT_OK;
	w->loopback = false;
	if (address_parse(address, w->host, &w->port) < 0 || address_is_any(w->host))
		return options_wrong(o, "'%s' is not an address: HOST or HOST:PORT", address);
	return EXIT_OK;
}

static int read_wanted(const struct options *o, struct wanted *w)
{
	const char *role = options_value(o, "role");
	const char *expires = options_value(o, "expires");

	w->name = o->arguments[0];
	w->expires_s = EXPIRES_DEFAULT_S;
	if (!registry_name_valid(w->name))
		return options_wrong(o,
			"'%s' is not a name for a device: up to %d letters, digits, '.', '-', '_'",
			w->name, REGISTRY_NAME_MAX_BYTES - 1);
	if (registry_role_caps(role ? role : "control", &w->caps) < 0)
		return options_wrong(o, "there is no role '%s': control or view", role);
	const char *wrong = expires ? config_take_duration(&w->expires_s, expires) : NULL;
	if (wrong)
		return options_wrong(o, "--expires %s %s", expires, wrong);
	if (w->expires_s < EXPIRES_MIN_S || w->expires_s > EXPIRES_MAX_S)
		return options_wrong(o, "--expires is between 1m and 30d");
	return read_address(o, w);
}

/* The text; and what the registry keeps of it, which is public. The scalar exists here alone. */
static int make_invitation(const struct registry *r, const struct wanted *w,
	const struct crypto_der *ca, char text[static INVITATION_TEXT_MAX_BYTES],
	struct registry_invitation *out)
{
	struct invitation invitation = { .port = w->port };
	struct crypto_cert_info ca_info;
	struct crypto_key *key = NULL;

	out->created_s = clock_wall_s();
	out->expires_s = out->created_s + w->expires_s;
	out->caps = w->caps;
	out->state = REGISTRY_PENDING;
	snprintf(out->name, sizeof(out->name), "%s", w->name);
	memcpy(invitation.host, w->host, sizeof(invitation.host));
	memcpy(invitation.server_id, r->server_id, sizeof(invitation.server_id));
	invitation.expires_s = out->expires_s;

	int result = crypto_cert_info(ca->bytes, ca->len, &ca_info);
	if (result == 0) {
		memcpy(invitation.ca_key_hash, ca_info.public_key_hash,
			sizeof(invitation.ca_key_hash));
		result = crypto_key_generate(&key);
	}
	if (result == 0)
		result = crypto_key_scalar(key, invitation.scalar);
	if (result == 0)
		result = crypto_invitation_cert(key, &out->cert);
	if (result == 0)
		result = crypto_cert_fingerprint(out->cert.bytes, out->cert.len, out->fingerprint);
	if (result == 0)
		result = invitation_format(&invitation, text);
	crypto_key_destroy(key);
	invitation_wipe(&invitation);
	return result;
}

static struct registry_invitation *find_pending(const struct registry *r, const char *name)
{
	int64_t now_s = clock_wall_s();

	for (size_t i = 0; i < r->invitation_count; i++)
		if (registry_invitation_pending(&r->invitations[i], now_s) &&
			strcmp(r->invitations[i].name, name) == 0)
			return &r->invitations[i];
	return NULL;
}

static int add_invitation(struct admin_change *c, const struct wanted *w,
	char text[static INVITATION_TEXT_MAX_BYTES], struct registry_invitation *invitation)
{
	if (registry_find_name(&c->registry, w->name))
		return admin_fail(
			"a device named '%s' is enrolled; choose another name, or revoke it first",
			w->name);
	if (find_pending(&c->registry, w->name))
		return admin_fail(
			"an invitation for '%s' waits already; 'farseatctl withdraw %s' takes it back",
			w->name, w->name);
	if (registry_pending_count(&c->registry, clock_wall_s()) >= w->limit)
		return admin_fail(
			"%u invitations wait already; withdraw some, or raise [limits] invitations=",
			w->limit);
	/* An invitation that nobody could sign for is none. */
	struct issuer issuer;
	char why[ISSUER_ERROR_MAX_BYTES];
	int r = issuer_open(&issuer);
	if (r < 0)
		return admin_fail("cannot invite: %s", issuer_error(r, why));
	r = make_invitation(&c->registry, w, &issuer.cert, text, invitation);
	issuer_close(&issuer);
	if (r < 0)
		return admin_fail("cannot make the invitation for %s: %s", w->host,
			r == -EINVAL ? "the address is not usable" : strerror(-r));
	r = registry_add_invitation(&c->registry, invitation);
	if (r < 0)
		return admin_fail("%s", strerror(-r));
	return admin_change_save(c);
}

static int print_invitation(const struct options *o, const struct wanted *w, const char *text,
	int64_t expires_s, int told)
{
	char when[TABLE_TIME_MAX_BYTES];

	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:b, s:s, s:s, s:s, s:s, s:i, s:I, s:b}",
			"changed", 1, "invitation", text, "device", w->name, "role",
			registry_role_name(w->caps), "host", w->host, "port", (int)w->port,
			"expires", (json_int_t)expires_s, "applied", told == 0));
	printf("%s\n", text);
	if (fflush(stdout) != 0)
		return admin_fail(
			"the invitation could not be written, and is kept nowhere: 'farseatctl withdraw %s', then invite again",
			w->name);
	fprintf(stderr,
		"\nOn the laptop: farseat enroll 'farseat://...' with the line above.\n"
		"It works once, until %s, and is the key of that first connection: carry it by a way that you trust.\n",
		time_text(expires_s, when));
	if (w->guessed)
		fprintf(stderr,
			"The laptop will connect to %s port %u; --address HOST:PORT if it reaches this machine otherwise.\n",
			w->host, w->port);
	if (w->loopback)
		fprintf(stderr,
			"farseatd is configured to listen on this machine alone ([server] listen=).\n");
	if (told == 1 && w->port_state == REACH_FREE)
		fprintf(stderr,
			"Nothing listens there yet: start farseatd before the laptop enrols.\n");
	if (told == 1 && w->port_state == REACH_FOREIGN)
		fprintf(stderr,
			"Another user's program listens on port %u, so nobody gets in by this invitation. 'farseatctl init' chooses another port, unless listen= in farseat.conf names this one; then invite again.\n",
			(unsigned)w->port);
	return EXIT_OK;
}

int admin_run_invite(const struct options *o, void *user)
{
	char text[INVITATION_TEXT_MAX_BYTES];
	struct registry_invitation invitation = { 0 };
	struct wanted w = { 0 };
	struct admin_change c;
	int64_t ended = 0;

	(void)user;
	int status = read_wanted(o, &w);
	if (status == EXIT_OK)
		status = admin_change_begin(&c);
	if (status != EXIT_OK)
		return status;
	status = add_invitation(&c, &w, text, &invitation);
	admin_change_finish(&c);
	if (status == EXIT_OK) {
		admin_audit("invited", json_pack("{s:s, s:s, s:I}", "device", w.name, "role",
					       registry_role_name(w.caps), "expires",
					       (json_int_t)invitation.expires_s));
		int told = admin_reload(&ended);
		status = told < 0 ? EXIT_FAILED
				  : print_invitation(o, &w, text, invitation.expires_s, told);
	}
	secure_wipe(text, sizeof(text));
	return status;
}

static const char *state_of(const struct registry_invitation *i, int64_t now_s)
{
	if (i->state == REGISTRY_SPENT)
		return "spent";
	if (i->state == REGISTRY_WITHDRAWN)
		return "withdrawn";
	return i->expires_s <= now_s ? "expired" : "pending";
}

static int invitations_json(const struct registry *r, int64_t now_s)
{
	json_t *list = json_array();

	for (size_t k = 0; k < r->invitation_count; k++) {
		const struct registry_invitation *i = &r->invitations[k];
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:I, s:I}", "device", i->name, "state",
				state_of(i, now_s), "role", registry_role_name(i->caps), "created",
				(json_int_t)i->created_s, "expires", (json_int_t)i->expires_s));
	}
	return json_output_print(json_pack("{s:o}", "invitations", list));
}

static void invitations_table(const struct registry *r, int64_t now_s, bool all)
{
	static const char *const titles[] = { "NAME", "ROLE", "STATE", "MADE", "EXPIRES", NULL };
	char when[TABLE_TIME_MAX_BYTES];
	struct table t;

	table_init(&t, titles);
	for (size_t k = 0; k < r->invitation_count; k++) {
		const struct registry_invitation *i = &r->invitations[k];
		if (!all && !registry_invitation_pending(i, now_s))
			continue;
		table_add(&t, "%s", i->name);
		table_add(&t, "%s", registry_role_name(i->caps));
		table_add(&t, "%s", state_of(i, now_s));
		table_add(&t, "%s", time_text(i->created_s, when));
		table_add(&t, "%s", time_text(i->expires_s, when));
	}
	table_print(&t, stdout, "No invitation waits.");
	table_finish(&t);
}

int admin_run_invitations(const struct options *o, void *user)
{
	struct registry r;
	int64_t now_s = clock_wall_s();

	(void)user;
	int status = admin_read(&r);
	if (status != EXIT_OK)
		return status;
	if (admin_wants_json(o))
		status = invitations_json(&r, now_s);
	else
		invitations_table(&r, now_s, options_flag(o, "all"));
	registry_finish(&r);
	return status;
}

int admin_run_withdraw(const struct options *o, void *user)
{
	const char *name = o->arguments[0];
	struct admin_change c;
	int64_t ended = 0;

	(void)user;
	int status = admin_change_begin(&c);
	if (status != EXIT_OK)
		return status;
	struct registry_invitation *i = find_pending(&c.registry, name);
	if (i) {
		i->state = REGISTRY_WITHDRAWN;
		status = admin_change_save(&c);
	} else {
		status = admin_fail(
			"no invitation for '%s' waits ('farseatctl invitations' lists them)", name);
	}
	admin_change_finish(&c);
	if (status != EXIT_OK)
		return status;
	admin_audit("withdrawn", json_pack("{s:s}", "device", name));
	int told = admin_reload(&ended);
	if (admin_wants_json(o))
		status = json_output_print(json_pack("{s:b, s:s, s:s, s:b}", "changed", 1, "device",
			name, "change", "withdrawn", "applied", told == 0));
	else
		printf("The invitation for %s works no longer.\n", name);
	return told < 0 ? EXIT_FAILED : status;
}
