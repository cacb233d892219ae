/*
 * The registry on the disk: the file itself, and its like in the state folder, by whose number an
 * older registry is known that came back from a backup.
 */
#include "server/registry/registry_format.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LATEST_FILE REGISTRY_LATEST "/registry.json"
/* The number stands in the first line. */
#define HEAD_BYTES 2048

int registry_load_file(
	struct registry *out, const char *given, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	char path[PATH_MAX];
	struct buffer text = { 0 };
	struct registry loaded = { 0 };

	int r = given ? 0 : registry_path(path);
	if (given)
		r = strlen(given) < sizeof(path) ? 0 : -ENAMETOOLONG;
	if (given && r == 0)
		memcpy(path, given, strlen(given) + 1);
	if (r == 0)
		r = file_read(path, REGISTRY_FILE_MAX_BYTES, &text);
	if (r < 0) {
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			r == -ENOENT && !given
				? "this workstation has no identity yet (%.300s is not there): run 'farseatctl init'"
				: "cannot read the registry %.300s: %s",
			path, strerror(-r));
		return r;
	}
	r = registry_parse((const char *)buffer_front(&text), text.len, &loaded);
	buffer_finish(&text);
	if (r < 0) {
		registry_finish(&loaded);
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			"the registry %.300s is damaged (%s); it was left as it is: restore it from a backup with 'farseatctl restore FILE'",
			path,
			r == -EBADMSG ? "it is not JSON"
				      : "a field is missing or out of its range");
		return r == -EBADMSG ? -EINVAL : r;
	}
	*out = loaded;
	return 0;
}

static int latest_path(char out[static PATH_MAX])
{
	return path_of(PATH_STATE, LATEST_FILE, out);
}

/* 0 with *number, also where nothing is remembered yet: 0. */
static int latest_number(int64_t *number)
{
	char path[PATH_MAX], head[HEAD_BYTES];

	*number = 0;
	int r = latest_path(path);
	if (r < 0)
		return r;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	ssize_t n = read(fd, head, sizeof(head));
	r = n < 0 ? -errno : registry_parse_number(head, (size_t)n, number);
	fd_close(&fd);
	return r;
}

int registry_load(struct registry *out, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	char path[PATH_MAX] = "";
	int64_t seen = 0;

	/* First what is remembered: who saves writes that last, so it is never ahead of a registry
	 * that is read after it. */
	int remembered = latest_number(&seen);
	int r = registry_load_file(out, NULL, error);
	if (r < 0)
		return r;
	if (remembered == 0 && out->number >= seen)
		return 0;
	int64_t number = out->number;
	registry_finish(out);
	if (remembered < 0) {
		if (latest_path(path) < 0)
			path[0] = '\0';
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			"cannot tell whether the registry is the latest one: %.300s: %s ('farseatctl restore' takes it over)",
			path, remembered == -EINVAL ? "it is damaged" : strerror(-remembered));
		return remembered;
	}
	snprintf(error, REGISTRY_ERROR_MAX_BYTES,
		"the registry is older (number %" PRId64
		") than the one that this workstation had last (number %" PRId64
		"), as after restoring a backup: devices revoked since could come in again. "
		"'farseatctl restore' lists what differs and takes it over",
		number, seen);
	return -ESTALE;
}

int registry_load_latest(struct registry *out)
{
	char path[PATH_MAX], error[REGISTRY_ERROR_MAX_BYTES];
	int r = latest_path(path);

	return r < 0 ? r : registry_load_file(out, path, error);
}

static int write_latest(const struct buffer *text)
{
	char path[PATH_MAX];

	int r = path_of(PATH_STATE, REGISTRY_LATEST, path);
	if (r == 0)
		r = dir_make(path, 0700);
	if (r == 0)
		r = latest_path(path);
	return r < 0 ? r : file_replace(path, buffer_front(text), text->len, 0600);
}

/* What was saved counts, whether or not it can be remembered. */
static void remember_text(const struct buffer *text)
{
	int r = write_latest(text);

	if (r < 0)
		log_warn(
			"the registry's number cannot be remembered (%s): a restored backup would not be noticed",
			strerror(-r));
}

int registry_save(struct registry *r)
{
	char path[PATH_MAX];
	struct buffer text;

	int result = registry_path(path);
	if (result < 0)
		return result;
	r->number++;
	buffer_init(&text, REGISTRY_FILE_MAX_BYTES);
	result = registry_format(&text, r);
	if (result == 0)
		result = file_replace(path, buffer_front(&text), text.len, 0600);
	if (result == 0)
		remember_text(&text);
	else
		r->number--;
	buffer_finish(&text);
	return result;
}

void registry_remember(const struct registry *r)
{
	int64_t seen = 0;
	int lock = -1;
	struct buffer text;

	if (latest_number(&seen) < 0 || seen >= r->number || registry_try_lock(&lock) < 0)
		return;
	buffer_init(&text, REGISTRY_FILE_MAX_BYTES);
	/* Asked again under the lock, under which everybody saves. */
	if (latest_number(&seen) == 0 && seen < r->number && registry_format(&text, r) == 0)
		remember_text(&text);
	buffer_finish(&text);
	fd_close(&lock);
}
