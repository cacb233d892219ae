#include "server/registry/registry_files.h"

#include "common/base/fd.h"
#include "common/base/file.h"
#include "server/registry/registry_format.h"
#include "server/registry/registry_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number stands in the first line. */
#define HEAD_BYTES 2048
/* A line is shorter: an invitation's certificate in hexadecimal and what stands around it. */
#define TAIL_BYTES 8192
/* Somebody may write a new file between our looking at the old one and at its journal. */
#define READ_TRIES 5

int registry_files_of(const char *file, struct registry_files *out)
{
	static const char end[] = ".json";
	size_t len = strlen(file);
	int stem = len > sizeof(end) - 1 && strcmp(file + len - (sizeof(end) - 1), end) == 0
			   ? (int)(len - (sizeof(end) - 1))
			   : (int)len;

	if (len >= sizeof(out->file))
		return -ENAMETOOLONG;
	memcpy(out->file, file, len + 1);
	int n = snprintf(out->journal, sizeof(out->journal), "%.*s.journal", stem, file);
	return n < 0 || (size_t)n >= sizeof(out->journal) ? -ENAMETOOLONG : 0;
}

/* Reads all of it from there on; text is the caller's to free. st: of what was read. */
static int read_from(
	const char *path, size_t from, size_t max, char **text, size_t *len, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t done = 0;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) < 0)
		r = -errno;
	else if ((size_t)st->st_size > max)
		r = -E2BIG;
	else if (S_ISDIR(st->st_mode))
		r = -EISDIR;
	size_t size = r == 0 && (size_t)st->st_size > from ? (size_t)st->st_size - from : 0;
	char *bytes = r == 0 ? malloc(size + 1) : NULL;
	if (r == 0 && !bytes)
		r = -ENOMEM;
	while (r == 0 && done < size) {
		ssize_t n = pread(fd, bytes + done, size - done, (off_t)(from + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n == 0)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	fd_close(&fd);
	if (r < 0) {
		free(bytes);
		return r;
	}
	*text = bytes;
	*len = done;
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_journal(
	const struct registry_files *f, struct registry *r, size_t from, size_t *used)
{
	struct stat st;
	char *text = NULL;
	size_t len = 0;

	*used = 0;
	int result = read_from(f->journal, from, REGISTRY_FILE_MAX_BYTES, &text, &len, &st);
	if (result == -ENOENT)
		return 0;
	if (result == 0)
		result = registry_journal_apply(r, text, len, used);
	free(text);
	return result;
}

/* 1: the file was exchanged while it was read. */
static int read_once(const struct registry_files *f, struct registry *out)
{
	struct stat st, now;
	char *text = NULL;
	size_t len = 0, used = 0;

	int r = read_from(f->file, 0, REGISTRY_FILE_MAX_BYTES, &text, &len, &st);
	if (r < 0)
		return r;
	r = registry_parse(text, len, out);
	free(text);
	/* Another one's journal may lie beside a file from a backup. It is not read, and the number
	 * tells that the file is old. */
	if (r == 0 && out->journaled)
		r = MIN(read_journal(f, out, 0, &used), 0);
	if (r == 0 && (stat(f->file, &now) < 0 || !same_file(&st, &now)))
		return 1;
	if (r == 0 && out->journaled)
		r = registry_stored_note(out, &st, used);
	return r;
}

int registry_files_read(const struct registry_files *f, struct registry *out)
{
	int r = 1;

	for (int i = 0; i < READ_TRIES && r == 1; i++) {
		registry_finish(out);
		r = read_once(f, out);
	}
	return r == 1 ? -EAGAIN : r;
}

int registry_files_read_rest(const struct registry_files *f, struct registry *r)
{
	struct stat now;
	size_t used = 0;

	if (!r->stored || stat(f->file, &now) < 0 || !same_file(&r->stored->file, &now))
		return 1;
	int result = read_journal(f, r, r->stored->journal_bytes, &used);
	if (result != 0)
		return 1;
	r->stored->journal_bytes += used;
	/* A new file may have come meanwhile, with an end of the old journal that we did not see. */
	return stat(f->file, &now) < 0 || !same_file(&r->stored->file, &now) ? 1 : 0;
}

int registry_files_number(const struct registry_files *f, int64_t *number)
{
	char text[TAIL_BYTES];
	struct stat st;

	int fd = open(f->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, HEAD_BYTES);
	int r = n < 0 ? -errno : registry_parse_number(text, (size_t)n, number);
	fd_close(&fd);
	fd = r == 0 ? open(f->journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0)
		return r;
	off_t from = fstat(fd, &st) == 0 && st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
	n = pread(fd, text, sizeof(text) - 1, from);
	fd_close(&fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strchr(line, '\n') &&
			strncmp(line, REGISTRY_JOURNAL_BEGIN, strlen(REGISTRY_JOURNAL_BEGIN)) == 0)
			*number = MAX(
				*number, strtoll(line + strlen(REGISTRY_JOURNAL_BEGIN), NULL, 10));
	}
	return 0;
}

int registry_files_write(const struct registry_files *f, const struct buffer *text)
{
	int r = file_replace(f->file, buffer_front(text), text->len, 0600);

	/* Its lines have numbers that the file has: where this fails they are passed over. */
	if (r == 0)
		unlink(f->journal);
	return r;
}

/* Where the last whole line ends. */
static int end_of_lines(int fd, off_t *end)
{
	char text[TAIL_BYTES];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	off_t from = st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
	ssize_t n = pread(fd, text, sizeof(text), from);
	if (n < 0)
		return -errno;
	const char *last = n > 0 ? memrchr(text, '\n', (size_t)n) : NULL;
	*end = last ? from + (last + 1 - text) : 0;
	return 0;
}

/* A new file's name is on the disk once its folder is. */
static int sync_folder_of(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
	fd_close(&fd);
	return r;
}

static int write_at(int fd, const struct buffer *bytes, off_t at)
{
	size_t done = 0;

	while (done < bytes->len) {
		ssize_t n =
			pwrite(fd, buffer_front(bytes) + done, bytes->len - done, at + (off_t)done);
		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return fdatasync(fd) < 0 ? -errno : 0;
}

int registry_files_append(const struct registry_files *f, const struct buffer *lines)
{
	off_t end = 0;
	bool is_new = access(f->journal, F_OK) < 0;
	int fd = open(f->journal, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	int r = is_new ? sync_folder_of(f->journal) : 0;
	if (r == 0)
		r = end_of_lines(fd, &end);
	if (r == 0 && end + (off_t)lines->len > (off_t)REGISTRY_JOURNAL_MAX_BYTES)
		r = -EFBIG;
	/* What a crash cut off goes. */
	if (r == 0 && ftruncate(fd, end) < 0)
		r = -errno;
	if (r == 0) {
		r = write_at(fd, lines, end);
		if (r < 0 && ftruncate(fd, end) < 0) /* no part of a change stays */
			r = -EIO;
	}
	fd_close(&fd);
	return r;
}
