#include "server/registry/audit_tail.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "server/registry/audit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S INT64_C(86400)

/* The last size bytes of a file, as a string; the caller frees it. NULL: it is not there, or empty. */
static char *read_end(const char *path, size_t size, bool *cut)
{
	struct stat file;
	char *text = NULL;

	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0) {
		off_t from = file.st_size > (off_t)size ? file.st_size - (off_t)size : 0;
		text = calloc(1, size + 1);
		*cut |= from > 0;
		if (text && pread(fd, text, size, from) <= 0) {
			free(text);
			text = NULL;
		}
		/* The first line is a part of one. */
		char *whole = text && from > 0 ? strchr(text, '\n') : NULL;
		if (whole)
			memmove(text, whole + 1, strlen(whole + 1) + 1);
	}
	fd_close(&fd);
	return text;
}

static json_t *events_of(char *text, int64_t since_s)
{
	json_t *list = json_array();
	char *rest = NULL;

	for (const char *line = strtok_r(text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		json_t *entry = json_loads(line, 0, NULL);
		if (json_is_object(entry) &&
			json_integer_value(json_object_get(entry, "time")) >= since_s)
			json_array_append(list, entry);
		json_decref(entry);
	}
	return list;
}

json_t *audit_tail(int64_t since_s, bool *cut)
{
	int64_t now_s = clock_wall_s();
	size_t left = AUDIT_TAIL_BYTES;
	json_t *all = json_array();
	char path[PATH_MAX];

	*cut = false;
	for (int day = 0; day < AUDIT_TAIL_DAYS && !*cut && left > 0; day++) {
		/* A file holds nothing that is newer than its day's end. */
		if (now_s - (day - 1) * DAY_S < since_s ||
			audit_path(now_s - day * DAY_S, path) < 0)
			break;
		char *text = read_end(path, left, cut);
		if (!text)
			continue;
		left -= MIN(left, strlen(text));
		json_t *older = events_of(text, since_s);
		free(text);
		if (json_array_extend(older, all) < 0) {
			json_decref(older);
			continue;
		}
		json_decref(all);
		all = older;
	}
	*cut |= left == 0;
	return all;
}
