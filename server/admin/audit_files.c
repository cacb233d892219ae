#include "server/admin/audit_files.h"

#include "common/base/fd.h"
#include "server/registry/audit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t audit_line_time(const char *line, size_t len)
{
	static const char begin[] = "{\"time\":";
	int64_t when_s = 0;
	size_t at = sizeof(begin) - 1;

	if (len <= at || memcmp(line, begin, at) != 0)
		return -1;
	size_t digits = 0;
	for (; at < len && line[at] >= '0' && line[at] <= '9' && digits < 18; at++, digits++)
		when_s = when_s * 10 + (line[at] - '0');
	return digits > 0 && at < len && line[at] == ',' ? when_s : -1;
}

static bool is_compressed(const char *name)
{
	static const char *const ends[] = { ".gz", ".xz", ".zst", ".bz2" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (len > strlen(ends[i]) && strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static int64_t first_time(const char *path)
{
	char line[64];
	int64_t when_s = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return 0;
	ssize_t n = read(fd, line, sizeof(line));
	if (n > 0)
		when_s = audit_line_time(line, (size_t)n);
	fd_close(&fd);
	return when_s < 0 ? 0 : when_s;
}

static int by_time(const void *a, const void *b)
{
	const struct audit_file *x = a, *y = b;

	if (x->first_s != y->first_s)
		return x->first_s < y->first_s ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* Every entry was written at its own time: what was not touched since is older as a whole. */
static bool is_wanted(int folder_fd, const char *name, int64_t since_s)
{
	struct stat st;

	return strncmp(name, AUDIT_PREFIX, strlen(AUDIT_PREFIX)) == 0 && strstr(name, ".log") &&
	       fstatat(folder_fd, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       (int64_t)st.st_mtime >= since_s;
}

static int add(struct audit_file **list, size_t *count, const char *folder, const char *name)
{
	struct audit_file *grown = reallocarray(*list, *count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*list = grown;
	struct audit_file *f = &grown[*count];
	int n = snprintf(f->path, sizeof(f->path), "%s/%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(f->path))
		return -ENAMETOOLONG;
	f->first_s = first_time(f->path);
	(*count)++;
	return 0;
}

int audit_files_list(int64_t since_s, struct audit_file **out, size_t *count, size_t *compressed)
{
	char folder[PATH_MAX];
	struct audit_file *list = NULL;
	const struct dirent *entry;
	size_t found = 0, packed = 0;
	bool any = false;

	int r = audit_folder(folder);
	if (r < 0)
		return r;
	DIR *dir = opendir(folder);
	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		any = any || strncmp(entry->d_name, AUDIT_PREFIX, strlen(AUDIT_PREFIX)) == 0;
		if (!is_wanted(dirfd(dir), entry->d_name, since_s))
			continue;
		if (is_compressed(entry->d_name))
			packed++;
		else
			r = add(&list, &found, folder, entry->d_name);
	}
	closedir(dir);
	if (r == 0 && !any)
		r = -ENOENT;
	if (r < 0) {
		free(list);
		return r;
	}
	if (found > 0)
		qsort(list, found, sizeof(*list), by_time);
	*out = list;
	*count = found;
	*compressed = packed;
	return 0;
}
