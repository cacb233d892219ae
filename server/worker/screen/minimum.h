/* The least value of the last one to two windows of time: what a link shows when nothing stands in
 * a queue. In which unit values and times are is the owner's matter. */
#pragma once

#include <stdint.h>

struct minimum {
	uint32_t now, before; /* of this window and of the one before; UINT32_MAX none */
	uint64_t window, window_since;
};

void minimum_init(struct minimum *m, uint64_t window, uint64_t now);

/* value below UINT32_MAX. */
void minimum_add(struct minimum *m, uint32_t value, uint64_t now);

/* 0 when nothing was added. */
uint32_t minimum_get(const struct minimum *m);
