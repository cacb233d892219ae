/* Who may begin a connection: a bounded table of sources, counted and rated. Pure: the clock and
 * the dice are the caller's. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Connections before authorisation, from everywhere. From DROP_FROM on some are dropped at random,
 * more the nearer to the maximum (as sshd's MaxStartups). */
#define LIMITER_PREAUTH_MAX       64
#define LIMITER_PREAUTH_DROP_FROM 32

/* The same from one source. */
#define LIMITER_SOURCE_PREAUTH_MAX 8

/* New connections a second from one source, and as many at once after a rest. */
#define LIMITER_SOURCE_RATE 10

/*
 * New connections a second from everywhere, and so many at once after a rest. Each is a process:
 * 12 ms of a core were measured from its start to its end, so a flood from any number of addresses
 * has half a core at most. A source from which a device was authorised is not asked: who is at home
 * comes back also during a flood.
 */
#define LIMITER_RATE  40
#define LIMITER_BURST (2 * LIMITER_PREAUTH_MAX)

/* A source that is known to be many people may begin so many times as much. */
#define LIMITER_CROWD_FACTOR 4

/* Sources remembered; the one that is quiet longest is forgotten, those that are known last. */
#define LIMITER_SOURCES_MAX 1024

/* An IPv4 address, or the first 64 bits of an IPv6 one (one customer's network); family and bytes,
 * for comparison. */
struct limiter_source {
	uint8_t family;
	uint8_t bytes[8];
};

struct limiter_entry {
	struct limiter_source source;
	bool used;
	bool known; /* a device was authorised from there */
	unsigned preauth;
	uint64_t tokens_milli; /* thousandths of a connection that it may begin */
	uint64_t seen_ms;
};

struct limiter {
	struct limiter_entry entries[LIMITER_SOURCES_MAX];
	unsigned preauth;
	uint64_t
		spent_milli; /* thousandths of a connection, of those of sources that are not known */
	uint64_t spent_ms;   /* when that was so */
};

enum limiter_verdict {
	LIMITER_ADMIT,
	LIMITER_FULL,        /* too many before authorisation, from everywhere */
	LIMITER_DROP,        /* random early drop */
	LIMITER_SOURCE,      /* too many at once from this source */
	LIMITER_RATE_SOURCE, /* too fast from this source */
	LIMITER_RATE_ALL,    /* too fast from everywhere */
};

struct limiter_source limiter_source_of(const struct sockaddr *address);

/* All connections through the reverse tunnel: the relay does not name its clients. One source,
 * apart from every address, and a crowd. */
struct limiter_source limiter_source_of_relay(void);

/* Whether many may come from it at once: the reverse tunnel, and this machine itself, where SSH
 * logins end that forward a port to us. */
bool limiter_source_is_crowd(const struct limiter_source *source);

/* A zeroed source: behind a gateway that has not named its client yet. It counts in the total
 * alone. */
bool limiter_source_is_unknown(const struct limiter_source *source);

/* Asks, and counts the connection when admitted. dice: a random number of 32 bits. */
enum limiter_verdict limiter_begin(
	struct limiter *l, const struct limiter_source *source, uint64_t now_ms, uint32_t dice);

/* An admitted connection of an unknown source is one of source: asks again, and counts it there
 * when admitted. */
enum limiter_verdict limiter_learn(
	struct limiter *l, const struct limiter_source *source, uint64_t now_ms);

/* The connection was authorised as a device's, or ended before: one of them, once for each that was
 * admitted. */
void limiter_authorised(struct limiter *l, const struct limiter_source *source);
void limiter_end(struct limiter *l, const struct limiter_source *source);

/* "too many connections from this address". Static. */
const char *limiter_text(enum limiter_verdict verdict);
