/*
 * The tile cache: tiles of the picture are kept in numbered slots, so that what is covered and
 * uncovered, or comes and goes, is sent once. The encoder says what goes into which slot, and holds
 * the same tiles itself. It finds a tile by a hash with a secret seed, and uses it only when it is
 * equal pixel by pixel. The decoder does what it is told.
 */
#pragma once

#include "common/codec/slice.h"
#include "common/codec/tiles.h"

/* What both ends hold. */
struct codec_cache_store {
	size_t slot_count;
	/* Owned; TILE_SIDE_PX^2 for each slot. Pages that no tile came to cost nothing. */
	uint32_t *pixels;
	struct {
		uint8_t width_px, height_px; /* 0 empty */
	} * sizes;                           /* owned */
	size_t used_count;                   /* the first so many slots have held a tile */
	size_t ready_count;                  /* and so many have memory */
};

int codec_cache_store_init(struct codec_cache_store *s, size_t tile_count) MUST_CHECK;
void codec_cache_store_finish(struct codec_cache_store *s);

/* save keeps a tile of picture in a slot. load draws a slot to a tile; false when the slot holds a
 * tile of another size. */
void codec_cache_save(struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile);
bool codec_cache_load(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile);

/* Draws what a slot holds of a part of a tile; false when the slot holds a tile of another size. */
bool codec_cache_load_part(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile, struct codec_rect part);

/*
 * Gets memory for the slots that come next, a screen of them ahead and a few a call: their first
 * touch would take as long as what is written there. Returns whether there is more to get. Does
 * nothing before the first tile was kept.
 */
bool codec_cache_store_prepare(struct codec_cache_store *s);

/* The encoder's side. */
struct codec_cache;

int codec_cache_create(struct codec_cache **out, size_t tile_count, uint64_t seed) MUST_CHECK;
void codec_cache_destroy(struct codec_cache *c);

/* Begins a frame: slots that the frame uses are not given away before the next one. */
void codec_cache_begin(struct codec_cache *c);

/* The slot that holds the tile of picture as it is there; -ENOENT when none does. */
int codec_cache_find(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile);

/*
 * Keeps the tile of picture, in the slot that was not used for longest unless a slot holds it
 * already. Returns the slot; *is_new says whether the other end has to be told. -ENOSPC when this
 * frame has used every slot.
 */
int codec_cache_keep(struct codec_cache *c, const struct codec_picture *picture,
	struct codec_rect tile, bool *is_new);

/* Names a slot for as long as it holds the same tile. */
struct codec_cache_ref {
	uint16_t slot;
	uint32_t serial; /* 0: none */
};

struct codec_cache_ref codec_cache_refer(const struct codec_cache *c, int slot);

/* The rows of the tile, TILE_SIDE_PX apart, or NULL when the slot was given away since. */
const uint32_t *codec_cache_pixels(const struct codec_cache *c, struct codec_cache_ref ref);

/*
 * Between frames, for later: keeps the tile of picture here without telling the other end (serial
 * 0: there was no room). Afterwards either codec_cache_keep_referred is called, which does what
 * codec_cache_keep does as long as the slot holds the tile (-ENOENT: it no longer does), or
 * codec_cache_drop.
 */
struct codec_cache_ref codec_cache_keep_ahead(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile);
int codec_cache_keep_referred(struct codec_cache *c, struct codec_cache_ref ref,
	const struct codec_picture *picture, struct codec_rect tile, bool *is_new);
void codec_cache_drop(struct codec_cache *c, struct codec_cache_ref ref);

/* Says that the tile was used, so that it stays longer. */
void codec_cache_used(struct codec_cache *c, struct codec_cache_ref ref);
