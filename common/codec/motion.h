/*
 * Finds what has moved. Places that are chosen by their content (anchors) are looked for in the old
 * and in the new picture; each that occurs once votes for how far it moved. The best few vectors
 * are then tried on blocks of 16 x 16. Each block that is copied has been compared pixel by pixel,
 * so a wrong vote costs time, never truth.
 */
#pragma once

#include "common/codec/slice.h"
#include "common/codec/tiles.h"

struct codec_motion;

/* -ENOMEM; destroy takes NULL. */
int codec_motion_create(struct codec_motion **out, const struct codec_simd *simd, uint32_t width_px,
	uint32_t height_px) MUST_CHECK;
void codec_motion_destroy(struct codec_motion *m);

/* Looks in the changed tiles for moves from shown to captured. Overwrites copies with rectangles of
 * captured that equal a place in shown, and returns how many pixels they settle. */
uint64_t codec_motion_find(struct codec_motion *m, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_copies *copies);

/* Called after the copies of codec_motion_find are in shown: unmarks the tiles of which nothing
 * else is left. */
void codec_motion_settle(const struct codec_motion *m, struct codec_tiles *tiles);
