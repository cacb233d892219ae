/* A clock that stands still, in the place of the system's (common/base/clock.h), for the programs that
 * link it: how busy the machine is makes no difference. */
#pragma once

#include <stdint.h>

extern uint64_t test_clock_ms; /* what it is now; the test sets it on */
