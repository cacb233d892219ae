/* The last so many measurements of one thing (encode times, decode times), and their percentiles:
 * for statistics. */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

#define SAMPLES_MAX 128 /* two seconds of frames at 60 a second */

struct samples {
	uint32_t values[SAMPLES_MAX];
	size_t count; /* of all that were ever added */
};

void samples_add(struct samples *s, uint32_t value);

/* The value that percent (0 .. 100) of the last SAMPLES_MAX do not exceed; 0 when there are none.
 */
uint32_t samples_percentile(const struct samples *s, unsigned percent);
