#include "server/worker/screen/minimum.h"

#include "common/base/macros.h"

void minimum_init(struct minimum *m, uint64_t window, uint64_t now)
{
	*m = (struct minimum){ UINT32_MAX, UINT32_MAX, window, now };
}

void minimum_add(struct minimum *m, uint32_t value, uint64_t now)
{
	if (now - m->window_since >= m->window) {
		m->before = m->now;
		m->now = UINT32_MAX;
		m->window_since = now;
	}
	m->now = MIN(m->now, value);
}

uint32_t minimum_get(const struct minimum *m)
{
	uint32_t least = MIN(m->now, m->before);

	return least == UINT32_MAX ? 0 : least;
}
