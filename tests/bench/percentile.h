/* Percentiles of what a bench measured. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

static inline int percentile_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The value that percent (0 .. 99) of them do not exceed, about; sorts them. count: not 0. */
static inline uint64_t percentile(uint64_t *values, size_t count, unsigned percent)
{
	qsort(values, count, sizeof(values[0]), percentile_compare);
	return values[count * percent / 100];
}
