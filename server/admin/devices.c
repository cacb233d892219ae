/* farseatctl clients, revoke, role, caps: the devices that may come in. */
#include "server/admin/admin.h"
#include "server/admin/control_client.h"
#include "server/admin/issue.h"
#include "server/admin/table.h"

#include "common/base/clock.h"
#include "server/registry/caps.h"
#include "server/registry/registry_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Every device as registry_device_json has it; NULL: why not was said, *status is set. */
static json_t *own_clients(int *status)
{
	struct registry r;
	int64_t now_s = clock_wall_s();

	*status = admin_read(&r);
	if (*status != EXIT_OK)
		return NULL;
	json_t *list = json_array();
	for (size_t i = 0; i < r.device_count; i++)
		json_array_append_new(list, registry_device_json(&r.devices[i], now_s));
	registry_finish(&r);
	return list;
}

/* The same by the system's daemon, in pages. */
static json_t *system_clients(int *status)
{
	json_t *list = json_array();
	json_int_t from = 0, next;

	do {
		json_t *reply = NULL;
		*status = admin_ask_system(
			json_pack("{s:s, s:I}", "cmd", "clients", "from", from), &reply);
		next = json_integer_value(json_object_get(reply, "next"));
		json_array_extend(list, json_object_get(reply, "clients"));
		json_decref(reply);
		if (*status != EXIT_OK) {
			json_decref(list);
			return NULL;
		}
	} while (next > from && (from = next) > 0);
	return list;
}

static void clients_table(const json_t *list, bool all)
{
	static const char *const titles[] = { "NAME", "ROLE", "STATE", "LAST SEEN", "ENROLLED",
		"EXPIRES", "LAPTOP", NULL };
	char when[TABLE_TIME_MAX_BYTES];
	const json_t *d;
	struct table t;
	size_t i;

	table_init(&t, titles);
	json_array_foreach(list, i, d)
	{
		json_int_t seen_s = json_integer_value(json_object_get(d, "last_seen"));
		if (strcmp(control_text(d, "state"), "revoked") == 0 && !all)
			continue;
		table_add(&t, "%s", control_text(d, "device"));
		table_add(&t, "%s", control_text(d, "role"));
		table_add(&t, "%s", control_text(d, "state"));
		table_add(&t, "%s", seen_s > 0 ? time_text(seen_s, when) : "never");
		table_add(&t, "%s",
			date_text(json_integer_value(json_object_get(d, "issued")), when));
		table_add(&t, "%s",
			date_text(json_integer_value(json_object_get(d, "expires")), when));
		table_add(&t, "%s", control_text(d, "label"));
	}
	table_print(&t, stdout, "No device is enrolled. 'farseatctl invite NAME' invites one.");
	table_finish(&t);
}

int admin_run_clients(const struct options *o, void *user)
{
	int status;
	json_t *list = admin_wants_system(o) ? system_clients(&status) : own_clients(&status);

	(void)user;
	if (!list)
		return status;
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:o}", "clients", list));
	clients_table(list, options_flag(o, "all"));
	json_decref(list);
	return EXIT_OK;
}

/* What came of a change, in words or as JSON. */
static int report_change(const struct options *o, const char *name, const char *what, bool changed,
	int told, int64_t ended, uint32_t caps)
{
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:b, s:s, s:s, s:s, s:I, s:b}", "changed",
			changed, "device", name, "change", what, "role", registry_role_name(caps),
			"ended", (json_int_t)ended, "applied", told == 0));
	if (told == 1)
		fprintf(stderr, "farseatd is not running; it will know when it starts.\n");
	return EXIT_OK;
}

static int revoke_device(struct admin_change *c, const char *name, uint32_t *caps)
{
	struct registry_device *d = NULL;

	int status = admin_find(&c->registry, name, &d);
	if (status != EXIT_OK)
		return status;
	d->revoked = true;
	d->revoked_s = clock_wall_s();
	*caps = d->caps;
	/* The revocation takes effect first; the list for foreign tools comes after it. */
	status = admin_change_save(c);
	if (status != EXIT_OK)
		return status;
	admin_audit("revoked", json_pack("{s:s, s:s}", "device", d->name, "device_id", d->id));
	return EXIT_OK;
}

