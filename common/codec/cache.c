#include "common/codec/cache.h"

#include "common/base/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

#define SCREENS   4
#define SLOTS_MIN 256
#define SLOTS_MAX 4096

#define TILE_PX ((size_t)TILE_SIDE_PX * TILE_SIDE_PX)

#define NO_SLOT UINT16_MAX

/* A tenth of a millisecond, which nobody notices who waits meanwhile. */
#define PREPARE_SLOTS 16

/* Tiles that are kept for a picture of tile_count: four screens. Both ends count the same. */
static size_t slots_of(size_t tile_count)
{
	return MIN(MAX(tile_count * SCREENS, (size_t)SLOTS_MIN), (size_t)SLOTS_MAX);
}

int codec_cache_store_init(struct codec_cache_store *s, size_t tile_count)
{
	s->slot_count = slots_of(tile_count);
	s->pixels = calloc(s->slot_count, TILE_PX * sizeof(*s->pixels));
	s->sizes = calloc(s->slot_count, sizeof(*s->sizes));
	return s->pixels && s->sizes ? 0 : -ENOMEM;
}

void codec_cache_store_finish(struct codec_cache_store *s)
{
	free(s->pixels);
	free(s->sizes);
	*s = (struct codec_cache_store){ 0 };
}

static uint32_t *row_in(const struct codec_cache_store *s, uint32_t slot, uint32_t y)
{
	return s->pixels + slot * TILE_PX + (size_t)y * TILE_SIDE_PX;
}

void codec_cache_save(struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile)
{
	for (uint32_t y = 0; y < tile.height_px; y++)
		memcpy(row_in(s, slot, y), codec_picture_at(picture, tile.x_px, tile.y_px + y),
			(size_t)tile.width_px * sizeof(uint32_t));
	s->sizes[slot].width_px = (uint8_t)tile.width_px;
	s->sizes[slot].height_px = (uint8_t)tile.height_px;
	s->used_count = MAX(s->used_count, (size_t)slot + 1);
}

bool codec_cache_store_prepare(struct codec_cache_store *s)
{
	size_t want = MIN(s->used_count + s->slot_count / SCREENS, s->slot_count);
	size_t from = MAX(s->ready_count, s->used_count);

	if (s->used_count == 0 || from >= want)
		return false;
	size_t count = MIN(want - from, (size_t)PREPARE_SLOTS);
	pages_populate(row_in(s, (uint32_t)from, 0), count * TILE_PX * sizeof(*s->pixels));
	s->ready_count = from + count;
	return s->ready_count < want;
}

static bool has_size(const struct codec_cache_store *s, uint32_t slot, struct codec_rect tile)
{
	return s->sizes[slot].width_px == tile.width_px &&
	       s->sizes[slot].height_px == tile.height_px;
}

bool codec_cache_load(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile)
{
	if (!has_size(s, slot, tile))
		return false;
	for (uint32_t y = 0; y < tile.height_px; y++)
		memcpy(codec_picture_at(picture, tile.x_px, tile.y_px + y), row_in(s, slot, y),
			(size_t)tile.width_px * sizeof(uint32_t));
	return true;
}

bool codec_cache_load_part(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile, struct codec_rect part)
{
	if (!has_size(s, slot, tile))
		return false;
	for (uint32_t y = part.y_px; y < (uint32_t)part.y_px + part.height_px; y++)
		memcpy(codec_picture_at(picture, part.x_px, y),
			row_in(s, slot, y - tile.y_px) + (part.x_px - tile.x_px),
			(size_t)part.width_px * sizeof(uint32_t));
	return true;
}

static bool holds(const struct codec_cache_store *s, uint32_t slot,
	const struct codec_picture *picture, struct codec_rect tile)
{
	if (!has_size(s, slot, tile))
		return false;
	for (uint32_t y = 0; y < tile.height_px; y++)
		if (memcmp(codec_picture_at(picture, tile.x_px, tile.y_px + y), row_in(s, slot, y),
			    (size_t)tile.width_px * sizeof(uint32_t)) != 0)
			return false;
	return true;
}

