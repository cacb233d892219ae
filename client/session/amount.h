/* How much and how fast, as a person reads it. Pure. */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

#define AMOUNT_BYTES 96

/* "12.3 MB" */
void amount_text(char out[static AMOUNT_BYTES], uint64_t bytes);

/* "12.3 MB of 40.0 MB, 3.1 MB/s, 0:09 left", as far as it is known: total_bytes 0 is not. */
void amount_progress(
	char out[static AMOUNT_BYTES], uint64_t bytes, uint64_t total_bytes, uint64_t since_ms);
