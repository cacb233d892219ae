#include "server/registry/audit.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int audit_path(char out[static PATH_MAX])
{
	return path_of(PATH_STATE, "log/audit.log", out);
}

static void rotate(const char *path)
{
	char old[PATH_MAX + 4];
	struct stat st;

	if (stat(path, &st) < 0 || st.st_size < AUDIT_FILE_MAX_BYTES)
		return;
	snprintf(old, sizeof(old), "%s.1", path);
	if (rename(path, old) < 0)
		log_warn("cannot rotate %s: %s", path, strerror(errno));
}

static int append(const char *line, size_t len)
{
	char path[PATH_MAX];
	int r = audit_path(path);

	if (r < 0)
		return r;
	rotate(path);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, line, len); /* one call: lines of several writers do not mix */
	r = n < 0 ? -errno : (size_t)n < len ? -ENOSPC : 0;
	fd_close(&fd);
	return r;
}

void audit_write(const char *event, json_t *details)
{
	json_t *entry = json_pack("{s:I, s:s}", "time", (json_int_t)clock_wall_s(), "event", event);
	int r = -ENOMEM;

	if (entry && details)
		json_object_update(entry, details);
	char *text = entry ? json_dumps(entry, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	if (text) {
		size_t len = strlen(text);
		char *line = realloc(text, len + 2);
		if (line) {
			text = line;
			memcpy(text + len, "\n", 2);
			r = append(text, len + 1);
		}
	}
	free(text);
	json_decref(entry);
	json_decref(details);
	if (r < 0)
		log_error("cannot write the audit log: %s", strerror(-r));
}
