/*
 * A make-believe desktop for tests: a picture and random things that happen on it, with the damage
 * that a display would report. The same seed gives the same sequence everywhere.
 */
#pragma once

#include "common/codec/codec.h"

struct desk {
	uint32_t width_px, height_px;
	size_t stride_bytes;    /* wider than the picture, as captures may be */
	uint8_t *pixels;        /* owned; X bytes are noise */
	uint8_t *under;         /* owned; what the pane covers */
	struct codec_rect pane; /* width 0: none yet */
	uint64_t random;
	struct codec_rect damage[CODEC_RECTS_MAX];
	size_t damage_count;
};

enum desk_event {
	DESK_RECTANGLES, /* plain colours */
	DESK_TEXT,       /* a few glyphs in two colours, repeated */
	DESK_PHOTO,      /* smooth, with noise */
	DESK_SCROLL,     /* part of the picture moves, any direction */
	DESK_PIXEL,      /* one pixel */
	DESK_SWAP,       /* a photograph over everything, one of two */
	DESK_PANE,       /* a pane slides on; what it covered is there again */
	DESK_NOTHING,    /* damage without a change */
	DESK_EVENTS,
};

void desk_init(struct desk *d, uint32_t width_px, uint32_t height_px, uint64_t seed);
void desk_finish(struct desk *d);

uint32_t desk_random(struct desk *d, uint32_t below);

/* Draws one such event; damage says where. */
void desk_happen(struct desk *d, enum desk_event event);

/* Whether pixels (rows without gaps, X = 0) show what stands on the desk. */
bool desk_equals(const struct desk *d, const uint8_t *pixels);