static void export_crl(struct admin_change *c)
{
	char why[ISSUER_ERROR_MAX_BYTES];
	int r = issue_crl(&c->registry);

	if (r == 0)
		r = registry_save(&c->registry);
	if (r < 0)
		fprintf(stderr,
			"farseatctl: the list of revoked certificates for other programs could not be written: %s\n",
			issuer_error(r, why));
}

int admin_run_revoke(const struct options *o, void *user)
{
	const char *name = o->arguments[0];
	struct admin_change c;
	uint32_t caps = 0;
	int64_t ended = 0;

	(void)user;
	int status = admin_change_begin(&c);
	if (status != EXIT_OK)
		return status;
	status = revoke_device(&c, name, &caps);
	if (status != EXIT_OK) {
		admin_change_finish(&c);
		return status;
	}
	int told = admin_reload_locked(&ended);
	export_crl(&c);
	admin_change_finish(&c);

	status = report_change(o, name, "revoked", true, told, ended, caps);
	if (status == EXIT_OK && !admin_wants_json(o))
		printf("%s is revoked%s.\n", name,
			told == 1    ? ""
			: ended == 0 ? "; it had no session"
			: ended == 1 ? "; its session was ended"
				     : "; its sessions were ended");
	return told < 0 ? EXIT_FAILED : status;
}

/* What a command makes of a device's capabilities, under the registry's lock. */
static uint32_t changed_caps(const struct options *o, uint32_t caps, const uint32_t *preset)
{
	if (preset)
		return *preset;
	for (int i = 1; i < o->argument_count; i++)
		if (caps_apply(&caps, o->arguments[i]) < 0)
			return caps; /* they were checked before */
	return caps;
}

static int change_caps(const struct options *o, const uint32_t *preset, uint32_t *caps)
{
	const char *name = o->arguments[0];
	struct registry_device *d = NULL;
	struct admin_change c;
	int64_t ended = 0;

	int status = admin_change_begin(&c);
	if (status != EXIT_OK)
		return status;
	status = admin_find(&c.registry, name, &d);
	bool changed = false;
	if (status == EXIT_OK) {
		*caps = changed_caps(o, d->caps, preset);
		changed = *caps != d->caps;
		d->caps = *caps;
	}
	if (changed)
		status = admin_change_save(&c);
	if (changed && status == EXIT_OK)
		admin_audit("role",
			json_pack("{s:s, s:s, s:s, s:o}", "device", d->name, "device_id", d->id,
				"role", registry_role_name(*caps), "caps", caps_json(*caps)));
	admin_change_finish(&c);
	if (status != EXIT_OK)
		return status;
	int told = admin_reload(&ended);
	status = report_change(o, name, "role", changed, told, ended, *caps);
	return told < 0 ? EXIT_FAILED : status;
}

int admin_run_role(const struct options *o, void *user)
{
	const char *name = o->arguments[0], *role = o->arguments[1];
	uint32_t preset, caps = 0;

	(void)user;
	if (registry_role_caps(role, &preset) < 0)
		return options_wrong(o, "there is no role '%s': control or view", role);
	int status = change_caps(o, &preset, &caps);
	if (status == EXIT_OK && !admin_wants_json(o))
		printf("%s has the role %s now.\n", name, role);
	return status;
}

static int show_caps(const struct options *o, const char *name)
{
	struct registry_device *d = NULL;
	struct registry r;

	int status = admin_read(&r);
	if (status != EXIT_OK)
		return status;
	status = admin_find(&r, name, &d);
	if (status == EXIT_OK && admin_wants_json(o))
		status = json_output_print(json_pack("{s:s, s:s, s:o}", "device", d->name, "role",
			registry_role_name(d->caps), "caps", caps_json(d->caps)));
	else if (status == EXIT_OK)
		caps_print(d->caps);
	registry_finish(&r);
	return status;
}

int admin_run_caps(const struct options *o, void *user)
{
	uint32_t caps = 0;

	(void)user;
	if (o->argument_count == 1)
		return show_caps(o, o->arguments[0]);
	for (int i = 1; i < o->argument_count; i++)
		if (caps_apply(&caps, o->arguments[i]) < 0) {
			char list[CAPS_LIST_MAX_BYTES];
			caps_list(list);
			return options_wrong(o,
				"'%s' is not a capability to add or take: + or - with %s",
				o->arguments[i], list);
		}
	int status = change_caps(o, NULL, &caps);
	if (status == EXIT_OK && !admin_wants_json(o))
		caps_print(caps);
	return status;
}
