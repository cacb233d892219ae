#include "server/supervisor/refusals.h"

#include "server/registry/audit.h"

#include <stdio.h>
#include <string.h>

static void write_sum(const char *peer, const char *device, uint32_t count, int64_t since_s)
{
	audit_write("refused", json_pack("{s:s, s:s, s:s, s:I, s:I}", "peer", peer, "why",
				       "refused again and again", "device", device, "count",
				       (json_int_t)count, "since", (json_int_t)since_s));
}

void refusals_sum(struct refusals *r, int64_t now_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct refusal *one = &r->list[i];
		if (now_s - one->since_s < REFUSALS_SUM_S) {
			r->list[kept++] = *one;
			continue;
		}
		if (one->count > 0)
			write_sum(one->peer, one->device, one->count, one->since_s);
	}
	r->count = kept;
	if (r->others > 0 && now_s - r->others_since_s >= REFUSALS_SUM_S) {
		write_sum("others", "", r->others, r->others_since_s);
		r->others = 0;
	}
}

static struct refusal *find(
	struct refusals *r, const struct limiter_source *source, const char *device)
{
	for (size_t i = 0; i < r->count; i++) {
		struct refusal *one = &r->list[i];
		if (one->source.family == source->family &&
			memcmp(one->source.bytes, source->bytes, sizeof(source->bytes)) == 0 &&
			strcmp(one->device, device) == 0)
			return one;
	}
	return NULL;
}

void refusals_note(struct refusals *r, const struct limiter_source *source, const char *peer,
	const char *device, const char *why, const char *detail, int64_t now_s)
{
	refusals_sum(r, now_s);
	struct refusal *one = find(r, source, device);
	if (!one && r->count == REFUSALS_SOURCES_MAX) {
		if (r->others++ == 0)
			r->others_since_s = now_s;
		return;
	}
	if (one) {
		one->count++;
		snprintf(one->peer, sizeof(one->peer), "%s", peer);
		return;
	}
	one = &r->list[r->count++];
	*one = (struct refusal){ .source = *source, .since_s = now_s };
	snprintf(one->device, sizeof(one->device), "%s", device);
	snprintf(one->peer, sizeof(one->peer), "%s", peer);
	audit_write("refused", json_pack("{s:s, s:s, s:s, s:s}", "peer", peer, "why", why, "detail",
				       detail, "device", device));
}
