#include "tests/unit/registry/home.h"

#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int home_setup(void **state)
{
	char folder[] = "/tmp/farseat-unit-XXXXXX", data[PATH_MAX];

	if (!mkdtemp(folder) || setenv("FARSEAT_HOME", folder, 1) < 0)
		return -1;
	snprintf(data, sizeof(data), "%s/data/server", folder);
	*state = strdup(folder);
	return *state ? dir_make(data, 0700) : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int home_teardown(void **state)
{
	int r = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	unsetenv("FARSEAT_HOME");
	return r;
}

const char *home_file(const char *name, char out[static PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", getenv("FARSEAT_HOME"), name);
	return out;
}

void home_write(const char *name, const char *text)
{
	char path[PATH_MAX];

	assert_int_equal(file_replace(home_file(name, path), text, strlen(text), 0600), 0);
}