/* A slot as the encoder knows it, in a list from the slot used last to the one not used for
 * longest. */
struct entry {
	uint64_t hash;
	uint64_t used_frame;
	uint32_t serial; /* of what stands in it; 0 nothing yet */
	bool is_ahead;   /* the other end was not told of it */
	uint16_t newer, older;
	uint16_t same_chain; /* next in the chain of its hash */
};

struct codec_cache {
	struct codec_cache_store store;
	uint64_t seed;
	uint64_t frame;
	uint32_t serial;
	struct entry *entries; /* owned, for each slot */
	uint16_t newest, oldest;
	uint16_t chains[SLOTS_MAX]; /* the first slot with such a hash */
};

int codec_cache_create(struct codec_cache **out, size_t tile_count, uint64_t seed)
{
	struct codec_cache *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->seed = seed;
	if (codec_cache_store_init(&c->store, tile_count) < 0)
		goto fail;
	c->entries = calloc(c->store.slot_count, sizeof(*c->entries));
	if (!c->entries)
		goto fail;
	for (size_t i = 0; i < c->store.slot_count; i++) {
		c->entries[i].newer = i + 1 < c->store.slot_count ? (uint16_t)(i + 1) : NO_SLOT;
		c->entries[i].older = i > 0 ? (uint16_t)(i - 1) : NO_SLOT;
	}
	/* Slots are first given away in their order, which makes short lists. */
	c->oldest = 0;
	c->newest = (uint16_t)(c->store.slot_count - 1);
	memset(c->chains, 0xff, sizeof(c->chains));

	*out = c;
	return 0;

fail:
	codec_cache_destroy(c);
	return -ENOMEM;
}

void codec_cache_destroy(struct codec_cache *c)
{
	if (!c)
		return;
	free(c->entries);
	codec_cache_store_finish(&c->store);
	free(c);
}

void codec_cache_begin(struct codec_cache *c)
{
	c->frame++;
}

static uint64_t hash_tile(
	const struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile)
{
	uint64_t hash = c->seed ^ ((uint64_t)tile.width_px << 8 | tile.height_px);

	for (uint32_t y = 0; y < tile.height_px; y++)
		hash = XXH3_64bits_withSeed(codec_picture_at(picture, tile.x_px, tile.y_px + y),
			(size_t)tile.width_px * sizeof(uint32_t), hash);
	return hash;
}

static uint16_t *chain_of(struct codec_cache *c, uint64_t hash)
{
	return &c->chains[hash % ARRAY_LEN(c->chains)];
}

static void unlink_use(struct codec_cache *c, uint16_t slot)
{
	const struct entry *e = &c->entries[slot];

	*(e->newer != NO_SLOT ? &c->entries[e->newer].older : &c->newest) = e->older;
	*(e->older != NO_SLOT ? &c->entries[e->older].newer : &c->oldest) = e->newer;
}

static void use(struct codec_cache *c, uint16_t slot)
{
	struct entry *e = &c->entries[slot];

	e->used_frame = c->frame;
	if (c->newest == slot)
		return;
	unlink_use(c, slot);
	e->newer = NO_SLOT;
	e->older = c->newest;
	c->entries[c->newest].newer = slot;
	c->newest = slot;
}

/* To be given away before any other. */
static void use_last(struct codec_cache *c, uint16_t slot)
{
	struct entry *e = &c->entries[slot];

	e->used_frame = 0;
	if (c->oldest == slot)
		return;
	unlink_use(c, slot);
	e->older = NO_SLOT;
	e->newer = c->oldest;
	c->entries[c->oldest].older = slot;
	c->oldest = slot;
}

