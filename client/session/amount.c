#include "client/session/amount.h"

#include <stdbool.h>
#include <stdio.h>

/* Shorter than this nobody can tell a rate. */
#define RATE_AFTER_MS 500

void amount_text(char out[static AMOUNT_BYTES], uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < ARRAY_LEN(units)) {
		value /= 1000;
		unit++;
	}
	snprintf(out, AMOUNT_BYTES, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

void amount_progress(
	char out[static AMOUNT_BYTES], uint64_t bytes, uint64_t total_bytes, uint64_t since_ms)
{
	char done[AMOUNT_BYTES], all[AMOUNT_BYTES], rate[AMOUNT_BYTES];
	uint64_t per_s = since_ms >= RATE_AFTER_MS ? bytes * 1000 / since_ms : 0;
	bool known = total_bytes >= bytes && total_bytes > 0;
	uint64_t left_s = known && per_s > 0 ? (total_bytes - bytes) / per_s : 0;

	amount_text(done, bytes);
	amount_text(all, total_bytes);
	amount_text(rate, per_s);
	int len = snprintf(
		out, AMOUNT_BYTES, "%.20s%s%.20s", done, known ? " of " : "", known ? all : "");
	if (per_s > 0)
		len += snprintf(out + len, AMOUNT_BYTES - (size_t)len, ", %.20s/s", rate);
	if (left_s > 0)
		snprintf(out + len, AMOUNT_BYTES - (size_t)len, ", %u:%02u left",
			(unsigned)(left_s / 60), (unsigned)(left_s % 60));
}
