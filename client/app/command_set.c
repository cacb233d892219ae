/* `farseat set`: what is kept of a workstation, and changing it. */
#include "client/app/commands.h"
#include "client/app/headless.h"
#include "client/session/settings.h"
#include "common/cli/complaint.h"
#include "common/cli/json_output.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int show(const struct options *o, const struct workstation *w, const struct setting *only,
	bool changed)
{
	char value[SETTINGS_TEXT_MAX_BYTES];
	json_t *all = json_object();

	for (const struct setting *s = settings; s->key; s++) {
		s->show(w, value);
		if (options_flag(o, "json"))
			json_object_set_new(all, s->key, json_string(value));
		else if (only == s)
			puts(value);
		else if (!only)
			printf("%-12s %s\n", s->key, value);
	}
	if (options_flag(o, "json"))
		return json_output_print(json_pack("{s:s, s:b, s:o}", "workstation", w->name,
			"changed", (int)changed, "settings", all));
	json_decref(all);
	return EXIT_OK;
}

static int keep(const struct workstation *before, const struct workstation *now)
{
	int r = settings_keep(before, now);

	if (r == -EEXIST)
		complaint_say("farseat set", "there is a workstation '%s' already.", now->name);
	else if (r < 0)
		complaint_say(
			"farseat set", "'%s' was not changed: %s.", before->name, strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

int command_set(const struct options *o, void *user)
{
	const char *key = o->argument_count > 1 ? o->arguments[1] : NULL;
	const char *value = o->argument_count > 2 ? o->arguments[2] : NULL;
	const struct setting *setting = key ? settings_find(key) : NULL;
	struct workstation w, now;

	(void)user;
	if (key && !setting)
		return options_wrong(o,
			"there is no setting '%s': they are name, address, via, via_command, proxy, scale, "
			"fullscreen, keys, clipboard and sound",
			key);
	int status = headless_find(o->arguments[0], &w);
	if (status)
		return status;
	if (!setting || !value)
		return show(o, &w, setting, false);
	now = w;
	const char *wrong = setting->take(&now, value);
	if (wrong)
		return options_wrong(o, "%s: %s", key, wrong);
	bool changed = settings_differ(&w, &now);
	if (changed)
		status = keep(&w, &now);
	if (status == EXIT_OK && options_flag(o, "json"))
		status = show(o, &now, NULL, changed);
	return status;
}
