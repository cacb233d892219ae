/*
 * MEDZ, the coder for photo-like pixels: green, blue - green and red - green, each less its median
 * edge prediction, in planes that zstd then codes. Measured on photographs, zstd's search for
 * matches finds nothing, takes most of the time and even costs bytes, so it is told to skip. What
 * remains is a fast Huffman coder (3.4 ns a pixel; 9.6 bits a pixel where level 1 takes 10.3 and 9
 * ns). What repeats goes to other coders.
 *
 * Sections are independent of each other: they can be coded on another thread and in any order.
 */
#pragma once

#include "common/codec/picture.h"
#include "common/codec/simd.h"

struct codec_medz_encoder;

/* -ENOMEM. destroy takes NULL. */
int codec_medz_encoder_create(
	struct codec_medz_encoder **out, const struct codec_simd *simd) MUST_CHECK;
void codec_medz_encoder_destroy(struct codec_medz_encoder *m);

/*
 * Codes rectangles of picture, CODEC_MEDZ_MAX_PX together and SPLIT_WIDTH_MAX_PX wide at most, to
 * out. Returns the length, or -ENOMEM (zstd's own memory, or less than codec_medz_bound() of
 * capacity).
 */
int codec_medz_encode(struct codec_medz_encoder *m, const struct codec_picture *picture,
	const struct codec_rect *rects, size_t count, bool repeats, uint8_t *out,
	size_t capacity) MUST_CHECK;

/* Bytes that a section's pixels take at most. */
size_t codec_medz_bound(void);

struct codec_medz_decoder;

int codec_medz_decoder_create(
	struct codec_medz_decoder **out, const struct codec_simd *simd) MUST_CHECK;
void codec_medz_decoder_destroy(struct codec_medz_decoder *m);

/*
 * Draws the rectangles, which lie inside picture and are as codec_medz_encode takes them, from
 * one zstd frame of exactly their size. -EPROTO for anything else; then nothing was drawn.
 */
int codec_medz_decode(struct codec_medz_decoder *m, const struct codec_picture *picture,
	const struct codec_rect *rects, size_t count, const uint8_t *bytes, size_t len) MUST_CHECK;
