/* The sections of a frame, one kind after the other (slice.h). */
#include "common/codec/encoder_state.h"

#include "common/codec/rect.h"

#include <errno.h>

/* A slice is sent when it has so many bytes, 4 ms of a 100 Mbit/s link, so that a large frame
 * flows. */
#define SLICE_BYTES (48U * 1024)

/* Or when it took so long: the client decodes meanwhile. */
#define SLICE_NS 400000

/* A section that makes the client move so many pixels is sent before the rest is coded: both ends
 * then work at once. */
#define SLICE_MOVED_PX (256U * 256)

/* Room for a CTX section: it may take one rectangle more when it is just short of being sent. */
#define CTX_SECTION_BYTES (SLICE_BYTES + CODEC_CTX_RECT_MAX_BYTES + CODEC_CTX_END_MAX_BYTES)

/* Rectangles in a MEDZ section: 256 of the smallest patches that MEDZ gets fill one. */
#define MEDZ_RECTS 256

/*
 * Bits a second of video for each of its pixels: for a link to which they are little (a picture is
 * under way for 2 ms at 30 a second), and for others; and the part of such a link that film may
 * have, in 1/16. Most film needs less and stays at the codec's best quantiser.
 */
#define VIDEO_BITS_PER_PX      11
#define VIDEO_LINK_LITTLE      16
#define VIDEO_BITS_PER_PX_SLOW 5.5
#define VIDEO_LINK_PART        11

/* A coded picture of the largest region at the highest rate stays below this; a larger one is an
 * error. */
#define VIDEO_MAX_BYTES (CODEC_SLICE_MAX_BYTES - 1024)

/* more_bytes: in a section that is still open. */
static bool within_budget(
	const struct codec_encoder *e, const struct codec_budget *budget, size_t more_bytes)
{
	uint64_t bytes = e->output->frame_bytes + codec_output_waiting(e->output) + more_bytes;

	return budget->bytes_max == 0 || bytes < budget->bytes_max;
}

/* CTX: a section of as many rectangles as fit a slice. */

struct ctx_section {
	bool is_open;
	uint64_t spent_ns; /* estimate */
	struct codec_writer writer;
};

static int open_ctx(struct codec_encoder *e, struct ctx_section *s)
{
	if (s->is_open)
		return 0;
	int r = codec_output_open(e->output, CTX_SECTION_BYTES, &s->writer);
	if (r < 0)
		return r;
	codec_ctx_encode_begin(e->ctx, s->writer.bytes, s->writer.capacity);
	s->is_open = true;
	s->spent_ns = 0;
	return 0;
}

static int close_ctx(struct codec_encoder *e, struct ctx_section *s)
{
	if (!s->is_open)
		return 0;
	s->is_open = false;
	s->writer.len = codec_ctx_encode_end(e->ctx);
	e->stats.bytes_ctx += s->writer.len;
	codec_output_close(e->output, CODEC_SECTION_CTX, &s->writer);
	bool is_due = s->writer.len >= SLICE_BYTES || s->spent_ns >= SLICE_NS;
	return is_due ? codec_output_flush(e->output) : 0;
}

/* A patch in parts that CTX takes at once. */
static int encode_ctx_patch(struct codec_encoder *e, struct ctx_section *s, struct codec_rect patch)
{
	uint32_t width_max_px = CODEC_CTX_RECT_MAX_PX / patch.height_px;

	for (uint32_t x = 0; x < patch.width_px; x += width_max_px) {
		struct codec_rect part = patch;
		part.x_px = (uint16_t)(patch.x_px + x);
		part.width_px = (uint16_t)MIN(patch.width_px - x, width_max_px);
		int r = open_ctx(e, s);
		if (r < 0)
			return r;
		codec_ctx_encode_rect(e->ctx, &e->captured, &e->shown, part);
		r = codec_ctx_encode_len(e->ctx) >= SLICE_BYTES ? close_ctx(e, s) : 0;
		if (r < 0)
			return r;
	}
	e->stats.pixels_ctx += codec_rect_area(patch);
	return 0;
}

static bool ctx_within_budget(const struct codec_encoder *e, const struct codec_budget *budget,
	const struct ctx_section *s)
{
	return within_budget(e, budget, s->is_open ? codec_ctx_encode_len(e->ctx) : 0);
}

