#include "common/files/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int disk_read(int fd, uint8_t *out, size_t len, uint64_t at, size_t *got)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, out + done, len - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return 0;
}

int disk_write(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

uint64_t disk_next_data(int fd, uint64_t at, uint64_t size_bytes)
{
	off_t data = lseek(fd, (off_t)at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? size_bytes : at; /* or the file system knows no holes */
	return (uint64_t)data < size_bytes ? (uint64_t)data : size_bytes;
}

int disk_clear(int fd, uint64_t at, uint64_t len)
{
	static const uint8_t zeros[65536];

	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)len) == 0)
		return 0;
	if (errno != EOPNOTSUPP)
		return -errno;
	while (len > 0) {
		size_t part = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
		int r = disk_write(fd, zeros, part, at);
		if (r < 0)
			return r;
		at += part;
		len -= part;
	}
	return 0;
}

int disk_set_size(int fd, uint64_t size_bytes)
{
	return ftruncate(fd, (off_t)size_bytes) < 0 ? -errno : 0;
}

void disk_begin_sync(int fd)
{
	(void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int disk_sync(int fd)
{
	return fsync(fd) < 0 ? -errno : 0;
}

int disk_lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}
