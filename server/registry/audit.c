#include "server/registry/audit.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY_S INT64_C(86400)
/* farseatd and farseatctl hold the lock for one line. Whoever keeps it longer is stuck, and the
 * daemon's loop does not wait for that. */
#define LOCK_TRIES   50
#define LOCK_WAIT_MS 2

int audit_folder(char out[static PATH_MAX])
{
	return path_of(PATH_STATE, "log", out);
}

int audit_path(int64_t when_s, char out[static PATH_MAX])
{
	char name[64];
	time_t when = (time_t)when_s;
	struct tm day;

	if (!gmtime_r(&when, &day) ||
		strftime(name, sizeof(name), "log/" AUDIT_PREFIX "-%Y-%m-%d.log", &day) == 0)
		return -EINVAL;
	return path_of(PATH_STATE, name, out);
}

/* The lock, or -1: the line is written without it. Only read: it may be append-only like the rest. */
static int take_lock(void)
{
	char path[PATH_MAX];
	int fd = -1;

	if (path_of(PATH_STATE, "log/lock", path) == 0)
		fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		poll(NULL, 0, LOCK_WAIT_MS);
	}
	fd_close(&fd);
	return -1;
}

/* Whether the last line was cut off by a full disk or a crash. */
static bool is_torn(int fd, off_t size)
{
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* line: with an empty byte before it, for the end of a torn one. */
static int append_locked(char *line, size_t len, bool may_be_left_out)
{
	char path[PATH_MAX];
	struct stat st;

	int r = audit_path(clock_wall_s(), path);
	if (r < 0)
		return r;
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		r = -errno;
	} else if (st.st_size >= AUDIT_DAY_MAX_BYTES && may_be_left_out) {
		r = 0;
	} else {
		bool torn = is_torn(fd, st.st_size);
		line[0] = '\n';
		ssize_t n = write(fd, torn ? line : line + 1, torn ? len : len - 1);
		r = n < 0 ? -errno : (size_t)n < (torn ? len : len - 1) ? -ENOSPC : 0;
	}
	fd_close(&fd);
	return r;
}

static int append(const char *text, bool may_be_left_out)
{
	size_t len = strlen(text);
	char *line = malloc(len + 3);

	if (!line)
		return -ENOMEM;
	snprintf(line, len + 3, " %s\n", text);
	int lock = take_lock();
	int r = append_locked(line, len + 2, may_be_left_out);
	fd_close(&lock);
	free(line);
	return r;
}

void audit_write(const char *event, json_t *details)
{
	json_t *entry = json_pack("{s:I, s:s}", "time", (json_int_t)clock_wall_s(), "event", event);

	if (entry && details)
		json_object_update(entry, details);
	char *text = entry ? json_dumps(entry, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	int r = text ? append(text, strcmp(event, "refused") == 0) : -ENOMEM;
	free(text);
	json_decref(entry);
	json_decref(details);
	if (r < 0)
		log_error("cannot write the audit log: %s", strerror(-r));
}

/* The second after the day in a name of ours; 0: it has none. What logrotate made of it counts. */
static int64_t day_end_s(const char *name)
{
	struct tm day = { 0 };

	if (strncmp(name, AUDIT_PREFIX "-", strlen(AUDIT_PREFIX "-")) != 0)
		return 0;
	const char *end = strptime(name + strlen(AUDIT_PREFIX "-"), "%Y-%m-%d", &day);
	return end && strncmp(end, ".log", 4) == 0 ? (int64_t)timegm(&day) + DAY_S : 0;
}

/* Of a file without a date: when something was written to it last. */
static int64_t written_s(int folder_fd, const char *name)
{
	struct stat st;

	if (strncmp(name, AUDIT_PREFIX ".log", strlen(AUDIT_PREFIX ".log")) != 0 ||
		fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return (int64_t)st.st_mtime;
}

void audit_expire(int64_t keep_s)
{
	char folder[PATH_MAX];
	int64_t now_s = clock_wall_s();
	const struct dirent *entry;

	DIR *dir = keep_s > 0 && audit_folder(folder) == 0 ? opendir(folder) : NULL;
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL) {
		int64_t end_s = day_end_s(entry->d_name);
		if (end_s == 0)
			end_s = written_s(dirfd(dir), entry->d_name);
		if (end_s == 0 || now_s - end_s <= keep_s)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			log_warn("cannot remove the old audit log %s: %s", entry->d_name,
				strerror(errno));
	}
	closedir(dir);
}
