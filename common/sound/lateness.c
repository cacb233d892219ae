#include "common/sound/lateness.h"

#include <string.h>

/* Of the two periods of which the earliest frame is kept. 1000 ppm are 5 ms in it. */
#define BASE_US 5000000
/* How often the target is worked out, in frames: twice a second at 10 ms. */
#define SORT_EVERY 50

void sound_lateness_init(struct sound_lateness *l)
{
	memset(l, 0, sizeof(*l));
	l->target_ms = SOUND_TARGET_MIN_MS;
}

void sound_lateness_restart(struct sound_lateness *l)
{
	l->has_base = false;
}

/* The earliest of this stream. */
static int64_t base_of(struct sound_lateness *l, uint64_t came_us, int64_t offset_us)
{
	if (!l->has_base) {
		l->has_base = true;
		l->base_us = offset_us;
		l->next_base_us = offset_us;
		l->turned_us = came_us;
	}
	if (came_us - l->turned_us >= BASE_US) {
		l->base_us = l->next_base_us;
		l->next_base_us = offset_us;
		l->turned_us = came_us;
	}
	l->next_base_us = MIN(l->next_base_us, offset_us);
	l->base_us = MIN(l->base_us, l->next_base_us);
	return l->base_us;
}

/* The lateness that 5 of 100 frames exceed: counted, since it has few values. */
static uint32_t percentile_95(const struct sound_lateness *l)
{
	uint16_t counts[SOUND_TARGET_MAX_MS + 1] = { 0 };
	size_t later = l->count / 20, seen = 0;
	uint32_t ms = SOUND_TARGET_MAX_MS;

	for (size_t i = 0; i < l->count; i++)
		counts[l->late_ms[i]]++;
	while (ms > 0 && seen + counts[ms] <= later)
		seen += counts[ms--];
	return ms;
}

uint32_t sound_lateness_add(struct sound_lateness *l, uint64_t came_us, uint64_t at_us)
{
	int64_t offset_us = (int64_t)(came_us - at_us);
	int64_t late_us = offset_us - base_of(l, came_us, offset_us);

	l->late_ms[l->next] = (uint16_t)MIN((late_us + 999) / 1000, (int64_t)SOUND_TARGET_MAX_MS);
	l->next = (l->next + 1) % SOUND_LATENESS_FRAMES;
	l->count = MIN(l->count + 1, (size_t)SOUND_LATENESS_FRAMES);
	if (++l->since_sorted >= SORT_EVERY) {
		l->since_sorted = 0;
		l->target_ms =
			MIN(SOUND_TARGET_MIN_MS + percentile_95(l), (uint32_t)SOUND_TARGET_MAX_MS);
	}
	return l->target_ms;
}
