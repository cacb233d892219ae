/* Bytes of an open file. One file a system (D-PORTABLE). 0 or -errno. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *got: len, or less at the end of the file. */
int disk_read(int fd, uint8_t *out, size_t len, uint64_t at, size_t *got) MUST_CHECK;
/* All of them. */
int disk_write(int fd, const uint8_t *bytes, size_t len, uint64_t at) MUST_CHECK;

/* Where the next bytes that are no hole begin, from at on; size_bytes: there are none. */
uint64_t disk_next_data(int fd, uint64_t at, uint64_t size_bytes);
/* Makes zeros of what stands there. */
int disk_clear(int fd, uint64_t at, uint64_t len) MUST_CHECK;
int disk_set_size(int fd, uint64_t size_bytes) MUST_CHECK;

/* Begins to bring it to the disk; waits until it is there. */
void disk_begin_sync(int fd);
int disk_sync(int fd) MUST_CHECK;

/* Nobody else has it locked: it is ours until it is closed. -EBUSY. */
int disk_lock(int fd) MUST_CHECK;
