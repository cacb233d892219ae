#include "server/admin/audit_log.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/cli/config.h"
#include "server/admin/audit_files.h"
#include "server/admin/table.h"
#include "server/registry/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES_MAX 16384 /* the daemon writes lines of a few hundred */
#define CHUNK_BYTES    16384
#define LOOK_AGAIN_MS  200 /* while following: what a person takes for at once */

struct audit_reading {
	int64_t since_s;
	void (*take)(void *user, const json_t *entry);
	void *user;
};

void audit_log_print(const json_t *entry, FILE *out)
{
	char when[TABLE_TIME_MAX_BYTES];
	json_t *object = json_deep_copy(entry);
	const char *event = json_string_value(json_object_get(object, "event"));
	const char *key;
	json_t *value;

	fprintf(out, "%s  %-15s",
		time_text(json_integer_value(json_object_get(object, "time")), when),
		event ? event : "?");
	json_object_foreach(object, key, value)
	{
		char text[LOG_ESCAPED_MAX];
		if (strcmp(key, "time") == 0 || strcmp(key, "event") == 0)
			continue;
		if (json_is_string(value) && json_string_length(value) > 0)
			fprintf(out, "  %s: %s", key,
				log_escape(
					text, json_string_value(value), json_string_length(value)));
		else if (json_is_integer(value) && strcmp(key, "expires") == 0)
			fprintf(out, "  %s: %s", key, time_text(json_integer_value(value), when));
		else if (json_is_integer(value))
			fprintf(out, "  %s: %" JSON_INTEGER_FORMAT, key, json_integer_value(value));
	}
	fputc('\n', out);
	json_decref(object);
}

int audit_log_since(const char *text, int64_t now_s, int64_t *out)
{
	static const char *const formats[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d" };
	int64_t ago_s;

	if (!config_take_duration(&ago_s, text)) {
		*out = now_s - ago_s;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct tm parts = { .tm_isdst = -1 };
		const char *end = strptime(text, formats[i], &parts);
		if (!end || *end != '\0')
			continue;
		*out = (int64_t)mktime(&parts);
		return 0;
	}
	return -EINVAL;
}

static void take_line(const struct audit_reading *r, const char *line, size_t len)
{
	/* Our own lines begin with their time: old ones need not be parsed. */
	int64_t when_s = audit_line_time(line, len);
	json_t *entry = when_s >= 0 && when_s < r->since_s ? NULL : json_loadb(line, len, 0, NULL);

	if (json_is_object(entry) &&
		json_integer_value(json_object_get(entry, "time")) >= r->since_s)
		r->take(r->user, entry);
	json_decref(entry);
}

/* Hands on the whole lines of what waits; the rest stays. */
static void take_lines(const struct audit_reading *r, struct buffer *b)
{
	for (;;) {
		const char *front = (const char *)buffer_front(b);
		const char *end = b->len > 0 ? memchr(front, '\n', b->len) : NULL;
		if (!end) {
			if (b->len >= LINE_BYTES_MAX)
				buffer_clear(b); /* not a line of ours */
			return;
		}
		take_line(r, front, (size_t)(end - front));
		buffer_consume(b, (size_t)(end - front) + 1);
	}
}

/* Reads to the present end of the file. */
static int read_rest(const struct audit_reading *r, int fd, struct buffer *b)
{
	for (;;) {
		uint8_t chunk[CHUNK_BYTES];
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		int result = buffer_append(b, chunk, (size_t)n);
		if (result < 0)
			return result;
		take_lines(r, b);
	}
}

static int read_file(const struct audit_reading *r, const char *path)
{
	struct buffer b;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* it was removed meanwhile */
	buffer_init(&b, LINE_BYTES_MAX + CHUNK_BYTES);
	int result = read_rest(r, fd, &b);
	buffer_finish(&b);
	fd_close(&fd);
	return result;
}

/* Whether the file of that name is another one than fd's: another day, or it was renamed. */
static bool replaced(const char *path, int fd)
{
	struct stat named, open_one;

	if (stat(path, &named) < 0)
		return false;
	return fd < 0 || fstat(fd, &open_one) < 0 || named.st_ino != open_one.st_ino ||
	       named.st_dev != open_one.st_dev;
}

/* From the present end of the present file on. fd: of it, or -1; taken over. */
static int follow(const struct audit_reading *r, int fd, struct buffer *b)
{
	for (;;) {
		char path[PATH_MAX];
		int result = fd >= 0 ? read_rest(r, fd, b) : 0;
		if (result == 0)
			result = audit_path(clock_wall_s(), path);
		if (result == 0 && replaced(path, fd)) {
			/* What came before the rename, or before midnight. */
			result = fd >= 0 ? read_rest(r, fd, b) : 0;
			fd_close(&fd);
			buffer_clear(b);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (result == 0)
				continue;
		}
		if (result < 0) {
			fd_close(&fd);
			return result;
		}
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

/* All files but the present one, which is opened: *fd, or -1. */
static int read_files(const struct audit_reading *r, size_t *compressed, int *fd)
{
	char present[PATH_MAX];
	struct audit_file *files = NULL;
	size_t count = 0;

	int result = audit_path(clock_wall_s(), present);
	if (result == 0)
		result = audit_files_list(r->since_s, &files, &count, compressed);
	for (size_t i = 0; result == 0 && i < count; i++)
		if (strcmp(files[i].path, present) != 0)
			result = read_file(r, files[i].path);
	free(files);
	if (result == 0)
		*fd = open(present, O_RDONLY | O_CLOEXEC);
	return result;
}

int audit_log_read(int64_t since_s, bool follow_it, size_t *compressed,
	void (*take)(void *user, const json_t *entry), void *user)
{
	const struct audit_reading reading = { .since_s = since_s, .take = take, .user = user };
	struct buffer b;
	int fd = -1;

	*compressed = 0;
	int result = read_files(&reading, compressed, &fd);
	if (result == -ENOENT && follow_it)
		result = 0;
	if (result < 0)
		return result;
	buffer_init(&b, LINE_BYTES_MAX + CHUNK_BYTES);
	if (fd >= 0)
		result = read_rest(&reading, fd, &b);
	if (result == 0 && follow_it) {
		result = follow(&reading, fd, &b);
		fd = -1; /* taken over */
	}
	buffer_finish(&b);
	fd_close(&fd);
	return result;
}