int codec_sections_ctx(struct codec_encoder *e, const struct codec_budget *budget)
{
	struct ctx_section section = { 0 };

	for (size_t i = 0; i < e->patch_count && ctx_within_budget(e, budget, &section); i++) {
		if (e->patches[i].coder != CODEC_CODER_CTX)
			continue;
		int r = encode_ctx_patch(e, &section, e->patches[i].rect);
		if (r < 0)
			return r;
		e->patches[i].is_coded = true;
		section.spent_ns += codec_plan_ctx_ns(&e->patches[i]);
		r = section.spent_ns >= SLICE_NS ? close_ctx(e, &section) : 0;
		if (r < 0)
			return r;
	}
	return close_ctx(e, &section);
}

/* After a section that makes the client move so much about. */
static int flush_moved(struct codec_encoder *e, uint64_t area_px)
{
	return area_px >= SLICE_MOVED_PX ? codec_output_flush(e->output) : 0;
}

/* Copies: what has moved, in one section. */
int codec_sections_copies(struct codec_encoder *e, uint64_t area_px)
{
	const struct codec_rect *rect = e->copies.rects;
	struct codec_writer w;

	if (area_px == 0)
		return 0;
	int r = codec_output_open(e->output, CODEC_SLICE_COPIES_MAX_BYTES, &w);
	if (r < 0)
		return r;
	codec_slice_write_copies(&w, &e->copies);
	codec_output_close(e->output, CODEC_SECTION_COPY, &w);
	e->stats.pixels_copied += area_px;
	e->stats.bytes_copy += w.len;
	r = flush_moved(e, area_px);

	/* Each was compared: the client will have there what was captured. */
	for (size_t i = 0; i < e->copies.vector_count; i++)
		for (size_t k = 0; k < e->copies.vectors[i].rect_count; k++)
			codec_picture_copy(&e->shown, &e->captured, *rect++);
	return r;
}

static int encode_cached(struct codec_encoder *e, enum codec_section kind,
	const struct codec_cached *list, size_t count)
{
	struct codec_writer w;

	if (count == 0)
		return 0;
	int r = codec_output_open(e->output, CODEC_SLICE_CACHED_MAX_BYTES(count), &w);
	if (r < 0)
		return r;
	codec_slice_write_cached(&w, list, count);
	codec_output_close(e->output, kind, &w);
	e->stats.bytes_cache += w.len;
	return 0;
}

int codec_sections_save(struct codec_encoder *e)
{
	size_t area_px = e->reuse->save_count * (size_t)TILE_SIDE_PX * TILE_SIDE_PX;
	int r = encode_cached(e, CODEC_SECTION_SAVE, e->reuse->save, e->reuse->save_count);

	return r < 0 ? r : flush_moved(e, area_px);
}

int codec_sections_load(struct codec_encoder *e)
{
	int r = encode_cached(e, CODEC_SECTION_LOAD, e->reuse->load, e->reuse->load_count);

	for (size_t i = 0; r == 0 && i < e->reuse->load_count; i++) {
		struct codec_rect tile = codec_tiles_nth(&e->tiles, e->reuse->load[i].tile);
		codec_picture_copy(&e->shown, &e->captured, tile);
		codec_tiles_mark(&e->tiles, tile, false);
		e->stats.pixels_cached += codec_rect_area(tile);
	}
	return r;
}

int codec_sections_parts(struct codec_encoder *e)
{
	const struct codec_uncover *u = &e->reuse->uncover;
	struct codec_writer w;

	if (u->count == 0)
		return 0;
	int r = codec_output_open(e->output, CODEC_SLICE_PARTS_MAX_BYTES(u->count), &w);
	if (r < 0)
		return r;
	codec_slice_write_parts(&w, u->parts, u->count);
	codec_output_close(e->output, CODEC_SECTION_PART, &w);
	e->stats.bytes_cache += w.len;
	for (size_t i = 0; i < u->count; i++) {
		codec_picture_copy(&e->shown, &e->captured, u->parts[i].rect);
		e->stats.pixels_cached += codec_rect_area(u->parts[i].rect);
	}
	return 0;
}

int codec_sections_settle(struct codec_encoder *e)
{
	size_t count = codec_region_settle(&e->region, &e->tiles, e->settled);

	return encode_cached(e, CODEC_SECTION_SETTLE, e->settled, count);
}

