/* Linux: madvise(2), MADV_POPULATE_WRITE, since 5.14. */
#include "common/base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

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
