/* Linux: madvise(2), MADV_POPULATE_WRITE, since 5.14. */
#include "common/base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void pages_populate(void *memory, size_t size_bytes)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)memory + page - 1) / page * page;
	uintptr_t end = ((uintptr_t)memory + size_bytes) / page * page;

	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}
