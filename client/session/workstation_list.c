/* All workstations, and when each was last seen. */
#include "client/session/workstation_files.h"

#include "common/base/file.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	char *const *x = a;
	char *const *y = b;

	return strcmp(*x, *y);
}

struct names {
	char **list; /* owned, and what it holds */
	size_t count;
};

static int add_name(void *user, const char *name)
{
	struct names *names = user;

	if (!workstation_name_valid(name)) {
		char shown[LOG_ESCAPED_MAX];
		if (name[0] != '.') /* one that is being made or removed */
			log_warn(
				"the folder workstations/%s is left out: a workstation's name is " WORKSTATION_NAME_RULE
				"; rename the folder",
				log_escape(shown, name, strlen(name)));
		return 0;
	}
	char **more = reallocarray(names->list, names->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	names->list = more;
	more[names->count] = strdup(name);
	if (!more[names->count])
		return -ENOMEM;
	names->count++;
	return 0;
}

int workstation_list(char ***names, size_t *count)
{
	char path[PATH_MAX];
	struct names found = { 0 };
	int r = path_of(PATH_DATA, WORKSTATION_FOLDER, path);

	*names = NULL;
	*count = 0;
	if (r < 0)
		return r;
	r = dir_each(path, add_name, &found);
	if (r < 0) {
		workstation_list_free(found.list, found.count);
		return r == -ENOENT ? 0 : r;
	}
	if (found.count > 1)
		qsort(found.list, found.count, sizeof(*found.list), compare);
	*names = found.list;
	*count = found.count;
	return 0;
}

void workstation_list_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int seen_path(const char *name, char out[static PATH_MAX])
{
	char part[WORKSTATION_NAME_MAX_BYTES + 16];

	snprintf(part, sizeof(part), "seen/%s", name);
	return path_of(PATH_STATE, part, out);
}

int64_t workstation_last_seen(const char *name)
{
	char path[PATH_MAX];
	struct buffer text;
	int64_t when = 0;

	if (seen_path(name, path) < 0 || file_read(path, 32, &text) < 0)
		return 0;
	char digits[33] = { 0 };
	if (text.len > 0)
		memcpy(digits, buffer_front(&text), MIN(text.len, sizeof(digits) - 1));
	when = strtoll(digits, NULL, 10);
	buffer_finish(&text);
	return MAX(when, (int64_t)0);
}

int workstation_store_last_seen(const char *name, int64_t when_s)
{
	char path[PATH_MAX], folder[PATH_MAX], text[32];
	int r = path_of(PATH_STATE, "seen", folder);

	if (r == 0)
		r = dir_make(folder, 0700);
	if (r == 0)
		r = seen_path(name, path);
	if (r < 0)
		return r;
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)when_s);
	return file_replace(path, text, (size_t)n, 0600);
}

int workstation_forget_seen(const char *name)
{
	char path[PATH_MAX];
	int r = seen_path(name, path);

	return r < 0 ? r : file_remove(path);
}