/* Bits a second for film in the region. */
static uint32_t film_bits_per_s(const struct codec_encoder *e, const struct codec_budget *budget)
{
	double area_px = codec_rect_area(e->region.rect);
	double link_bits_per_s = budget->link_bytes_per_ms * 8000.0;
	double best = area_px * VIDEO_BITS_PER_PX;

	if (budget->link_bytes_per_ms == 0 || best * VIDEO_LINK_LITTLE <= link_bits_per_s)
		return (uint32_t)best;
	return (uint32_t)MIN(
		area_px * VIDEO_BITS_PER_PX_SLOW, link_bits_per_s * VIDEO_LINK_PART / 16);
}

/* A coded picture of a band; start: of a new stream. 1, 0 when the codec has failed, or the sink's
 * error. */
static int send_band(struct codec_encoder *e, unsigned band, bool start, uint32_t bits_per_s)
{
	struct codec_rect rect = codec_film_band(&e->film, band);
	struct codec_writer w;

	int r = codec_output_open(e->output, VIDEO_MAX_BYTES, &w);
	if (r < 0)
		return r;
	codec_slice_write_rects(&w, &rect, 1);
	codec_write_u8(&w, (uint8_t)((band << 1) | start));
	int len = codec_film_encode(
		&e->film, band, &e->captured, bits_per_s, w.bytes + w.len, w.capacity - w.len);
	if (len == 0 && !start)
		return 1; /* left out */
	if (len <= 0)
		return 0;
	w.len += (size_t)len;
	codec_output_close(e->output, CODEC_SECTION_VIDEO, &w);
	e->stats.pixels_video += codec_rect_area(rect);
	e->stats.bytes_video += w.len;
	/* The last one may end the frame with what comes after it. */
	if (band + 1 < e->film.count)
		r = codec_output_flush(e->output);
	return r < 0 ? r : 1;
}

int codec_sections_video(struct codec_encoder *e, const struct codec_budget *budget)
{
	bool start;
	unsigned count = codec_film_begin(&e->film, e->region.rect, &start);
	uint32_t bits_per_s = film_bits_per_s(e, budget);
	int r = count > 0;

	for (unsigned band = 0; band < count && r > 0; band++)
		r = send_band(e, band, start, bits_per_s);
	if (r > 0)
		codec_region_sent(&e->region, &e->tiles);
	return r;
}

/* MEDZ: a section and a slice of as many patches as it takes, or as the frame has room for. */

static int send_medz(
	struct codec_encoder *e, const struct codec_rect *rects, size_t count, bool repeats)
{
	struct codec_writer w;

	if (count == 0)
		return 0;
	int r = codec_output_open(
		e->output, CODEC_SLICE_RECTS_MAX_BYTES(count) + codec_medz_bound(), &w);
	if (r < 0)
		return r;
	codec_slice_write_rects(&w, rects, count);
	int len = codec_medz_encode(
		e->medz, &e->captured, rects, count, repeats, w.bytes + w.len, w.capacity - w.len);
	if (len < 0)
		return len;
	w.len += (size_t)len;
	codec_output_close(e->output, CODEC_SECTION_MEDZ, &w);

	for (size_t i = 0; i < count; i++) {
		codec_picture_copy(&e->shown, &e->captured, rects[i]);
		e->stats.pixels_medz += codec_rect_area(rects[i]);
	}
	e->stats.bytes_medz += w.len;
	return codec_output_flush(e->output);
}

/* Photographs, or what CTX had no time for. */
static int encode_medz(struct codec_encoder *e, const struct codec_budget *budget, bool repeats)
{
	struct codec_rect rects[MEDZ_RECTS];
	size_t gathered = 0, area_px = 0;

	for (size_t i = 0;
		i < e->patch_count && within_budget(e, budget, area_px * CODEC_PATCH_BYTES_PER_PX);
		i++) {
		struct codec_patch *p = &e->patches[i];
		uint32_t patch_px = codec_rect_area(p->rect);
		if (p->coder != CODEC_CODER_MEDZ ||
			(p->hard_share < CODEC_REPEATS_SHARE) != repeats)
			continue;
		if (area_px + patch_px > CODEC_MEDZ_MAX_PX || gathered == MEDZ_RECTS) {
			int r = send_medz(e, rects, gathered, repeats);
			if (r < 0)
				return r;
			gathered = area_px = 0;
		}
		p->is_coded = true;
		rects[gathered++] = p->rect;
		area_px += patch_px;
	}
	return send_medz(e, rects, gathered, repeats);
}

int codec_sections_medz(struct codec_encoder *e, const struct codec_budget *budget)
{
	int r = encode_medz(e, budget, true);

	return r < 0 ? r : encode_medz(e, budget, false);
}
