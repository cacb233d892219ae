/*
 * The tile cache: tiles of the picture are kept in numbered slots, so that what is covered and
 * uncovered, or comes and goes, is sent once. The encoder says what goes into which slot and holds
 * the same tiles itself: it finds a tile by a hash with a secret seed, and uses it only when it is
 * equal pixel by pixel. The decoder only follows.
 */
#pragma once

#include "common/codec/slice.h"
#include "common/codec/tiles.h"

/* What both ends hold. */
struct codec_cache_store {
	size_t slot_count;
	uint32_t *pixels; /* owned; TILE_SIDE_PX^2 for each slot; pages that no tile came to cost
			     nothing */
	struct {
		uint8_t width_px, height_px; /* 0 empty */
	} * sizes;                           /* owned */
	size_t used_count, ready_count;      /* first slots that held a tile; that have memory */
};

int codec_cache_store_init(struct codec_cache_store *s, size_t tile_count) MUST_CHECK;
void codec_cache_store_finish(struct codec_cache_store *s);

/* Keeps a tile of picture in a slot; draws a slot to a tile, which has to be of the size that it
 * has there. */
void codec_cache_save(struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile);
bool codec_cache_load(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile);

/* Draws what a slot holds of a part of a tile; false when the tile has another size there. */
bool codec_cache_load_part(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile, struct codec_rect part);

/*
 * Gets memory for slots that are next, a screen of them and a few a call: their first touch would
 * take as long as what is written there. Whether there is more to get; nothing before the cache was
 * of use.
 */
bool codec_cache_store_prepare(struct codec_cache_store *s);

/* The encoder's side. */
struct codec_cache;

int codec_cache_create(struct codec_cache **out, size_t tile_count, uint64_t seed) MUST_CHECK;
void codec_cache_destroy(struct codec_cache *c);

/* Begins a frame: slots that it uses are not given away before the next one. */
void codec_cache_begin(struct codec_cache *c);

/* The slot in which the tile of picture stands; -ENOENT when none. */
int codec_cache_find(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile);

/*
 * Keeps the tile of picture, in the slot that was not used for longest unless it is kept already.
 * Returns the slot, and whether the other end has to be told; -ENOSPC when this frame has used
 * every slot.
 */
int codec_cache_keep(struct codec_cache *c, const struct codec_picture *picture,
	struct codec_rect tile, bool *is_new);

/* A slot for as long as it holds the same tile. */
struct codec_cache_ref {
	uint16_t slot;
	uint32_t serial; /* 0: none */
};

struct codec_cache_ref codec_cache_refer(const struct codec_cache *c, int slot);

/* Rows of what is referred to, TILE_SIDE_PX apart, or NULL when the slot was given away since. */
const uint32_t *codec_cache_pixels(const struct codec_cache *c, struct codec_cache_ref ref);

/*
 * Between frames, for later: keeps the tile of picture here, without telling the other end (serial
 * 0: no room). What then remains is codec_cache_keep_referred, which is codec_cache_keep as long as
 * the slot holds the tile (-ENOENT: it does not), or codec_cache_drop.
 */
struct codec_cache_ref codec_cache_keep_ahead(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile);
int codec_cache_keep_referred(struct codec_cache *c, struct codec_cache_ref ref,
	const struct codec_picture *picture, struct codec_rect tile, bool *is_new);
void codec_cache_drop(struct codec_cache *c, struct codec_cache_ref ref);

/* It was of use: it stays longer. */
void codec_cache_used(struct codec_cache *c, struct codec_cache_ref ref);
