/* Linux: /proc (proc(5)). Nothing of it is trusted to be whole, since the process may just end. */
#include "server/admin/process_facts.h"

#include "common/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Both files have about 2 KiB. */
#define TEXT_MAX_BYTES 16384

#define SECCOMP_BY_FILTER 2 /* SECCOMP_MODE_FILTER of linux/seccomp.h */

static int path_in(const char *proc, pid_t pid, const char *name, char out[static PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%ld/%s", proc, (long)pid, name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* A file of the process as text, for the caller to free. */
static int read_text(const char *proc, pid_t pid, const char *name, char **out)
{
	char path[PATH_MAX];
	struct buffer bytes;

	int r = path_in(proc, pid, name, path);
	if (r == 0)
		r = file_read(path, TEXT_MAX_BYTES, &bytes);
	if (r < 0)
		return r == -ESRCH ? -ENOENT : r; /* it ended while it was read */
	*out = strndup((const char *)buffer_front(&bytes), bytes.len);
	buffer_finish(&bytes);
	return *out ? 0 : -ENOMEM;
}

/* What stands behind a line's beginning, or NULL. */
static const char *behind(const char *text, const char *beginning)
{
	size_t len = strlen(beginning);

	while (text && strncmp(text, beginning, len) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? text + len : NULL;
}

static bool read_number(const char *text, const char *beginning, long *out)
{
	const char *at = behind(text, beginning);
	char *end = NULL;

	errno = 0;
	*out = at ? strtol(at, &end, 10) : -1;
	return at && end != at && errno == 0 && *out >= 0;
}

static int read_status(const char *proc, pid_t pid, struct process_facts *out)
{
	long uid, seccomp, no_new_rights;
	char *text = NULL;

	int r = read_text(proc, pid, "status", &text);
	if (r < 0)
		return r;
	const char *name = behind(text, "Name:\t");
	if (!name || !read_number(text, "Uid:", &uid) || !read_number(text, "Seccomp:", &seccomp) ||
		!read_number(text, "NoNewPrivs:", &no_new_rights)) {
		free(text);
		return -EINVAL;
	}
	snprintf(out->name, sizeof(out->name), "%.*s", (int)strcspn(name, "\n"), name);
	out->uid = (uid_t)uid;
	out->filtered = seccomp == SECCOMP_BY_FILTER;
	out->no_new_rights = no_new_rights == 1;
	free(text);
	return 0;
}

/* "Max core file size        0                    0                    bytes" */
static int read_limits(const char *proc, pid_t pid, struct process_facts *out)
{
	char *text = NULL, soft[24], hard[24];

	int r = read_text(proc, pid, "limits", &text);
	if (r < 0)
		return r;
	const char *at = behind(text, "Max core file size");
	bool found = at && sscanf(at, "%23s %23s", soft, hard) == 2;
	out->core_limit_zero = found && strcmp(hard, "0") == 0;
	free(text);
	return found ? 0 : -EINVAL;
}

/* The kernel gives the files of a process that nobody may look into to root. */
static enum process_guess open_to_others(const char *proc, const struct process_facts *p)
{
	char path[PATH_MAX];
	struct stat file;

	if (p->uid == 0 || path_in(proc, p->pid, "status", path) < 0 || stat(path, &file) < 0)
		return PROCESS_UNKNOWN;
	return file.st_uid == p->uid ? PROCESS_YES : PROCESS_NO;
}

static int count_descriptors(const char *proc, pid_t pid)
{
	char path[PATH_MAX];
	int count = 0;

	DIR *folder = path_in(proc, pid, "fd", path) == 0 ? opendir(path) : NULL;
	if (!folder)
		return -1;
	for (const struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

int process_facts_read(const char *proc, pid_t pid, struct process_facts *out)
{
	struct process_facts p = { .pid = pid };

	int r = read_status(proc, pid, &p);
	if (r == 0)
		r = read_limits(proc, pid, &p);
	if (r < 0)
		return r;
	p.open_to_others = open_to_others(proc, &p);
	p.descriptors = count_descriptors(proc, pid);
	*out = p;
	return 0;
}

size_t process_facts_children(const char *proc, pid_t pid, pid_t *out, size_t max)
{
	char name[64], *text = NULL;
	size_t count = 0;

	snprintf(name, sizeof(name), "task/%ld/children", (long)pid);
	if (read_text(proc, pid, name, &text) < 0)
		return 0;
	for (char *at = text, *end; count < max; at = end) {
		long child = strtol(at, &end, 10);
		if (end == at)
			break;
		if (child > 1 && child <= INT_MAX)
			out[count++] = (pid_t)child;
	}
	free(text);
	return count;
}
