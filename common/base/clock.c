#include "common/base/clock.h"

#include "common/base/macros.h"

#include <time.h>

uint64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

uint64_t clock_now_us(void)
{
	return clock_now_ns() / 1000U;
}

uint64_t clock_now_ms(void)
{
	return clock_now_ns() / 1000000U;
}

int clock_sooner_ms(int a_ms, int b_ms)
{
	return a_ms < 0 || b_ms < 0 ? MAX(a_ms, b_ms) : MIN(a_ms, b_ms);
}

int64_t clock_wall_s(void)
{
	return (int64_t)time(NULL);
}
