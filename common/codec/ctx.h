/*
 * CTX, the coder for text, windows and drawings. Each pixel is predicted from the pixels around it,
 * by what followed the same surroundings before (two hash tables, one of wide and one of narrow
 * surroundings); the corrections go through a range coder. What was learned lives as long as the
 * codec, so that a glyph that comes again costs next to nothing. Flat areas go by as runs.
 *
 * The encoder and the decoder are one function (ctx.c). Both read the pixels around a rectangle,
 * and what stood in it before, from the picture that the client has. Nothing in the stream is a
 * pointer or an index into memory.
 */
#pragma once

#include "common/codec/picture.h"
#include "common/codec/range_coder.h"
#include "common/codec/simd.h"

/* A rectangle's largest area, and the bytes that it takes at most: 512 bits for each pixel, which
 * is 41 decisions of 11.1 bits (range_coder.h) and 15 plain bits at most. */
#define CODEC_CTX_RECT_MAX_PX    8192
#define CODEC_CTX_RECT_MAX_BYTES (512U * 1024)

/* Bytes that ending a section takes at most. */
#define CODEC_CTX_END_MAX_BYTES 16

struct codec_ctx;

/* -ENOMEM. destroy takes NULL. Both ends begin in the same state. */
int codec_ctx_create(struct codec_ctx **out, const struct codec_simd *simd) MUST_CHECK;
void codec_ctx_destroy(struct codec_ctx *c);

/* A section: begin, rectangles, end. A rectangle must not come twice with other pixels. */
void codec_ctx_encode_begin(struct codec_ctx *c, uint8_t *out, size_t capacity);

/*
 * Codes a rectangle of captured, CODEC_CTX_RECT_MAX_PX of area at most, and draws it into shown, of
 * the same size. The caller sees to it that CODEC_CTX_RECT_MAX_BYTES are free
 * (codec_ctx_encode_len).
 */
void codec_ctx_encode_rect(struct codec_ctx *c, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_rect rect);

/* Bytes so far. */
size_t codec_ctx_encode_len(const struct codec_ctx *c);

/* Ends; returns the section's length. */
size_t codec_ctx_encode_end(struct codec_ctx *c);

/*
 * Draws a section's rectangles and lists them, rect_max at most. Each lies within picture, and all
 * have at most *left_px of area together, which is counted down. Returns how many, or -EPROTO; some
 * may then have been drawn.
 */
int codec_ctx_decode(struct codec_ctx *c, const struct codec_picture *picture, const uint8_t *bytes,
	size_t len, uint64_t *left_px, struct codec_rect *rects, size_t rect_max) MUST_CHECK;
