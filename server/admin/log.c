/* farseatctl log: the audit log for people and programs. It is read from its file, so that it also
 * works while the daemon is not running. */
#include "server/admin/admin.h"
#include "server/admin/audit_log.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(void *user, const json_t *entry)
{
	(void)user;
	audit_log_print(entry, stdout);
	fflush(stdout);
}

/* While following there is no end, so each event is a line of its own. */
static void print_json_line(void *user, const json_t *entry)
{
	bool *lost = user;

	*lost |= json_output_line(entry) != EXIT_OK;
}

static void collect(void *user, const json_t *entry)
{
	json_array_append_new(user, json_deep_copy(entry));
}

/* The end of the system's log, as its daemon reads it. */
static int system_log(const struct options *o, int64_t since_s)
{
	json_t *reply = NULL;
	const json_t *entry;
	size_t i;

	if (options_flag(o, "follow"))
		return options_wrong(
			o, "--follow and --system exclude each other: the files are root's");
	int status = admin_ask_system(
		json_pack("{s:s, s:I}", "cmd", "log", "since", (json_int_t)since_s), &reply);
	if (status != EXIT_OK)
		return status;
	const json_t *events = json_object_get(reply, "events");
	bool cut = json_is_true(json_object_get(reply, "cut"));
	if (admin_wants_json(o)) {
		status = json_output_print(json_pack("{s:b, s:O?}", "cut", cut, "events", events));
	} else {
		json_array_foreach(events, i, entry)
		{
			print_text(NULL, entry);
		}
		if (cut)
			fputs("There may be older events: root reads all of them.\n", stderr);
	}
	json_decref(reply);
	return status;
}

int admin_run_log(const struct options *o, void *user)
{
	const char *since = options_value(o, "since");
	bool follow = options_flag(o, "follow"), json = admin_wants_json(o);
	int64_t since_s = 0;
	size_t compressed = 0;

	(void)user;
	if (since && audit_log_since(since, clock_wall_s(), &since_s) < 0)
		return options_wrong(o,
			"--since %s is neither a time ago such as 2h or 7d nor a date such as 2026-11-24 or '2026-11-24 13:05'",
			since);
	if (admin_wants_system(o))
		return system_log(o, since_s);
	bool lost = false; /* a line could not be written */
	json_t *events = json && !follow ? json_array() : NULL;
	int r = audit_log_read(since_s, follow, &compressed,
		events ? collect
		: json ? print_json_line
		       : print_text,
		events ? (void *)events : &lost);
	if (r == -ENOENT) {
		r = 0;
		if (!json)
			fputs("Nothing has happened yet.\n", stderr);
	}
	if (r < 0) {
		json_decref(events);
		return admin_fail("cannot read the audit log: %s", strerror(-r));
	}
	if (compressed > 0)
		fprintf(stderr,
			"%zu compressed files of the log were not read ('zcat' shows them).\n",
			compressed);
	if (events)
		return json_output_print(json_pack("{s:o}", "events", events));
	return lost ? EXIT_FAILED : EXIT_OK;
}
