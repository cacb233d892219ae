/* POSIX, with fsync of folders as Linux has it. */
#include "common/base/file.h"

#include "common/base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, struct buffer *out)
{
	for (;;) {
		uint8_t chunk[4096];
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		int r = buffer_append(out, chunk, (size_t)n);
		secure_wipe(chunk, (size_t)n);
		if (r < 0)
			return r;
	}
}

int file_open(const char *path, bool *is_folder)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat s;

	if (fd < 0 || fstat(fd, &s) < 0) {
		int r = -errno;
		fd_close(&fd);
		return r;
	}
	*is_folder = S_ISDIR(s.st_mode);
	return fd;
}

int dir_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int file_read(const char *path, size_t limit_bytes, struct buffer *out)
{
	struct buffer content;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	buffer_init(&content, limit_bytes);
	int r = read_all(fd, &content);
	fd_close(&fd);
	if (r < 0) {
		buffer_wipe_finish(&content);
		return r;
	}
	*out = content;
	return 0;
}

int file_is_private(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -errno : (st.st_mode & 077) == 0;
}

int file_is_secret(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	return (st.st_mode & (st.st_uid == 0 ? 037 : 077)) == 0;
}

bool file_is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

int file_remove(const char *path)
{
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_folder_of(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, path, len);
	folder[len] = '\0';
	int fd = open(slash ? (len > 0 ? folder : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = fsync(fd) < 0 && errno != EINVAL
			? -errno
			: 0; /* EINVAL: the file system has nothing to sync */
	fd_close(&fd);
	return r;
}

int file_replace(const char *path, const void *bytes, size_t len, unsigned mode)
{
	char temporary[PATH_MAX];
	int n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);

	if (n < 0 || (size_t)n >= sizeof(temporary))
		return -ENAMETOOLONG;
	int fd = mkostemp(temporary, O_CLOEXEC); /* made 0600 */
	if (fd < 0)
		return -errno;

	int r = write_all(fd, bytes, len);
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0) {
		unlink(temporary);
		return r;
	}
	return sync_folder_of(path);
}

int file_append_line(const char *path, const char *line, unsigned mode)
{
	char last = '\n';
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	off_t size = lseek(fd, 0, SEEK_END);
	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		last = '\n';
	/* One write: others may add at the same time. */
	struct buffer text;
	buffer_init(&text, strlen(line) + 2);
	int r = last == '\n' ? 0 : buffer_append(&text, "\n", 1);
	if (r == 0)
		r = buffer_append(&text, line, strlen(line));
	if (r == 0)
		r = buffer_append(&text, "\n", 1);
	if (r == 0)
		r = write_all(fd, buffer_front(&text), text.len);
	buffer_finish(&text);
	fd_close(&fd);
	return r;
}

static int make_one(const char *path, unsigned mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int dir_make(const char *path, unsigned mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return len == 0 ? -ENOENT : -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (size_t i = 1; i < len; i++) {
		if (part[i] != '/')
			continue;
		part[i] = '\0';
		int r = make_one(part, mode);
		if (r < 0)
			return r;
		part[i] = '/';
	}
	return make_one(part, mode);
}

int dir_make_fresh(char *path)
{
	return mkdtemp(path) ? 0 : -errno;
}

int dir_remove(const char *path)
{
	return rmdir(path) < 0 ? -errno : 0;
}

int dir_put(const char *fresh, const char *path, bool replace)
{
	if (rename(fresh, path) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	if (!replace)
		return -EEXIST;
	return renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_EXCHANGE) < 0 ? -errno : 1;
}

int dir_each(const char *path, int (*each)(void *user, const char *name), void *user)
{
	DIR *d = opendir(path);
	int r = 0;

	if (!d)
		return -errno;
	for (struct dirent *e = readdir(d); e && r == 0; e = readdir(d))
		r = each(user, e->d_name);
	closedir(d);
	return r;
}