/* ahead: also what the other end was not told of. */
static int find(struct codec_cache *c, uint64_t hash, const struct codec_picture *picture,
	struct codec_rect tile, bool ahead)
{
	for (uint16_t slot = *chain_of(c, hash); slot != NO_SLOT;
		slot = c->entries[slot].same_chain) {
		const struct entry *e = &c->entries[slot];
		if (e->hash != hash || (e->is_ahead && !ahead) ||
			!holds(&c->store, slot, picture, tile))
			continue;
		use(c, slot);
		return slot;
	}
	return -ENOENT;
}

int codec_cache_find(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile)
{
	return find(c, hash_tile(c, picture, tile), picture, tile, false);
}

static void unlink_hash(struct codec_cache *c, uint16_t slot)
{
	uint16_t *link = chain_of(c, c->entries[slot].hash);

	while (*link != slot)
		link = &c->entries[*link].same_chain;
	*link = c->entries[slot].same_chain;
}

/* Gives the slot that was not used for longest to a tile that no slot holds. */
static int place(struct codec_cache *c, uint64_t hash, const struct codec_picture *picture,
	struct codec_rect tile)
{
	uint16_t slot = c->oldest;
	struct entry *e = &c->entries[slot];

	if (e->used_frame == c->frame)
		return -ENOSPC;
	if (e->serial > 0)
		unlink_hash(c, slot);
	e->hash = hash;
	e->serial = ++c->serial;
	e->is_ahead = true;
	e->same_chain = *chain_of(c, hash);
	*chain_of(c, hash) = slot;
	codec_cache_save(&c->store, slot, picture, tile);
	use(c, slot);
	return slot;
}

static int place_once(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile)
{
	uint64_t hash = hash_tile(c, picture, tile);
	int found = find(c, hash, picture, tile, true);

	return found >= 0 ? found : place(c, hash, picture, tile);
}

/* Whether it was not told of before. */
static bool tell(struct codec_cache *c, int slot)
{
	bool is_new = c->entries[slot].is_ahead;

	c->entries[slot].is_ahead = false;
	return is_new;
}

int codec_cache_keep(struct codec_cache *c, const struct codec_picture *picture,
	struct codec_rect tile, bool *is_new)
{
	int slot = place_once(c, picture, tile);

	*is_new = slot >= 0 && tell(c, slot);
	return slot;
}

struct codec_cache_ref codec_cache_refer(const struct codec_cache *c, int slot)
{
	return (struct codec_cache_ref){ (uint16_t)slot, c->entries[slot].serial };
}

static bool is_current(const struct codec_cache *c, struct codec_cache_ref ref)
{
	return ref.serial > 0 && c->entries[ref.slot].serial == ref.serial;
}

struct codec_cache_ref codec_cache_keep_ahead(
	struct codec_cache *c, const struct codec_picture *picture, struct codec_rect tile)
{
	int slot = place_once(c, picture, tile);

	if (slot < 0)
		return (struct codec_cache_ref){ 0 };
	return codec_cache_refer(c, slot);
}

int codec_cache_keep_referred(struct codec_cache *c, struct codec_cache_ref ref,
	const struct codec_picture *picture, struct codec_rect tile, bool *is_new)
{
	if (!is_current(c, ref) || !holds(&c->store, ref.slot, picture, tile))
		return -ENOENT;
	*is_new = tell(c, ref.slot);
	use(c, ref.slot);
	return ref.slot;
}

void codec_cache_drop(struct codec_cache *c, struct codec_cache_ref ref)
{
	if (!is_current(c, ref) || !c->entries[ref.slot].is_ahead)
		return;
	unlink_hash(c, ref.slot);
	c->entries[ref.slot].serial = 0;
	use_last(c, ref.slot);
}

const uint32_t *codec_cache_pixels(const struct codec_cache *c, struct codec_cache_ref ref)
{
	return is_current(c, ref) ? row_in(&c->store, ref.slot, 0) : NULL;
}

void codec_cache_used(struct codec_cache *c, struct codec_cache_ref ref)
{
	if (is_current(c, ref))
		use(c, ref.slot);
}
