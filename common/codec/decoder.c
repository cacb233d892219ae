/*
 * The decoder: applies slices to the client's picture. Runs in farseat-link; every byte of a slice
 * is hostile. Each rectangle is checked against the picture where it is read, and each coder is
 * bounded by the area of its rectangles.
 */
#include "common/codec/codec.h"

#include "common/codec/cache.h"
#include "common/codec/changed.h"
#include "common/codec/copy.h"
#include "common/codec/ctx.h"
#include "common/codec/medz.h"
#include "common/codec/overlay.h"
#include "common/codec/slice.h"

#include <errno.h>
#include <stdlib.h>

struct codec_decoder {
	struct codec_picture picture;
	struct codec_picture staging; /* for copies; its content means nothing */
	uint32_t features;
	uint64_t left_px; /* area that the slice at hand may still draw: it bounds the time */
	struct codec_tiles tiles;
	struct codec_overlay overlay; /* video, over the picture */
	struct codec_cache_store cache;
	struct codec_part parts[CODEC_SECTION_PARTS_MAX]; /* of the section at hand */
	struct codec_cached *cached; /* owned; of the section at hand, room for every tile */
	struct codec_copies copies;
	struct codec_ctx *ctx;
	struct codec_medz_decoder *medz;
	struct codec_rect rects[CODEC_SECTION_RECTS_MAX]; /* of the section at hand */
};

int codec_decoder_create(struct codec_decoder **out, const struct codec_params *params)
{
	struct codec_decoder *d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->features = params->features;

	int r = codec_picture_init(&d->picture, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_picture_init(&d->staging, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_tiles_init(&d->tiles, params->width_px, params->height_px);
	if (r < 0)
		goto fail;
	r = codec_overlay_init(&d->overlay, &d->tiles, &d->picture, params->features);
	if (r < 0)
		goto fail;
	r = -ENOMEM;
	d->cached = calloc(codec_tiles_count(&d->tiles), sizeof(*d->cached));
	if (!d->cached || codec_cache_store_init(&d->cache, codec_tiles_count(&d->tiles)) < 0)
		goto fail;
	r = codec_ctx_create(&d->ctx, codec_simd_best());
	if (r < 0)
		goto fail;
	r = codec_medz_decoder_create(&d->medz, codec_simd_best());
	if (r < 0)
		goto fail;

	*out = d;
	return 0;

fail:
	codec_decoder_destroy(d);
	return r;
}

void codec_decoder_destroy(struct codec_decoder *d)
{
	if (!d)
		return;
	codec_overlay_finish(&d->overlay);
	codec_medz_decoder_destroy(d->medz);
	codec_ctx_destroy(d->ctx);
	codec_cache_store_finish(&d->cache);
	free(d->cached);
	codec_tiles_finish(&d->tiles);
	codec_picture_finish(&d->staging);
	codec_picture_finish(&d->picture);
	free(d);
}

/* What an exact section drew: seen unless video lies over it. */
static void drawn(struct codec_decoder *d, struct codec_changed *changed,
	const struct codec_rect *rects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		codec_overlay_drawn(&d->overlay, rects[i]);
		codec_changed_add(changed, rects[i]);
	}
}

static int decode_medz(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	const struct codec_picture *picture = codec_overlay_exact(&d->overlay);
	uint64_t left_px = MIN(d->left_px, (uint64_t)CODEC_MEDZ_MAX_PX), before_px = left_px;
	size_t count = codec_slice_read_rects(r, picture, &left_px, d->rects, ARRAY_LEN(d->rects));
	size_t len = codec_reader_left(r);
	const uint8_t *bytes = codec_read_view(r, len);

	if (!bytes || count == 0)
		return -EPROTO;
	d->left_px -= before_px - left_px;
	for (size_t i = 0; i < count; i++)
		if (d->rects[i].width_px > SPLIT_WIDTH_MAX_PX)
			return -EPROTO;
	int result = codec_medz_decode(d->medz, picture, d->rects, count, bytes, len);
	if (result == 0)
		drawn(d, changed, d->rects, count);
	return result;
}

static int decode_ctx(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	size_t len = codec_reader_left(r);
	const uint8_t *bytes = codec_read_view(r, len);

	if (!bytes)
		return -EPROTO;
	int count = codec_ctx_decode(d->ctx, codec_overlay_exact(&d->overlay), bytes, len,
		&d->left_px, d->rects, ARRAY_LEN(d->rects));
	if (count > 0)
		drawn(d, changed, d->rects, (size_t)count);
	return MIN(count, 0);
}

static int decode_copy(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	const struct codec_picture *picture = codec_overlay_exact(&d->overlay);
	size_t count = 0;

	codec_slice_read_copies(r, picture, &d->left_px, &d->copies);
	if (!codec_reader_done(r) || d->copies.vector_count == 0)
		return -EPROTO;
	for (size_t i = 0; i < d->copies.vector_count; i++)
		count += d->copies.vectors[i].rect_count;
	codec_copy_apply(picture, &d->staging, &d->copies);
	drawn(d, changed, d->copies.rects, count);
	return 0;
}

/* Reads a list of tiles and counts down their area. */
static int read_cached(
	struct codec_decoder *d, struct codec_reader *r, size_t slot_count, size_t *count)
{
	*count = codec_slice_read_cached(r, codec_tiles_count(&d->tiles), slot_count, d->cached);
	uint64_t area_px = *count * (uint64_t)TILE_SIDE_PX * TILE_SIDE_PX;

	if (!codec_reader_done(r) || *count == 0 || area_px > d->left_px)
		return -EPROTO;
	d->left_px -= area_px;
	return 0;
}

static int decode_save(struct codec_decoder *d, struct codec_reader *r)
{
	size_t count;
	int result = read_cached(d, r, d->cache.slot_count, &count);

	for (size_t i = 0; result == 0 && i < count; i++)
		codec_cache_save(&d->cache, d->cached[i].slot, codec_overlay_exact(&d->overlay),
			codec_tiles_nth(&d->tiles, d->cached[i].tile));
	return result;
}

static int decode_load(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	size_t count;
	int result = read_cached(d, r, d->cache.slot_count, &count);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct codec_rect tile = codec_tiles_nth(&d->tiles, d->cached[i].tile);
		if (!codec_cache_load(
			    &d->cache, d->cached[i].slot, codec_overlay_exact(&d->overlay), tile))
			return -EPROTO;
		drawn(d, changed, &tile, 1);
	}
	return result;
}

