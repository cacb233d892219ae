/*
 * A binary arithmetic coder (range coder): turns decisions with learned probabilities into bytes,
 * and back. low and range have 64 bits and 4 bytes move at a time, so that the usual decision costs
 * a multiplication and no branch but its own.
 *
 * Header only: the coders that use it need inlining to be fast.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* A learned probability that a decision is 0, in 1/32768. Updates keep it within 15 .. 32753: both
 * stay possible. */
typedef uint16_t codec_odds;
#define CODEC_ODDS_BITS 15
#define CODEC_ODDS_EVEN (1U << (CODEC_ODDS_BITS - 1))

/* Learning moves by 1/16 of the distance: the best of 3 .. 6 on recorded desktops. */
#define CODEC_ODDS_SHIFT 4

/* Bytes that one decision takes at most are below 2 (11.1 bits at odds of 15/32768). */

static ALWAYS_INLINE void codec_odds_saw(codec_odds *odds, bool decision)
{
	unsigned p = *odds;

	*odds = (codec_odds)(decision ? p - (p >> CODEC_ODDS_SHIFT)
				      : p + (((1U << CODEC_ODDS_BITS) - p) >> CODEC_ODDS_SHIFT));
}

struct codec_range_encoder {
	uint64_t low, range;
	/* Borrowed. The caller sees to it that at + 8 <= end. */
	uint8_t *start, *at, *end;
};

/* Bytes that end an encoding at most. */
#define CODEC_RANGE_END_BYTES 8

static ALWAYS_INLINE void codec_range_encoder_init(
	struct codec_range_encoder *e, uint8_t *out, size_t capacity)
{
	*e = (struct codec_range_encoder){
		.range = UINT64_MAX, .start = out, .at = out, .end = out + capacity
	};
}

static inline void codec_range_carry(uint8_t *at)
{
	/* The value so far is below 1: a carry stops at one of the bytes before. */
	while (++*--at == 0)
		;
}

static ALWAYS_INLINE void codec_range_encoder_shift(struct codec_range_encoder *e)
{
	if (e->range >> 32)
		return;
	uint32_t word = __builtin_bswap32((uint32_t)(e->low >> 32));
	memcpy(e->at, &word, sizeof(word));
	e->at += sizeof(word);
	e->low <<= 32;
	e->range <<= 32;
}

static ALWAYS_INLINE void codec_range_encoder_add(struct codec_range_encoder *e, uint64_t amount)
{
	e->low += amount;
	if (e->low < amount)
		codec_range_carry(e->at);
}

static ALWAYS_INLINE void codec_range_encode(
	struct codec_range_encoder *e, codec_odds *odds, bool decision)
{
	uint64_t bound = (e->range >> CODEC_ODDS_BITS) * *odds;

	if (decision) {
		codec_range_encoder_add(e, bound);
		e->range -= bound;
	} else {
		e->range = bound;
	}
	codec_odds_saw(odds, decision);
	codec_range_encoder_shift(e);
}

/* count <= 16 bits as they are. */
static ALWAYS_INLINE void codec_range_encode_bits(
	struct codec_range_encoder *e, uint32_t bits, unsigned count)
{
	e->range >>= count;
	codec_range_encoder_add(e, e->range * bits);
	codec_range_encoder_shift(e);
}

/* Ends the encoding and returns its length. Chooses a value within the last range that ends in zero
 * bytes, and leaves those out. */
static inline size_t codec_range_encoder_end(struct codec_range_encoder *e)
{
	unsigned keep_bits = 0;
	uint64_t value = 0;

	for (; keep_bits < 64; keep_bits += 8) {
		uint64_t tail = UINT64_MAX >> keep_bits;
		uint64_t up = e->low + tail;
		bool carry = up < e->low;
		value = up & ~tail;
		/* value - low, which is what has been added, has to stay below range. */
		if (value - e->low < e->range) {
			if (carry)
				codec_range_carry(e->at);
			break;
		}
	}
	if (keep_bits == 64)
		value = e->low;
	for (unsigned i = 0; i < keep_bits; i += 8)
		*e->at++ = (uint8_t)(value >> (56 - i));
	return (size_t)(e->at - e->start);
}

struct codec_range_decoder {
	uint64_t code, range;
	const uint8_t *at, *end; /* borrowed */
	unsigned missing_bytes;  /* zeros taken from beyond the end */
};

static inline uint32_t codec_range_next_word(struct codec_range_decoder *d)
{
	uint32_t word = 0;

	if (d->end - d->at >= (ptrdiff_t)sizeof(word)) {
		memcpy(&word, d->at, sizeof(word));
		d->at += sizeof(word);
		return __builtin_bswap32(word);
	}
	for (unsigned i = 0; i < sizeof(word); i++) {
		word <<= 8;
		if (d->at < d->end)
			word |= *d->at++;
		else
			d->missing_bytes++;
	}
	return word;
}

static ALWAYS_INLINE void codec_range_decoder_init(
	struct codec_range_decoder *d, const uint8_t *bytes, size_t len)
{
	*d = (struct codec_range_decoder){
		.range = UINT64_MAX, .at = bytes, .end = len > 0 ? bytes + len : bytes
	};
	d->code = (uint64_t)codec_range_next_word(d) << 32;
	d->code |= codec_range_next_word(d);
}

static ALWAYS_INLINE void codec_range_decoder_shift(struct codec_range_decoder *d)
{
	if (d->range >> 32)
		return;
	d->code = d->code << 32 | codec_range_next_word(d);
	d->range <<= 32;
}

static ALWAYS_INLINE bool codec_range_decode(struct codec_range_decoder *d, codec_odds *odds)
{
	uint64_t bound = (d->range >> CODEC_ODDS_BITS) * *odds;
	bool decision = d->code >= bound;

	if (decision) {
		d->code -= bound;
		d->range -= bound;
	} else {
		d->range = bound;
	}
	codec_odds_saw(odds, decision);
	codec_range_decoder_shift(d);
	return decision;
}

static ALWAYS_INLINE uint32_t codec_range_decode_bits(struct codec_range_decoder *d, unsigned count)
{
	uint32_t bits = 0;

	d->range >>= count;
	/* Bit by bit, which is quicker than the division that would give all of them. */
	for (unsigned i = count; i-- > 0;) {
		uint64_t bound = d->range << i;
		bool bit = d->code >= bound;
		d->code -= bit ? bound : 0;
		bits = bits << 1 | bit;
	}
	codec_range_decoder_shift(d);
	return bits;
}

/* Whether the bytes were those of one encoding: all were read, and none was missing but the zeros
 * that the encoder leaves out at the end. */
static inline bool codec_range_decoder_done(const struct codec_range_decoder *d)
{
	return d->at == d->end && d->missing_bytes <= CODEC_RANGE_END_BYTES;
}
