#include "tests/unit/codec/test_clock.h"

#include "common/base/clock.h"

uint64_t test_clock_ms = 1000000;

uint64_t clock_now_ms(void)
{
	return test_clock_ms;
}

uint64_t clock_now_us(void)
{
	return test_clock_ms * 1000;
}

uint64_t clock_now_ns(void)
{
	return test_clock_ms * 1000000;
}

int64_t clock_wall_s(void)
{
	return (int64_t)(test_clock_ms / 1000);
}
