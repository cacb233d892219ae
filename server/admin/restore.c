/*
 * farseatctl restore: takes a registry from a backup over. What was revoked since stays revoked and
 * what was spent stays spent, as far as the state folder remembers it; what differs is listed first.
 */
#include "server/admin/admin.h"
#include "server/admin/table.h"

#include "common/base/fd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct restoring {
	struct registry backup, latest;
	bool known;    /* latest is what this workstation had last */
	json_t *found; /* owned: [{"device", "difference", "result"}] */
};

static void note(struct restoring *r, const char *device, const char *what, const char *result)
{
	json_array_append_new(r->found, json_pack("{s:s, s:s, s:s}", "device", device, "difference",
						what, "result", result));
}

/* Revoked ones too. */
static const struct registry_device *find_in(const struct registry *r, const char *id)
{
	for (size_t i = 0; i < r->device_count; i++)
		if (strcmp(r->devices[i].id, id) == 0)
			return &r->devices[i];
	return NULL;
}

static bool same_key(const struct registry_key *a, const struct registry_key *b)
{
	return memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint)) == 0;
}

static void merge_device(struct restoring *r, struct registry_device *d)
{
	const struct registry_device *now = find_in(&r->latest, d->id);

	if (!now) {
		if (!d->revoked) {
			note(r, d->name,
				r->known ? "unknown to the latest registry" : "cannot be compared",
				r->known ? "is revoked" : "may come in");
			/* It was revoked so long ago that it was archived, or was never ours. */
			d->revoked = r->known;
		}
		return;
	}
	if (now->revoked && !d->revoked) {
		note(r, d->name, "revoked since", "stays revoked");
		d->revoked = true;
		d->revoked_s = now->revoked_s;
	}
	if (!same_key(&d->key, &now->key)) {
		note(r, d->name, "renewed since", "keeps its latest certificate");
		d->key = now->key;
		d->previous = now->previous;
	}
	if (!d->revoked && d->caps != now->caps) {
		char text[80];
		snprintf(text, sizeof(text), "has the role %s again", registry_role_name(d->caps));
		note(r, d->name, "other capabilities since", text);
	}
	if (!d->revoked && strcmp(d->name, now->name) != 0)
		note(r, d->name, "called otherwise since", "has this name again");
}

static void merge_invitation(struct restoring *r, struct registry_invitation *i)
{
	const struct registry_invitation *now =
		registry_find_invitation(&r->latest, i->fingerprint);

	if (i->state != REGISTRY_PENDING || (now && now->state == REGISTRY_PENDING))
		return;
	i->state = now ? now->state : REGISTRY_WITHDRAWN;
	note(r, i->name, now ? "invitation ended since" : "invitation that cannot be compared",
		now ? "stays ended" : "is withdrawn");
}

static void merge(struct restoring *r)
{
	for (size_t i = 0; i < r->backup.device_count; i++)
		merge_device(r, &r->backup.devices[i]);
	for (size_t i = 0; i < r->backup.invitation_count; i++)
		merge_invitation(r, &r->backup.invitations[i]);
	for (size_t i = 0; i < r->latest.device_count; i++) {
		const struct registry_device *d = &r->latest.devices[i];
		if (!d->revoked && !find_in(&r->backup, d->id))
			note(r, d->name, "enrolled since", "is shut out: it must enrol again");
	}
	for (size_t i = 0; i < r->latest.invitation_count; i++) {
		const struct registry_invitation *v = &r->latest.invitations[i];
		if (v->state == REGISTRY_PENDING &&
			!registry_find_invitation(&r->backup, v->fingerprint))
			note(r, v->name, "invited since", "its invitation works no longer");
	}
	r->backup.number = MAX(r->backup.number, r->latest.number);
}

static int load(struct restoring *r, const char *file)
{
	char error[REGISTRY_ERROR_MAX_BYTES], ignored[REGISTRY_ERROR_MAX_BYTES];

	if (registry_load_file(&r->backup, file, error) < 0)
		return admin_fail("%s", error);
	r->known = registry_load_latest(&r->latest) == 0;
	/* From a version that did not remember: what lies there now is the best that there is. */
	if (!r->known && file)
		r->known = registry_load_file(&r->latest, NULL, ignored) == 0;
	if (r->known && strcmp(r->backup.server_id, r->latest.server_id) != 0)
		return admin_fail(
			"this is the registry of another workstation (%s; this one is %s)",
			r->backup.server_id, r->latest.server_id);
	r->found = json_array();
	return r->found ? EXIT_OK : admin_fail("out of memory");
}

static void print_table(const struct restoring *r)
{
	static const char *const titles[] = { "NAME", "DIFFERENCE", "AFTER RESTORING", NULL };
	struct table t;
	const json_t *one;
	size_t i;

	table_init(&t, titles);
	json_array_foreach(r->found, i, one)
	{
		table_add(&t, "%s", json_string_value(json_object_get(one, "device")));
		table_add(&t, "%s", json_string_value(json_object_get(one, "difference")));
		table_add(&t, "%s", json_string_value(json_object_get(one, "result")));
	}
	table_print(&t, stdout, "Nothing differs from what this workstation had last.");
	table_finish(&t);
	if (!r->known)
		fprintf(stderr,
			"Nothing is remembered that it could be compared with: check each device above, and revoke those that must not come in.\n");
}

static int save(struct restoring *r, int64_t *ended, int *told)
{
	int result = registry_save(&r->backup);

	if (result < 0)
		return admin_fail(
			"cannot write the registry: %s; nothing was changed", strerror(-result));
	admin_audit("restored", json_pack("{s:I, s:I}", "number", (json_int_t)r->backup.number,
					"differences", (json_int_t)json_array_size(r->found)));
	*told = admin_reload_locked(ended);
	return *told < 0 ? EXIT_FAILED : EXIT_OK;
}

static int report(const struct options *o, const struct restoring *r, bool saved, int told)
{
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:b, s:b, s:I, s:O, s:b}", "changed", saved,
			"compared", r->known, "number", (json_int_t)r->backup.number, "differences",
			r->found, "applied", saved && told == 0));
	print_table(r);
	if (saved)
		printf("The registry is restored.\n");
	else
		fprintf(stderr,
			"Nothing was changed. With --yes the registry is restored as shown.\n");
	return EXIT_OK;
}

int admin_run_restore(const struct options *o, void *user)
{
	struct restoring r = { 0 };
	bool yes = options_flag(o, "yes");
	int64_t ended = 0;
	int lock = -1, told = 0;

	(void)user;
	int locked = registry_lock(&lock);
	if (locked < 0)
		return admin_fail("cannot lock the registry: %s%s", strerror(-locked),
			locked == -ENOENT
				? " (run 'farseatctl init' first, or restore the whole folder)"
				: "");
	int status = load(&r, o->argument_count == 1 ? o->arguments[0] : NULL);
	if (status == EXIT_OK) {
		merge(&r);
		if (yes)
			status = save(&r, &ended, &told);
	}
	if (status == EXIT_OK)
		status = report(o, &r, yes, told);
	fd_close(&lock);
	registry_finish(&r.backup);
	registry_finish(&r.latest);
	json_decref(r.found);
	return status;
}
