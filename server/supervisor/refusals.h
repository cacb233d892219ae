/*
 * Refusals in the audit log. A stranger can cause them by the thousand: of each source and device the
 * first is written as it is, and those of the following hour as one line with their number. So a
 * flood of them costs two lines an hour and hides nothing else.
 */
#pragma once

#include "common/wire/limits.h"
#include "server/registry/registry.h"
#include "server/supervisor/limiter.h"

/* Sources at once: a network of a /16 that takes turns is counted as "others" from here on. */
#define REFUSALS_SOURCES_MAX 256
#define REFUSALS_SUM_S       3600

struct refusal {
	struct limiter_source source;
	char device[REGISTRY_NAME_MAX_BYTES]; /* "": none that we know */
	char peer[WIRE_NAME_MAX_BYTES];       /* of the last one */
	uint32_t count;                       /* after the first */
	int64_t since_s;
};

struct refusals {
	struct refusal list[REFUSALS_SOURCES_MAX];
	size_t count;
	uint32_t others;
	int64_t others_since_s;
};

/* One more. why and detail are text for the log, detail escaped or "". */
void refusals_note(struct refusals *r, const struct limiter_source *source, const char *peer,
	const char *device, const char *why, const char *detail, int64_t now_s);

/* Writes the sums whose hour is over at now_s; at INT64_MAX all, which is for the end. */
void refusals_sum(struct refusals *r, int64_t now_s);
