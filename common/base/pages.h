/* When the system gives memory to us, and when it takes it back. One file a system. */
#pragma once

#include <stddef.h>

/*
 * Asks the system to give the whole pages of a block their memory now. Otherwise each page gets it when
 * it is first touched. What stands in the block stays. This is advice: where the system does not follow
 * it, only the time of the cost changes.
 */
void pages_populate(void *memory, size_t size_bytes);

/*
 * From now on large blocks of the heap go back to the system when they are freed. By itself glibc keeps
 * them once one was freed (mallopt(3), M_MMAP_THRESHOLD), and a film's buffers would be held for the
 * rest of a session.
 */
void pages_return_freed(void);
