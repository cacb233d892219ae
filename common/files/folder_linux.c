#include "common/files/folder.h"

#include "common/base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PERMISSIONS 0777U

static int open_beneath(int folder, const char *path, uint64_t flags, unsigned mode, int *out)
{
	const struct open_how how = { .flags = flags | O_CLOEXEC | O_NOCTTY,
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS };
	long fd;

	/* EAGAIN: somebody renames folders while the kernel looks; it says to try again. */
	for (int tries = 0; tries < 16; tries++) {
		fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0)
		return -errno;
	*out = (int)fd;
	return 0;
}

int folder_open(int folder, const char *path, int *out)
{
	return open_beneath(folder, path[0] ? path : ".", O_RDONLY | O_DIRECTORY, 0, out);
}

int folder_open_file(int folder, const char *name, int *out)
{
	struct stat st;
	int fd;

	/* A device may do something when it is opened: look first. What is opened is looked at
	 * again, since it may have been swapped. */
	if (!strchr(name, '/')) {
		if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (S_ISLNK(st.st_mode))
			return -ELOOP;
		if (!S_ISREG(st.st_mode))
			return S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
	}
	int r = open_beneath(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, &fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
	if (r < 0) {
		fd_close(&fd);
		return r;
	}
	*out = fd;
	return 0;
}

int folder_make_file(int folder, const char *name, int *out)
{
	return open_beneath(
		folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR, out);
}

static void fill(const struct stat *st, struct folder_stat *out)
{
	*out = (struct folder_stat){
		.kind = S_ISDIR(st->st_mode)   ? WIRE_FILE_FOLDER
			: S_ISLNK(st->st_mode) ? WIRE_FILE_LINK
					       : WIRE_FILE_REGULAR,
		.special = !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISLNK(st->st_mode),
		.pipe = S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) || S_ISCHR(st->st_mode),
		.mode = (uint16_t)(st->st_mode & PERMISSIONS),
		.mtime_s = st->st_mtim.tv_sec,
		.mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
		.size_bytes = (uint64_t)st->st_size,
		.sparse = (uint64_t)st->st_blocks * 512 < (uint64_t)st->st_size,
		.own = st->st_uid == geteuid() && st->st_nlink == 1,
		.device = st->st_dev,
		.inode = st->st_ino,
	};
}

int folder_stat(int folder, const char *name, struct folder_stat *out)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	fill(&st, out);
	return 0;
}

int folder_stat_file(int fd, struct folder_stat *out)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	fill(&st, out);
	return 0;
}

int folder_make(int folder, const char *name, unsigned mode)
{
	return mkdirat(folder, name, (mode & PERMISSIONS) | S_IRWXU) < 0 ? -errno : 0;
}

int folder_make_link(int folder, const char *name, const char *target)
{
	return symlinkat(target, folder, name) < 0 ? -errno : 0;
}

int folder_read_link(int folder, const char *name, char *out, size_t size)
{
	ssize_t len = readlinkat(folder, name, out, size);

	if (len < 0)
		return -errno;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	out[len] = '\0';
	return 0;
}

int folder_rename(int folder, const char *from, const char *to, bool replace)
{
	if (replace)
		return renameat(folder, from, folder, to) < 0 ? -errno : 0;
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	/* A file system without that flag (NFS): a second name is not given twice either. */
	if (linkat(folder, from, folder, to, 0) < 0)
		return -errno;
	return unlinkat(folder, from, 0) < 0 ? -errno : 0;
}

int folder_remove(int folder, const char *name)
{
	return unlinkat(folder, name, 0) < 0 ? -errno : 0;
}

/* The time of the last access stays what it is. */
static void times_of(struct timespec times[static 2], int64_t mtime_s, uint32_t mtime_ns)
{
	times[0] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	times[1] = (struct timespec){ .tv_sec = mtime_s, .tv_nsec = mtime_ns };
}

int folder_set(int fd, unsigned mode, int64_t mtime_s, uint32_t mtime_ns)
{
	struct timespec times[2];

	times_of(times, mtime_s, mtime_ns);
	if (fchmod(fd, mode & PERMISSIONS) < 0)
		return -errno;
	return futimens(fd, times) < 0 ? -errno : 0;
}

int folder_set_link(int folder, const char *name, int64_t mtime_s, uint32_t mtime_ns)
{
	struct timespec times[2];

	times_of(times, mtime_s, mtime_ns);
	return utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int folder_set_folder(
	int folder, const char *path, unsigned mode, int64_t mtime_s, uint32_t mtime_ns)
{
	int fd;
	int r = folder_open(folder, path, &fd);

	if (r < 0)
		return r;
	r = folder_set(fd, mode, mtime_s, mtime_ns);
	fd_close(&fd);
	return r;
}

int folder_sync(int folder)
{
	return syncfs(folder) < 0 ? -errno : 0;
}

int folder_list_open(struct folder_list *l, int folder, const char *path)
{
	l->at = l->len = 0;
	l->fd = -1;
	return folder_open(folder, path, &l->fd);
}

int folder_list_next(struct folder_list *l, const char **name)
{
	for (;;) {
		if (l->at >= l->len) {
			ssize_t got = getdents64(l->fd, l->bytes, sizeof(l->bytes));
			if (got <= 0)
				return got < 0 ? -errno : 0;
			l->at = 0;
			l->len = (size_t)got;
		}
		const struct dirent64 *entry = (const void *)((const char *)l->bytes + l->at);
		l->at += entry->d_reclen;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			*name = entry->d_name;
			return 1;
		}
	}
}

void folder_list_close(struct folder_list *l)
{
	fd_close(&l->fd);
}
