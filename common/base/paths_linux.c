/* Linux: the XDG folders, /proc/self/exe. */
#include "common/base/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct kind {
	const char *root;      /* where it is for root */
	const char *variable;  /* XDG variable for users */
	const char *home_part; /* below $HOME where that is unset; NULL: there is no fallback */
	const char *own_part;  /* below FARSEAT_HOME */
} kinds[] = {
	[PATH_CONFIG] = { "/etc/farseat", "XDG_CONFIG_HOME", ".config", "config" },
	[PATH_DATA] = { "/var/lib/farseat", "XDG_DATA_HOME", ".local/share", "data" },
	[PATH_STATE] = { "/var/lib/farseat", "XDG_STATE_HOME", ".local/state", "state" },
	[PATH_RUNTIME] = { "/run/farseat", "XDG_RUNTIME_DIR", NULL, "run" },
};

static int check_length(int n, size_t size)
{
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int folder_of(const struct kind *k, char out[static PATH_MAX])
{
	const char *own = getenv("FARSEAT_HOME");
	if (own && own[0] == '/')
		return check_length(snprintf(out, PATH_MAX, "%s/%s", own, k->own_part), PATH_MAX);

	if (geteuid() == 0)
		return check_length(snprintf(out, PATH_MAX, "%s", k->root), PATH_MAX);

	const char *xdg = getenv(k->variable);
	if (xdg &&
		xdg[0] == '/') /* relative ones are to be ignored (XDG Base Directory, section 3) */
		return check_length(snprintf(out, PATH_MAX, "%s/farseat", xdg), PATH_MAX);

	const char *home = getenv("HOME");
	if (!home || !k->home_part)
		return -ENOENT;
	return check_length(snprintf(out, PATH_MAX, "%s/%s/farseat", home, k->home_part), PATH_MAX);
}

int path_of(enum path_kind kind, const char *name, char out[static PATH_MAX])
{
	int r = folder_of(&kinds[kind], out);

	if (r < 0 || !name)
		return r;
	size_t len = strlen(out);
	return check_length(snprintf(out + len, PATH_MAX - len, "/%s", name), PATH_MAX - len);
}

const char *path_home(void)
{
	const char *own = getenv("FARSEAT_HOME"), *home = getenv("HOME");

	if (own && own[0] == '/')
		return own;
	return home && home[0] == '/' ? home : NULL;
}

static bool is_there(const char *folder, const char *middle, const char *name, int mode,
	char out[static PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s%s", folder, middle, name);

	return n > 0 && n < PATH_MAX && access(out, mode) == 0;
}

static int find(const char *name, int mode, char out[static PATH_MAX])
{
	/* Folders of a build tree, seen from a program in another one. */
	static const char *const siblings[] = { "", "../link/", "../ui/", "../tunnel/",
		"../worker/", "../agent/", "../admin/", "../supervisor/", "../../client/tunnel/",
		"../sound/", "../paste/", "../../common/files/", "../libexec/farseat/" };
	char self[PATH_MAX];

	const char *given = getenv("FARSEAT_LIBEXEC");
	if (given && given[0] == '/' && is_there(given, "", name, mode, out))
		return 0;

	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len > 0) {
		self[len] = '\0';
		char *slash = strrchr(self, '/');
		if (slash)
			*slash = '\0';
		for (size_t i = 0; i < ARRAY_LEN(siblings); i++)
			if (is_there(self, siblings[i], name, mode, out))
				return 0;
	}
	return is_there(FARSEAT_LIBEXECDIR, "", name, mode, out) ? 0 : -ENOENT;
}

int path_of_program(const char *name, char out[static PATH_MAX])
{
	return find(name, X_OK, out);
}

int path_of_library(const char *name, char out[static PATH_MAX])
{
	return find(name, R_OK, out);
}

bool path_is_program(const char *path)
{
	return access(path, X_OK) == 0;
}

const char *path_first_program(const char *const places[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (path_is_program(places[i]))
			return places[i];
	return NULL;
}

const char *path_fusermount(void)
{
	static const char *const places[] = { "/usr/bin/fusermount3", "/bin/fusermount3",
		"/usr/local/bin/fusermount3" };

	return path_first_program(places, ARRAY_LEN(places));
}
