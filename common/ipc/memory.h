/* Shared memory by sealed memfd: its size cannot change under a reader. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

struct ipc_memory {
	int fd;         /* owned, -1 none */
	uint8_t *bytes; /* mapped; NULL none */
	size_t size;
};

/* Makes size bytes of zeroed memory: F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, mapped read-write.
 * name shows in /proc. */
int ipc_memory_create(struct ipc_memory *out, const char *name, size_t size) MUST_CHECK;

/* Maps a received memfd (fd is taken over, also on failure) after checking that it is one, sealed,
 * and of at least size bytes; -EPROTO otherwise. */
int ipc_memory_map(struct ipc_memory *out, int fd, size_t size, bool writable) MUST_CHECK;

void ipc_memory_finish(struct ipc_memory *m);
