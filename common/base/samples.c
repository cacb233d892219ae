#include "common/base/samples.h"

#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *s, uint32_t value)
{
	s->values[s->count++ % SAMPLES_MAX] = value;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t samples_percentile(const struct samples *s, unsigned percent)
{
	uint32_t sorted[SAMPLES_MAX];
	size_t count = MIN(s->count, (size_t)SAMPLES_MAX);

	if (count == 0)
		return 0;
	memcpy(sorted, s->values, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), compare);
	return sorted[MIN(count - 1, count * percent / 100)];
}
