/* Monotonic time for timers and latency; wall time only for what is shown and for certificates. */
#pragma once

#include <stdint.h>

/* CLOCK_MONOTONIC, in nanoseconds. Never goes back; says nothing about the date. */
uint64_t clock_now_ns(void);

/* The same in microseconds and milliseconds. */
uint64_t clock_now_us(void);
uint64_t clock_now_ms(void);

/* Seconds since the epoch, UTC: for logs and validity dates only. */
int64_t clock_wall_s(void);
