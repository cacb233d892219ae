/*
 * calloc(3) that ends the process when there is no memory, for the programs that hold one
 * connection each: farseat-worker and farseat-link. Linked into them, it stands before the C
 * library's, for mbedTLS too, which takes all its memory by calloc.
 *
 * mbedTLS 2.28.3 (Debian 12) can go on with a wrong Finished when an allocation fails in a
 * handshake (CVE-2025-27810). A process without memory for its only connection has nothing left to
 * do; all other processes go on.
 *
 * Not used with sanitizers, which have their own calloc.
 */
#include <stdlib.h>

/* The C library's own, behind the name that is taken here. */
void *__libc_calloc(size_t count, size_t size);

void *calloc_or_abort(size_t count, size_t size) __asm__("calloc");

void *calloc_or_abort(size_t count, size_t size)
{
	void *p = __libc_calloc(count, size);

	if (!p)
		abort();
	return p;
}
