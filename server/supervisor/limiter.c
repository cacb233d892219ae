#include "server/supervisor/limiter.h"

#include <netinet/in.h>
#include <string.h>

#define MILLI 1000U

struct limiter_source limiter_source_of(const struct sockaddr *address)
{
	struct limiter_source source = { .family = (uint8_t)address->sa_family };

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof(in));
		memcpy(source.bytes, &in.sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, address, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			source.family = AF_INET;
			memcpy(source.bytes, in6.sin6_addr.s6_addr + 12, 4);
		} else {
			memcpy(source.bytes, in6.sin6_addr.s6_addr, 8);
		}
	}
	return source;
}

struct limiter_source limiter_source_of_relay(void)
{
	return (struct limiter_source){ .family = AF_UNIX };
}

bool limiter_source_is_crowd(const struct limiter_source *source)
{
	static const uint8_t no_network[sizeof(source->bytes)];

	if (source->family == AF_UNIX)
		return true;
	if (source->family == AF_INET)
		return source->bytes[0] == IN_LOOPBACKNET;
	/* ::1, of which the first 64 bits are kept: nothing else that connects begins so. */
	return source->family == AF_INET6 &&
	       memcmp(source->bytes, no_network, sizeof(no_network)) == 0;
}

static unsigned factor_of(const struct limiter_source *source)
{
	return limiter_source_is_crowd(source) ? LIMITER_CROWD_FACTOR : 1;
}

bool limiter_source_is_unknown(const struct limiter_source *source)
{
	return source->family == AF_UNSPEC;
}

static bool same(const struct limiter_source *a, const struct limiter_source *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Whether a is rather forgotten than b. */
static bool worth_less(const struct limiter_entry *a, const struct limiter_entry *b)
{
	if (a->used != b->used)
		return !a->used;
	if (a->known != b->known)
		return !a->known;
	return a->seen_ms < b->seen_ms;
}

/* The entry of source; else one that is free, or quiet longest. NULL: all have connections under
 * way. */
static struct limiter_entry *entry_of(
	struct limiter *l, const struct limiter_source *source, uint64_t now_ms)
{
	struct limiter_entry *spare = NULL;

	for (size_t i = 0; i < LIMITER_SOURCES_MAX; i++) {
		struct limiter_entry *e = &l->entries[i];
		if (e->used && same(&e->source, source))
			return e;
		if (e->preauth == 0 && (!spare || worth_less(e, spare)))
			spare = e;
	}
	if (spare)
		*spare = (struct limiter_entry){
			.source = *source,
			.used = true,
			.tokens_milli = (uint64_t)LIMITER_SOURCE_RATE * factor_of(source) * MILLI,
			.seen_ms = now_ms,
		};
	return spare;
}

/* Chance of a drop grows linearly from LIMITER_PREAUTH_DROP_FROM to the maximum. */
static bool drop_early(const struct limiter *l, uint32_t dice)
{
	if (l->preauth < LIMITER_PREAUTH_DROP_FROM)
		return false;
	uint64_t span = LIMITER_PREAUTH_MAX - LIMITER_PREAUTH_DROP_FROM;
	return (uint64_t)dice * span <
	       (uint64_t)UINT32_MAX * (l->preauth - LIMITER_PREAUTH_DROP_FROM + 1);
}

/* Whether source may have one more; *out is then its entry. */
static enum limiter_verdict ask_source(struct limiter *l, const struct limiter_source *source,
	uint64_t now_ms, struct limiter_entry **out)
{
	const uint64_t rate = (uint64_t)LIMITER_SOURCE_RATE * factor_of(source);
	const uint64_t most = rate * MILLI;
	struct limiter_entry *e = entry_of(l, source, now_ms);

	if (!e)
		return LIMITER_FULL;
	e->tokens_milli += (now_ms - e->seen_ms) * rate;
	if (e->tokens_milli > most)
		e->tokens_milli = most;
	e->seen_ms = now_ms;
	if (e->preauth >= LIMITER_SOURCE_PREAUTH_MAX * factor_of(source))
		return LIMITER_SOURCE;
	if (e->tokens_milli < MILLI)
		return LIMITER_RATE_SOURCE;
	*out = e;
	return LIMITER_ADMIT;
}

/* Whether everybody together may begin one more. */
static bool all_may(struct limiter *l, uint64_t now_ms)
{
	const uint64_t back_milli = (now_ms - l->spent_ms) * LIMITER_RATE;

	l->spent_milli -= MIN(l->spent_milli, back_milli);
	l->spent_ms = now_ms;
	return l->spent_milli + MILLI <= LIMITER_BURST * MILLI;
}

static void count_source(struct limiter_entry *e)
{
	e->tokens_milli -= MILLI;
	e->preauth++;
}

enum limiter_verdict limiter_begin(
	struct limiter *l, const struct limiter_source *source, uint64_t now_ms, uint32_t dice)
{
	struct limiter_entry *e = NULL;
	enum limiter_verdict verdict = LIMITER_ADMIT;

	if (l->preauth >= LIMITER_PREAUTH_MAX)
		return LIMITER_FULL;
	if (!limiter_source_is_unknown(source))
		verdict = ask_source(l, source, now_ms, &e);
	if (verdict != LIMITER_ADMIT)
		return verdict;
	if (drop_early(l, dice))
		return LIMITER_DROP;
	const bool known = e && e->known;
	if (!known && !all_may(l, now_ms))
		return LIMITER_RATE_ALL;
	if (e)
		count_source(e);
	if (!known)
		l->spent_milli += MILLI;
	l->preauth++;
	return LIMITER_ADMIT;
}

enum limiter_verdict limiter_learn(
	struct limiter *l, const struct limiter_source *source, uint64_t now_ms)
{
	struct limiter_entry *e;
	enum limiter_verdict verdict = ask_source(l, source, now_ms, &e);

	if (verdict == LIMITER_ADMIT)
		count_source(e);
	return verdict;
}

/* One less under way. Its entry; NULL: of an unknown source, or it was not counted. */
static struct limiter_entry *end_one(struct limiter *l, const struct limiter_source *source)
{
	if (limiter_source_is_unknown(source)) {
		if (l->preauth > 0)
			l->preauth--;
		return NULL;
	}
	for (size_t i = 0; i < LIMITER_SOURCES_MAX; i++) {
		struct limiter_entry *e = &l->entries[i];
		if (e->used && e->preauth > 0 && same(&e->source, source)) {
			e->preauth--;
			l->preauth--;
			return e;
		}
	}
	return NULL;
}

void limiter_authorised(struct limiter *l, const struct limiter_source *source)
{
	struct limiter_entry *e = end_one(l, source);

	if (e)
		e->known = true;
}

void limiter_end(struct limiter *l, const struct limiter_source *source)
{
	end_one(l, source);
}

const char *limiter_text(enum limiter_verdict verdict)
{
	static const char *const texts[] = {
		[LIMITER_ADMIT] = "admitted",
		[LIMITER_FULL] = "too many connections before authentication",
		[LIMITER_DROP] = "many connections before authentication: dropped at random",
		[LIMITER_SOURCE] = "too many connections from there before authentication",
		[LIMITER_RATE_SOURCE] = "new connections from there come too fast",
		[LIMITER_RATE_ALL] = "new connections come too fast, from many addresses",
	};

	return texts[verdict];
}
