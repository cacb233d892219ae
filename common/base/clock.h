/* Monotonic time for timers and latency; wall time only for what is shown and for certificates. */
#pragma once

#include <stdint.h>

/* CLOCK_MONOTONIC, in nanoseconds. Never goes back; says nothing about the date. */
uint64_t clock_now_ns(void);

/* The same in microseconds and milliseconds. */
uint64_t clock_now_us(void);
uint64_t clock_now_ms(void);

/* The earlier of two timeouts for a poll, in milliseconds; a negative one: nothing is waited for. */
int clock_sooner_ms(int a_ms, int b_ms);

/* Seconds since the epoch, UTC: for logs and validity dates only. */
int64_t clock_wall_s(void);
