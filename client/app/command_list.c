/* `farseat list`: what is known, and when it was last seen. */
#include "client/app/commands.h"
#include "client/session/workstation.h"
#include "common/cli/complaint.h"
#include "common/cli/json_output.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct row {
	struct workstation workstation;
	int64_t last_seen_s, not_after_s; /* 0: never, unknown */
};

static int64_t valid_until(const char *name)
{
	char path[PATH_MAX];
	struct crypto_der cert;
	struct crypto_cert_info info;

	if (workstation_path(name, "device.crt", path) < 0 ||
		crypto_cert_from_file(path, &cert) < 0 ||
		crypto_cert_info(cert.bytes, cert.len, &info) < 0)
		return 0;
	return info.not_after_s;
}

/* unusable: where one is named that cannot be read. */
static int load_row(const char *name, struct row *out, json_t *unusable)
{
	const char *why;
	int r = workstation_load(name, &out->workstation, &why);

	if (r < 0) {
		fprintf(stderr, "farseat list: '%s' cannot be used: %s.\n", name, why);
		json_array_append_new(
			unusable, json_pack("{s:s, s:s}", "workstation", name, "error", why));
		return r;
	}
	out->last_seen_s = workstation_last_seen(name);
	out->not_after_s = valid_until(name);
	return 0;
}

static void date_text(int64_t when_s, bool with_time, const char *none, char out[static 32])
{
	time_t t = (time_t)when_s;
	struct tm tm;

	snprintf(out, 32, "%s", none);
	if (when_s <= 0 || !localtime_r(&t, &tm))
		return;
	if (with_time)
		strftime(out, 32, "%Y-%m-%d %H:%M", &tm);
	else
		strftime(out, 32, "%Y-%m-%d", &tm);
}

static void print_row(const struct row *row)
{
	char seen[32], valid[32], address[INVITATION_HOST_MAX_BYTES + 8];

	date_text(row->last_seen_s, true, "never", seen);
	date_text(row->not_after_s, false, "?", valid);
	bool ipv6 = strchr(row->workstation.host, ':') != NULL;
	snprintf(address, sizeof(address), "%s%s%s:%u", ipv6 ? "[" : "", row->workstation.host,
		ipv6 ? "]" : "", (unsigned)row->workstation.port);
	printf("%-20s %-32s %-17s %s\n", row->workstation.name, address, seen, valid);
}

static json_t *row_json(const struct row *row)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:I, s:I}", "workstation", row->workstation.name,
		"host", row->workstation.host, "port", (int)row->workstation.port, "server_id",
		row->workstation.server_id, "last_seen", (json_int_t)row->last_seen_s, "expires",
		(json_int_t)row->not_after_s);
}

int command_list(const struct options *o, void *user)
{
	char **names;
	size_t count;
	bool json = options_flag(o, "json");
	json_t *all = json_array(), *unusable = json_array();

	(void)user;
	int r = workstation_list(&names, &count);
	if (r < 0) {
		json_decref(all);
		json_decref(unusable);
		return complaint_say("farseat list", "%s.", strerror(-r));
	}
	if (!json && count > 0)
		printf("%-20s %-32s %-17s %s\n", "NAME", "ADDRESS", "LAST SEEN", "VALID UNTIL");
	for (size_t i = 0; i < count; i++) {
		struct row row = { 0 };
		if (load_row(names[i], &row, unusable) < 0)
			continue;
		if (json)
			json_array_append_new(all, row_json(&row));
		else
			print_row(&row);
	}
	workstation_list_free(names, count);
	if (json)
		return json_output_print(
			json_pack("{s:o, s:o}", "workstations", all, "unusable", unusable));
	json_decref(all);
	json_decref(unusable);
	if (count == 0)
		fprintf(stderr,
			"No workstation is known yet: 'farseat enroll INVITATION' adds one.\n");
	return EXIT_OK;
}
