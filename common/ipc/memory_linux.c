/* Linux: memfd_create and its seals. */
#include "common/ipc/memory.h"

#include "common/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static int map(struct ipc_memory *m, bool writable)
{
	void *p = mmap(
		NULL, m->size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, m->fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	m->bytes = p;
	return 0;
}

int ipc_memory_create(struct ipc_memory *out, const char *name, size_t size)
{
	struct ipc_memory m = { .fd = -1, .size = size };

	if (size == 0)
		return -EINVAL;
	m.fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (m.fd < 0)
		return -errno;
	int r = ftruncate(m.fd, (off_t)size) < 0 ? -errno : 0;
	if (r == 0 && fcntl(m.fd, F_ADD_SEALS, SEALS) < 0)
		r = -errno;
	if (r == 0)
		r = map(&m, true);
	if (r < 0) {
		ipc_memory_finish(&m);
		return r;
	}
	*out = m;
	return 0;
}

int ipc_memory_map(struct ipc_memory *out, int fd, size_t size, bool writable)
{
	struct ipc_memory m = { .fd = fd, .size = size };

	/* Not fstat: in some C libraries it is a call that also takes paths, which confined
	 * processes may not make. */
	int seals = fcntl(fd, F_GET_SEALS);
	off_t end = lseek(fd, 0, SEEK_END);
	bool good =
		seals >= 0 && (seals & F_SEAL_SHRINK) && size > 0 && end > 0 && (size_t)end >= size;
	int r = good ? map(&m, writable) : -EPROTO;
	if (r < 0) {
		ipc_memory_finish(&m);
		return r;
	}
	*out = m;
	return 0;
}

void ipc_memory_finish(struct ipc_memory *m)
{
	if (m->bytes)
		munmap(m->bytes, m->size);
	m->bytes = NULL;
	fd_close(&m->fd);
}
