#include "server/supervisor/confine.h"

#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/ipc/sandbox.h"
#include "common/ssh/tunnel_child.h"
#include "server/registry/audit.h"
#include "server/registry/identity.h"
#include "server/registry/registry.h"
#include "server/registry/seen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 24

struct rules {
	struct sandbox_path list[RULES_MAX];
	char paths[RULES_MAX][PATH_MAX];
	size_t count;
	char ca[PATH_MAX]; /* the folder that stays out of reach */
};

static void add(struct rules *r, const char *path, bool writable, bool execute)
{
	if (r->count == RULES_MAX || path[0] != '/')
		return;
	struct sandbox_path *rule = &r->list[r->count];

	snprintf(r->paths[r->count], PATH_MAX, "%s", path);
	*rule = (struct sandbox_path){ r->paths[r->count], writable, execute };
	r->count++;
}

static void cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* The folder of a file, since files are replaced by new ones of the same name; but the file alone
 * where the CA stands in that folder, too. */
static void add_folder_of(struct rules *r, const char *path, bool writable)
{
	char folder[PATH_MAX];

	if (path[0] != '/' || strlen(path) >= sizeof(folder))
		return;
	memcpy(folder, path, strlen(path) + 1);
	cut_name(folder);
	size_t len = strlen(folder);
	bool holds_ca = strncmp(r->ca, folder, len) == 0 &&
			(r->ca[len] == '/' || r->ca[len] == '\0' || len == 0);
	add(r, holds_ca ? path : folder, writable, false);
}

static int add_own(struct rules *r)
{
	char path[PATH_MAX];

	int result = path_of(PATH_DATA, IDENTITY_CA_KEY, r->ca);
	if (result < 0)
		return result;
	cut_name(r->ca);
	result = registry_path(path);
	if (result == 0)
		add_folder_of(r, path, true);
	if (result == 0)
		result = audit_folder(path);
	if (result == 0)
		add(r, path, true, false);
	if (result == 0)
		result = seen_folder(path);
	if (result == 0)
		add(r, path, true, false);
	if (result == 0)
		result = path_of(PATH_STATE, REGISTRY_LATEST "/registry.json", path);
	if (result == 0)
		add_folder_of(r, path, true);
	if (result == 0)
		result = path_of(PATH_RUNTIME, "control.sock", path);
	if (result == 0)
		add_folder_of(r, path, true);
	if (result == 0)
		result = path_of(PATH_CONFIG, "farseat.conf", path);
	if (result == 0)
		add_folder_of(r, path, false);
	if (result == 0)
		result = path_of_program("farseat-worker", path);
	if (result == 0) {
		cut_name(path);
		add(r, path, false, true);
	}
	/* Not everybody has it. */
	if (result == 0 && tunnel_child_program(path) == 0) {
		cut_name(path);
		add(r, path, false, true);
	}
	return result;
}

static void add_system(struct rules *r)
{
	static const struct sandbox_path system[] = {
		{ "/usr", false, true },   /* the loader and libraries of the workers */
		{ "/lib", false, true },   /* the same, where /usr is not merged */
		{ "/lib64", false, true }, /* the loader's name in every program */
		{ "/etc", false, false },  /* the loader's cache, time zone */
		{ "/proc", false, false }, /* own program's path */
		{ "/dev/null", true, false },
		{ "/run/systemd/users", false, false }, /* what logind knows: login.h */
		{ "/run/systemd/sessions", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(system); i++)
		add(r, system[i].path, system[i].writable, system[i].execute);
}

int confine_daemon(const struct settings *s, const char *config_path)
{
	struct rules *r = calloc(1, sizeof(*r));
	char resolver[PATH_MAX];

	if (!r)
		return -ENOMEM;
	int result = add_own(r);
	add_system(r);
	add_folder_of(r, s->cert, false);
	add_folder_of(r, s->key, false);
	add_folder_of(r, s->ca, false);
	add_folder_of(r, s->tunnel.key, false);
	/* farseat-tunnel asks for the relay's address, and what says where is often a link to /run.
	 */
	if (realpath("/etc/resolv.conf", resolver))
		add_folder_of(r, resolver, false);
	if (config_path) {
		char *absolute = realpath(config_path, NULL);
		if (absolute)
			add_folder_of(r, absolute, false);
		free(absolute);
	}
	if (result == 0)
		result = sandbox_paths(r->list, r->count);
	free(r);
	return result;
}
