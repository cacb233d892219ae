/* `farseat cp`: files between the laptop and a workstation, both ways. */
#include "client/app/automation.h"
#include "client/app/commands.h"
#include "client/app/copy.h"
#include "client/window/termination.h"
#include "common/base/standard.h"
#include "common/cli/complaint.h"

#include <stdio.h>
#include <string.h>

/* Where a path of a workstation begins in "NAME:PATH"; NULL: it is one of this laptop, as with scp:
 * "./a:b" is one, too. */
static const char *remote_path(const char *argument)
{
	const char *colon = strchr(argument, ':'), *slash = strchr(argument, '/');

	return colon && colon > argument && (!slash || colon < slash) ? colon + 1 : NULL;
}

/* Whether both name the same workstation. */
static bool same_name(const char *a, const char *b)
{
	size_t len = (size_t)(remote_path(a) - a);

	return remote_path(b) && strncmp(a, b, len) == 0;
}

/* The argument that names the workstation; NULL: the command line is wrong, which is said. */
static const char *workstation_of(const struct options *o)
{
	const char *to = o->arguments[o->argument_count - 1], *first = o->arguments[0];
	bool up = remote_path(to) != NULL;

	for (int i = 0; i + 1 < o->argument_count; i++) {
		bool remote = remote_path(o->arguments[i]) != NULL;
		if (up && remote) {
			options_wrong(
				o, "both ends are on a workstation: copy to this laptop first");
			return NULL;
		}
		if (!up && !remote) {
			options_wrong(
				o, "no end is on a workstation: write NAME:PATH for one there");
			return NULL;
		}
		if (!up && !same_name(first, o->arguments[i])) {
			options_wrong(o, "the sources are on different workstations");
			return NULL;
		}
	}
	return up ? to : first;
}

/* A session that shows nothing. */
static int open_session(struct headless *h, const struct options *o, const char *argument)
{
	struct connection_options options = { 0 };
	char name[WORKSTATION_NAME_MAX_BYTES];
	struct way way;
	long timeout_ms = command_timeout_ms(o, HEADLESS_TIMEOUT_MS);
	int given = command_way(o, &way);

	memset(h, 0, sizeof(*h));
	options.way = given > 0 ? &way : NULL;
	if (timeout_ms < 0 || given < 0)
		return EXIT_USAGE;
	snprintf(name, sizeof(name), "%.*s", (int)(remote_path(argument) - 1 - argument), argument);
	int status = headless_open(h, name, &options, NULL, NULL, (uint32_t)timeout_ms);
	return status ? status : headless_wait(h, NULL, "connecting");
}

/* Whether files can be copied there at all; says why not. */
static int check_session(const struct headless *h, bool up)
{
	const struct wire_message pause = { .type = WIRE_VIEW, .view = { .paused = true } };
	uint32_t needed = up ? WIRE_CAP_FILES_IN : WIRE_CAP_FILES_OUT;

	if (!connection_has_files(h->connection)) {
		return complaint_say("farseat cp",
			"the Farseat on %s is too old to copy files: update it there.",
			h->workstation.name);
	}
	if (!(connection_caps(h->connection) & needed)) {
		complaint_say("farseat cp",
			"this laptop may not copy files %s %s. The administrator can allow it: farseatctl caps NAME +%s",
			up ? "to" : "from", h->workstation.name, up ? "files-in" : "files-out");
		return EXIT_REFUSED;
	}
	(void)!connection_send(h->connection, &pause); /* no picture is looked at */
	return EXIT_OK;
}

static int copy_all(struct copy *c, const struct options *o)
{
	size_t count = (size_t)o->argument_count - 1;
	const char *to = o->arguments[count];
	int status = EXIT_OK;

	if (remote_path(to))
		return copy_put(c, o->arguments, count, remote_path(to));
	for (size_t i = 0; i < count && status == EXIT_OK; i++)
		status = copy_get(c, remote_path(o->arguments[i]), to, count > 1);
	return status;
}

int command_copy(const struct options *o, void *user)
{
	const char *workstation = workstation_of(o);
	bool json = options_flag(o, "json");
	bool to_output = strcmp(o->arguments[o->argument_count - 1], "-") == 0;
	struct headless h;

	(void)user;
	if (!workstation)
		return EXIT_USAGE;
	if (json && to_output)
		return options_wrong(o, "--json and a copy to standard output exclude each other");
	termination_install();
	int status = open_session(&h, o, workstation);
	if (status == EXIT_OK)
		status = check_session(&h, workstation != o->arguments[0]);
	if (status == EXIT_OK) {
		struct copy c = {
			.session = &h,
			.recursive = options_flag(o, "recursive"),
			.links = options_flag(o, "links"),
			.force = options_flag(o, "force"),
			.json = json,
			.bar = !json && standard_is_terminal(2),
		};
		status = copy_all(&c, o);
	}
	headless_close(&h);
	return status;
}
