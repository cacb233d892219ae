/*
 * The registry on the disk: the file itself, and its like in the state folder, by whose number an
 * older registry is known that came back from a backup.
 */
#include "server/registry/registry_files.h"
#include "server/registry/registry_format.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LATEST_FILE REGISTRY_LATEST "/registry.json"

static int own_files(struct registry_files *out)
{
	char path[PATH_MAX];
	int r = registry_path(path);

	return r < 0 ? r : registry_files_of(path, out);
}

static int latest_files(struct registry_files *out)
{
	char path[PATH_MAX];
	int r = path_of(PATH_STATE, LATEST_FILE, path);

	return r < 0 ? r : registry_files_of(path, out);
}

int registry_load_file(
	struct registry *out, const char *path, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	struct registry_files f;
	struct registry loaded = { 0 };

	int r = path ? registry_files_of(path, &f) : own_files(&f);
	if (r == 0)
		r = registry_files_read(&f, &loaded);
	if (r == 0) {
		*out = loaded;
		return 0;
	}
	registry_finish(&loaded);
	if (r == -EINVAL || r == -EBADMSG)
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			"the registry %.300s is damaged (%s); it was left as it is: restore it from a backup with 'farseatctl restore FILE'",
			f.file,
			r == -EBADMSG ? "it is not JSON"
				      : "a field is missing or out of its range");
	else if (r == -ENOENT && !path)
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			"this workstation has no identity yet (%.300s is not there): run 'farseatctl init'",
			f.file);
	else
		snprintf(error, REGISTRY_ERROR_MAX_BYTES, "cannot read the registry %.300s: %s",
			f.file, strerror(-r));
	return r == -EBADMSG ? -EINVAL : r;
}

/* 0 with *number, also where nothing is remembered yet: 0. */
static int latest_number(int64_t *number)
{
	struct registry_files f;

	*number = 0;
	int r = latest_files(&f);
	if (r == 0)
		r = registry_files_number(&f, number);
	return r == -ENOENT ? 0 : r;
}

/* Whether number is no less than what is remembered; remembered, seen: what latest_number said. */
static int check_number(
	int64_t number, int remembered, int64_t seen, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	char path[PATH_MAX];

	if (remembered == 0 && number >= seen)
		return 0;
	if (remembered < 0) {
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			"cannot tell whether the registry is the latest one: %.300s: %s ('farseatctl restore' takes it over)",
			path_of(PATH_STATE, LATEST_FILE, path) < 0 ? "" : path,
			remembered == -EINVAL ? "it is damaged" : strerror(-remembered));
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

int registry_load(struct registry *out, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	int64_t seen = 0;

	/* First what is remembered: who saves writes that last, so it is never ahead of a registry
	 * that is read after it. */
	int remembered = latest_number(&seen);
	int r = registry_load_file(out, NULL, error);
	if (r == 0) {
		r = check_number(out->number, remembered, seen, error);
		if (r < 0)
			registry_finish(out);
	}
	return r;
}

int registry_refresh(struct registry *r, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	struct registry_files f;
	struct registry fresh;
	int64_t seen = 0;

	int remembered = latest_number(&seen);
	if (r->stored && own_files(&f) == 0 && registry_files_read_rest(&f, r) == 0)
		return check_number(r->number, remembered, seen, error);
	int result = registry_load(&fresh, error);
	if (result < 0)
		return result;
	registry_finish(r);
	*r = fresh;
	return 0;
}

int registry_load_latest(struct registry *out)
{
	struct registry_files f;
	char error[REGISTRY_ERROR_MAX_BYTES];
	int r = latest_files(&f);

	return r < 0 ? r : registry_load_file(out, f.file, error);
}

/* ---- writing ---- */

/* What was saved counts, whether or not it can be remembered. */
static void warn_forgotten(int error)
{
	log_warn(
		"the registry's number cannot be remembered (%s): a restored backup would not be noticed",
		strerror(-error));
}

static void remember_whole(const struct buffer *text)
{
	struct registry_files f;
	char folder[PATH_MAX];

	int r = path_of(PATH_STATE, REGISTRY_LATEST, folder);
	if (r == 0)
		r = dir_make(folder, 0700);
	if (r == 0)
		r = latest_files(&f);
	if (r == 0)
		r = registry_files_write(&f, text);
	if (r < 0)
		warn_forgotten(r);
}

static int format_whole(struct buffer *text, struct registry *r)
{
	buffer_init(text, REGISTRY_FILE_MAX_BYTES);
	int result = registry_format(text, r);
	/* Only the version in its first line says whether there is a journal. */
	bool journaled = text->len >= REGISTRY_JOURNAL_FROM_BYTES;
	if (result == 0 && journaled != r->journaled) {
		r->journaled = journaled;
		buffer_clear(text);
		result = registry_format(text, r);
	}
	return result;
}

/* Revoked, and nobody could come in with its certificates anyway. */
static bool is_over(const struct registry_device *d, int64_t now_s)
{
	return d->revoked && !d->archived && d->key.expires_s <= now_s &&
	       (d->previous.public_key_len == 0 || d->previous.expires_s <= now_s);
}

static int append_archive(const struct buffer *lines)
{
	char path[PATH_MAX];

	int r = path_of(PATH_DATA, REGISTRY_ARCHIVE, path);
	if (r < 0)
		return r;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, buffer_front(lines), lines->len);
	r = n < 0 ? -errno : (size_t)n < lines->len ? -ENOSPC : 0;
	if (r == 0 && fdatasync(fd) < 0)
		r = -errno;
	fd_close(&fd);
	return r;
}

