/* farseatctl config check: whether farseatd would start with this configuration. */
#include "server/admin/admin.h"

#include "server/registry/identity.h"
#include "server/registry/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Empty when all is well. */
static void check(const char *path, char error[static CONFIG_ERROR_MAX_BYTES])
{
	char registry_error[REGISTRY_ERROR_MAX_BYTES];
	struct settings settings;
	struct registry registry;
	struct identity identity;

	error[0] = '\0';
	if (settings_read(&settings, path, error) < 0)
		return;
	if (registry_load(&registry, registry_error) < 0) {
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "%s", registry_error);
		return;
	}
	if (identity_load(&identity, &settings, registry.server_id, error) == 0)
		identity_finish(&identity);
	registry_finish(&registry);
}

int admin_run_config(const struct options *o, void *user)
{
	char error[CONFIG_ERROR_MAX_BYTES], usual[PATH_MAX];
	const char *given = o->argument_count == 2 ? o->arguments[1] : NULL;
	const char *path = given;

	(void)user;
	if (strcmp(o->arguments[0], "check") != 0)
		return options_wrong(
			o, "there is no 'config %s': config check [FILE]", o->arguments[0]);
	if (!given)
		path = path_of(PATH_CONFIG, "farseat.conf", usual) == 0 ? usual : "";
	check(given, error);
	bool missing = !given && access(path, F_OK) < 0;
	int status = error[0] != '\0' ? admin_fail("%s", error) : EXIT_OK;
	if (admin_wants_json(o)) {
		int printed = json_output_print(json_pack("{s:b, s:s, s:b}", "ok",
			status == EXIT_OK, "file", path, "exists", !missing));
		return status == EXIT_OK ? printed : status;
	}
	if (status != EXIT_OK)
		return status;
	printf("%s: %s\n", path,
		missing ? "not there, so everything is as by default, which is fine" : "fine");
	return EXIT_OK;
}