static int decode_part(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	const struct codec_picture *picture = codec_overlay_exact(&d->overlay);
	size_t count =
		codec_slice_read_parts(r, picture, &d->left_px, d->cache.slot_count, d->parts);

	if (!codec_reader_done(r) || count == 0)
		return -EPROTO;
	for (size_t i = 0; i < count; i++) {
		struct codec_rect part = d->parts[i].rect;
		struct codec_rect tile = codec_tiles_rect(
			&d->tiles, part.x_px / TILE_SIDE_PX, part.y_px / TILE_SIDE_PX);
		if (!codec_cache_load_part(&d->cache, d->parts[i].slot, picture, tile, part))
			return -EPROTO;
		drawn(d, changed, &part, 1);
	}
	return 0;
}

static int decode_video(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	struct codec_rect rect;
	size_t count = codec_slice_read_rects(r, &d->picture, &d->left_px, &rect, 1);
	uint8_t flags = codec_read_u8(r);
	size_t len = codec_reader_left(r);
	const uint8_t *bytes = codec_read_view(r, len);

	if (!bytes || count != 1 || !codec_video_size_ok(rect))
		return -EPROTO;
	codec_changed_add(changed, rect);
	return codec_overlay_video(&d->overlay, rect, flags >> 1, flags & 1, bytes, len);
}

static int decode_settle(
	struct codec_decoder *d, struct codec_reader *r, struct codec_changed *changed)
{
	size_t count;
	int result = read_cached(d, r, codec_tiles_count(&d->tiles), &count);

	for (size_t i = 0; result == 0 && i < count; i++) {
		if (d->cached[i].slot != d->cached[i].tile)
			return -EPROTO;
		codec_overlay_settle(&d->overlay, d->cached[i].tile);
		codec_changed_add(changed, codec_tiles_nth(&d->tiles, d->cached[i].tile));
	}
	return result;
}

static int decode_section(struct codec_decoder *d, uint8_t kind, struct codec_reader *r,
	struct codec_changed *changed)
{
	switch (kind) {
	case CODEC_SECTION_CTX:
		return decode_ctx(d, r, changed);
	case CODEC_SECTION_MEDZ:
		return decode_medz(d, r, changed);
	case CODEC_SECTION_COPY:
		return d->features & CODEC_FEATURE_MOTION ? decode_copy(d, r, changed) : -EPROTO;
	case CODEC_SECTION_SAVE:
		return d->features & CODEC_FEATURE_CACHE ? decode_save(d, r) : -EPROTO;
	case CODEC_SECTION_LOAD:
		return d->features & CODEC_FEATURE_CACHE ? decode_load(d, r, changed) : -EPROTO;
	case CODEC_SECTION_PART:
		return d->features & CODEC_FEATURE_PARTS ? decode_part(d, r, changed) : -EPROTO;
	case CODEC_SECTION_VIDEO:
		return d->overlay.bands_max > 0 ? decode_video(d, r, changed) : -EPROTO;
	case CODEC_SECTION_SETTLE:
		return d->overlay.bands_max > 0 ? decode_settle(d, r, changed) : -EPROTO;
	default:
		return -EPROTO;
	}
}

int codec_decoder_decode(
	struct codec_decoder *d, const uint8_t *slice, size_t len, struct codec_changed *changed)
{
	struct codec_changed sum = { 0 };
	struct codec_reader r;
	bool last = false;

	if (len > CODEC_SLICE_MAX_BYTES)
		return -EPROTO;
	/* Tiles saved, copies, and what is drawn over them: none covers the picture twice within a
	 * slice. */
	d->left_px = 3 * codec_tiles_count(&d->tiles) * TILE_SIDE_PX * TILE_SIDE_PX;
	codec_reader_init(&r, slice, len);
	while (!last) {
		uint8_t kind = codec_read_u8(&r);
		last = kind & CODEC_SECTION_LAST;
		size_t section_len =
			last ? codec_reader_left(&r) : codec_read_number(&r, CODEC_SLICE_MAX_BYTES);
		struct codec_reader section = codec_read_sub(&r, section_len);
		if (section.failed)
			return -EPROTO;
		int result = decode_section(d, kind & (uint8_t)~CODEC_SECTION_LAST, &section, &sum);
		if (result < 0)
			return result;
	}
	*changed = sum;
	return 0;
}

bool codec_decoder_prepare(struct codec_decoder *d)
{
	return codec_cache_store_prepare(&d->cache);
}

const uint8_t *codec_decoder_pixels(const struct codec_decoder *d)
{
	return (const uint8_t *)d->picture.pixels;
}

bool codec_decoder_inexact(const struct codec_decoder *d)
{
	return d->overlay.lossy_count > 0;
}

uint64_t codec_decoder_checksum(const struct codec_decoder *d)
{
	return codec_picture_checksum(codec_overlay_exact(&d->overlay));
}