/* They are marked, and so left out of the file; they stay in the list, to which others point. Where
 * they cannot be archived they stay in the file. */
static void archive(struct registry *r)
{
	int64_t now_s = clock_wall_s();
	struct buffer lines;
	int result = 0;

	buffer_init(&lines, REGISTRY_FILE_MAX_BYTES);
	for (size_t i = 0; i < r->device_count && result == 0; i++) {
		if (!is_over(&r->devices[i], now_s))
			continue;
		result = registry_format_device(&lines, &r->devices[i]);
		if (result == 0)
			result = buffer_append(&lines, "\n", 1);
	}
	if (result == 0 && lines.len > 0)
		result = append_archive(&lines);
	if (result < 0)
		log_warn("revoked devices cannot be archived: %s", strerror(-result));
	for (size_t i = 0; i < r->device_count && result == 0; i++)
		r->devices[i].archived |= is_over(&r->devices[i], now_s);
	buffer_finish(&lines);
}

static int save_whole(const struct registry_files *f, struct registry *r)
{
	struct buffer text;
	struct stat st;

	archive(r);
	r->number++;
	int result = format_whole(&text, r);
	if (result == 0)
		result = registry_files_write(f, &text);
	if (result == 0) {
		remember_whole(&text);
		registry_stored_destroy(r->stored);
		r->stored = NULL;
		/* Without it the next change writes the whole, too. */
		if (r->journaled && stat(f->file, &st) == 0 && registry_stored_note(r, &st, 0) < 0)
			log_debug("no memory to remember what the registry's file holds");
	} else {
		r->number--;
	}
	buffer_finish(&text);
	return result;
}

/* The same lines for what is remembered, where that is as far as the registry was. */
static void remember_lines(const struct buffer *lines, struct registry *r)
{
	struct registry_files f;
	struct buffer text;
	int64_t seen = 0;

	int result = latest_number(&seen) == 0 && seen == r->number - 1 ? latest_files(&f) : -EFBIG;
	if (result == 0)
		result = registry_files_append(&f, lines);
	if (result == 0)
		return;
	result = format_whole(&text, r);
	if (result == 0)
		remember_whole(&text);
	else
		warn_forgotten(result);
	buffer_finish(&text);
}

/* 1: it must be written as a whole. */
static int save_lines(const struct registry_files *f, struct registry *r)
{
	struct stat now;
	struct buffer lines;

	if (!r->journaled || !r->stored || stat(f->file, &now) < 0 ||
		now.st_ino != r->stored->file.st_ino)
		return 1;
	buffer_init(&lines, REGISTRY_JOURNAL_MAX_BYTES);
	int result = registry_journal_format(&lines, r, r->number + 1);
	if (result == 0 && lines.len > 0) {
		result = registry_files_append(f, &lines);
		if (result == 0) {
			r->number++;
			remember_lines(&lines, r);
			/* Into r->stored as into everybody's. */
			size_t used = 0;
			result = registry_journal_apply(
				r, (const char *)buffer_front(&lines), lines.len, &used);
			r->stored->journal_bytes += used;
		}
	}
	buffer_finish(&lines);
	return result == -EFBIG || result == -E2BIG ? 1 : result;
}

int registry_save(struct registry *r)
{
	struct registry_files f;

	int result = own_files(&f);
	if (result == 0)
		result = save_lines(&f, r);
	return result == 1 ? save_whole(&f, r) : result;
}

int registry_flatten(void)
{
	char error[REGISTRY_ERROR_MAX_BYTES];
	struct registry_files f;
	struct registry r;
	struct buffer text;

	int result = registry_load(&r, error);
	if (result < 0)
		return result;
	r.journaled = false;
	buffer_init(&text, REGISTRY_FILE_MAX_BYTES);
	result = registry_format(&text, &r);
	if (result == 0)
		result = own_files(&f);
	if (result == 0)
		result = registry_files_write(&f, &text);
	buffer_finish(&text);
	registry_finish(&r);
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
		remember_whole(&text);
	buffer_finish(&text);
	fd_close(&lock);
}
