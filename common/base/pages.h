/* Memory that is there before it is needed. */
#pragma once

#include <stddef.h>

/*
 * Has the system back the whole pages within a block of the heap by memory now, which otherwise
 * happens page by page when they are first touched. Keeps what stands there. Advice: where it can't
 * be had, nothing changes but when it is paid for.
 */
void pages_populate(void *memory, size_t size_bytes);

/*
 * Large blocks of the heap go back to the system whenever they are freed: glibc keeps them once one
 * was freed (mallopt(3), M_MMAP_THRESHOLD), which holds a film's buffers for the rest of a session.
 */
void pages_return_freed(void);
