/* Linux: madvise(2), MADV_POPULATE_WRITE, since 5.14; glibc's mallopt(3). */
#include "common/base/pages.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* A tile of the codec's cache is smaller, a plane of a film's picture larger. */
#define LARGE_BYTES (256 * 1024)

void pages_populate(void *memory, size_t size_bytes)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	/* To the first page that begins within. */
	size_t skipped = (page - (uintptr_t)memory % page) % page;

	if (skipped >= size_bytes)
		return;
	size_t whole = (size_bytes - skipped) / page * page;
	if (whole > 0)
		(void)madvise((uint8_t *)memory + skipped, whole, MADV_POPULATE_WRITE);
}

void pages_return_freed(void)
{
#ifdef M_MMAP_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); /* it is within what can be chosen */
#endif
}
