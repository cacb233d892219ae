/* Numbers that count up and wrap (RFC 1982): of inputs and frames. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether a counter that stands at now has come to serial; they lie less than 2^31 apart. */
static inline bool serial_reached(uint32_t now, uint32_t serial)
{
	return (int32_t)(now - serial) >= 0;
}
