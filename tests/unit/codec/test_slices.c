/* The decoder against slices that no encoder made: malformed, shortened, altered; and those it has
 * to take. */
#include "common/codec/slice.h"
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_PX 200

static struct codec_decoder *new_decoder(uint32_t features)
{
	struct codec_params params = { SIDE_PX, SIDE_PX, features, 0 };
	struct codec_decoder *decoder;

	assert_int_equal(codec_decoder_create(&decoder, &params), 0);
	return decoder;
}

/* Decodes from memory of exactly this length, so that ASan sees a read past its end. */
static int decode(struct codec_decoder *d, const void *bytes, size_t len)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);
	struct codec_changed changed;

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, bytes, len);
	int r = codec_decoder_decode(d, exact, len, &changed);
	free(exact);
	return r;
}

static int decode_sink(void *user, const uint8_t *slice, size_t len)
{
	return decode(user, slice, len);
}

/* One slice by a decoder that knows everything, and is new. */
static int decode_new(const void *bytes, size_t len)
{
	struct codec_decoder *d = new_decoder(codec_features());
	int r = decode(d, bytes, len);

	codec_decoder_destroy(d);
	return r;
}

#define LAST CODEC_SECTION_LAST
#define assert_refused(...)                                                                        \
	do {                                                                                       \
		static const uint8_t bytes_[] = { __VA_ARGS__ };                                   \
		assert_int_equal(decode_new(bytes_, sizeof(bytes_)), -EPROTO);                     \
	} while (0)
#define assert_taken(...)                                                                          \
	do {                                                                                       \
		static const uint8_t bytes_[] = { __VA_ARGS__ };                                   \
		assert_int_equal(decode_new(bytes_, sizeof(bytes_)), 0);                           \
	} while (0)

static void sections(void **state)
{
	(void)state;

	assert_int_equal(decode_new("", 0), -EPROTO);
	assert_refused(0);
	assert_refused(LAST);
	assert_refused(LAST | 0x7f, 1, 2, 3);
	assert_refused(CODEC_SECTION_COPY);
	assert_refused(CODEC_SECTION_COPY, 0);
	assert_refused(CODEC_SECTION_COPY, 200, 1);
	/* A length in a longer form than needed, and one of more than 32 bits. */
	assert_refused(
		CODEC_SECTION_SAVE, 0x84, 0x00, 1, 0, 0, 0, LAST | CODEC_SECTION_SAVE, 1, 0, 0, 0);
	assert_refused(CODEC_SECTION_SAVE, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
	/* No last section. */
	assert_refused(CODEC_SECTION_SAVE, 4, 1, 0, 0, 0);
	assert_taken(CODEC_SECTION_SAVE, 4, 1, 0, 0, 0, LAST | CODEC_SECTION_SAVE, 1, 0, 0, 0);
}

static void too_large(void **state)
{
	uint8_t *bytes = calloc(CODEC_SLICE_MAX_BYTES + 1, 1);
	(void)state;

	assert_non_null(bytes);
	bytes[0] = LAST | CODEC_SECTION_CTX;
	assert_int_equal(decode_new(bytes, CODEC_SLICE_MAX_BYTES + 1), -EPROTO);
	free(bytes);
}

static void copies(void **state)
{
	(void)state;

	/* vectors, dx, dy, rectangles, y, x, width - 1, height - 1: by one to the right. */
	assert_taken(LAST | CODEC_SECTION_COPY, 1, 2, 0, 1, 0, 2, 9, 9);
	assert_refused(LAST | CODEC_SECTION_COPY, 0);
	assert_refused(LAST | CODEC_SECTION_COPY, 5, 2, 0, 1, 0, 2, 9, 9);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 2, 0, 1, 0, 2, 9);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 2, 0, 1, 0, 2, 9, 9, 0);
	/* From beyond the left, upper, right and lower border. */
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 2, 0, 1, 0, 0, 9, 9);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 0, 2, 1, 0, 0, 9, 9);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 1, 0, 1, 0, 0, 0xc7, 0x01, 0);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 0, 1, 1, 0, 0, 0, 0xc7, 0x01);
	/* To beyond them; at a negative place. */
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 2, 0, 1, 0, 2, 0xc7, 0x01, 0);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 1, 0, 1, 0, 1, 9, 9);
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 1, 0, 1, 1, 0, 9, 9);
	/* A distance that no picture has. */
	assert_refused(LAST | CODEC_SECTION_COPY, 1, 0x81, 0x80, 0x02, 0, 1, 0, 2, 9, 9);
}

static void cached(void **state)
{
	(void)state;

	/* 16 tiles; runs, tile, slot, length - 1. */
	assert_taken(LAST | CODEC_SECTION_SAVE, 1, 0, 0, 15);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 0, 0, 16);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 32, 0, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 1, 0, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 0, 1, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 0, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 0, 0, 0, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 2, 0, 0, 15, 31, 0, 0);
	/* Slot 255 is the last of 256. */
	assert_taken(LAST | CODEC_SECTION_SAVE, 1, 0, 0xfe, 0x03, 0);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 0, 0xfe, 0x03, 1);
	assert_refused(LAST | CODEC_SECTION_SAVE, 1, 0, 0x80, 0x04, 0);
	/* What was never saved; what is of another size. */
	assert_refused(LAST | CODEC_SECTION_LOAD, 1, 0, 0, 0);
	assert_refused(CODEC_SECTION_SAVE, 4, 1, 0, 0, 0, LAST | CODEC_SECTION_LOAD, 1, 30, 0, 0);
	assert_taken(CODEC_SECTION_SAVE, 4, 1, 0, 0, 0, LAST | CODEC_SECTION_LOAD, 1, 2, 0, 0);
}

/* Parts of tiles: rectangles, then for each the slot from the one after the last one's. */
static void parts(void **state)
{
	(void)state;

#define SAVED CODEC_SECTION_SAVE, 4, 1, 0, 0, 15
#define PART  LAST | CODEC_SECTION_PART
	/* y 2, x 3, 4 wide, 5 high, of slot 0; and one beside it of slot 1. */
	assert_taken(SAVED, PART, 1, 4, 6, 3, 4, 0);
	assert_taken(SAVED, PART, 2, 4, 6, 3, 4, 0, 0x7a, 3, 4, 0, 0);
	/* Out of any slot that holds a tile of that size. */
	assert_taken(SAVED, PART, 1, 4, 6, 3, 4, 10);
	assert_refused(SAVED, PART, 1, 4, 6, 3, 4, 32);
	assert_refused(PART, 1, 4, 6, 3, 4, 0);
	assert_refused(SAVED, PART, 1, 4, 6, 3, 4, 1);
	assert_refused(SAVED, PART, 1, 4, 6, 3, 4, 0x80, 0x04);
	/* Across a tile's border, to the right and down; beyond the picture. */
	assert_refused(SAVED, PART, 1, 4, 0x78, 3, 4, 0, 0, 4, 4);
	assert_refused(SAVED, PART, 1, 4, 0x78, 4, 4, 0);
	assert_refused(SAVED, PART, 1, 0x78, 6, 3, 4, 0);
	assert_refused(SAVED, PART, 1, 1, 0, 3, 4, 0);
	/* None; too short; too long. */
	assert_refused(SAVED, PART, 0);
	assert_refused(SAVED, PART, 1, 4, 6, 3, 4);
	assert_refused(SAVED, PART, 1, 4, 6, 3, 4, 0, 0);
#undef SAVED
#undef PART
}

/* What was not agreed on is refused. */
static void features(void **state)
{
	static const uint8_t copy[] = { LAST | CODEC_SECTION_COPY, 1, 2, 0, 1, 0, 2, 9, 9 };
	static const uint8_t save[] = { LAST | CODEC_SECTION_SAVE, 1, 0, 0, 0 };
	(void)state;

	struct codec_decoder *d = new_decoder(CODEC_FEATURE_CACHE);
	assert_int_equal(decode(d, save, sizeof(save)), 0);
	assert_int_equal(decode(d, copy, sizeof(copy)), -EPROTO);
	codec_decoder_destroy(d);
	d = new_decoder(CODEC_FEATURE_MOTION);
	assert_int_equal(decode(d, copy, sizeof(copy)), 0);
	assert_int_equal(decode(d, save, sizeof(save)), -EPROTO);
	codec_decoder_destroy(d);
}

/* A slice draws a few pictures' area at most, however short it is. */
static void area_is_bounded(void **state)
{
	uint8_t bytes[600];
	size_t len = 0;
	(void)state;

	while (len + 16 < sizeof(bytes)) {
		static const uint8_t section[] = { CODEC_SECTION_SAVE, 4, 1, 0, 0, 15 };
		memcpy(bytes + len, section, sizeof(section));
		len += sizeof(section);
	}
	bytes[len++] = LAST | CODEC_SECTION_SAVE;
	memcpy(bytes + len, (const uint8_t[]){ 1, 0, 0, 15 }, 4);
	assert_int_equal(decode_new(bytes, len + 4), -EPROTO);
}

static void medz(void **state)
{
	(void)state;

	/* One rectangle of 1 x 1 and a zstd frame with three raw bytes; then what is wrong with
	 * others. */
	assert_taken(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3,
		0x19, 0, 0, 1, 2, 3);
	assert_refused(
		LAST | CODEC_SECTION_MEDZ, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 1, 2, 3);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3,
		0x19, 0, 0, 1, 2);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 4,
		0x21, 0, 0, 1, 2, 3, 4);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 1, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3,
		0x19, 0, 0, 1, 2, 3);
	/* No size in the frame. */
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58,
		0x19, 0, 0, 1, 2, 3);
	/* A window of 8 MiB; and a larger one. */
	assert_taken(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x68,
		3, 0, 0, 0, 0x19, 0, 0, 1, 2, 3);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x69,
		3, 0, 0, 0, 0x19, 0, 0, 1, 2, 3);
	/* A checksum; and a wrong one. */
	assert_taken(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x24, 3,
		0x19, 0, 0, 1, 2, 3, 0xa5, 0xe5, 0x4e, 0x0c);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x24, 3,
		0x19, 0, 0, 1, 2, 4, 0xa5, 0xe5, 0x4e, 0x0c);
	/* A byte, an empty frame or a frame to be skipped after it. */
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3,
		0x19, 0, 0, 1, 2, 3, 0);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3,
		0x19, 0, 0, 1, 2, 3, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0);
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 3,
		0x19, 0, 0, 1, 2, 3, 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);
	/* Beyond the picture. */
	assert_refused(LAST | CODEC_SECTION_MEDZ, 1, 0, 0x90, 0x03, 0, 0, 0x28, 0xb5, 0x2f, 0xfd,
		0x20, 3, 0x19, 0, 0, 1, 2, 3);
}

/* All copies read what stood there before any of them. */
static void copies_read_the_old_picture(void **state)
{
	struct codec_copies *c = calloc(1, sizeof(*c));
	struct desk desk;
	(void)state;

	assert_non_null(c);
	desk_init(&desk, SIDE_PX, SIDE_PX, 11);
	for (unsigned round = 0; round < 300; round++) {
		struct codec_params params = { SIDE_PX, SIDE_PX, codec_features(), 0 };
		struct codec_decoder *d = new_decoder(codec_features());
		struct codec_encoder *e;
		struct codec_budget budget = { 0 };
		uint8_t bytes[4096] = { LAST | CODEC_SECTION_COPY };
		struct codec_writer w;
		struct codec_rect *rect = c->rects;

		/* Any picture, by way of the encoder. */
		assert_int_equal(codec_encoder_create(&e, &params), 0);
		desk_happen(&desk, DESK_SWAP);
		desk_happen(&desk, DESK_RECTANGLES);
		desk.damage[0] = (struct codec_rect){ 0, 0, SIDE_PX, SIDE_PX };
		codec_encoder_update(e, desk.pixels, desk.stride_bytes, desk.damage, 1);
		assert_int_equal(codec_encoder_encode(e, &budget, decode_sink, d), 1);
		codec_encoder_destroy(e);
		uint8_t *expected = malloc(SIDE_PX * SIDE_PX * 4),
			*old = malloc(SIDE_PX * SIDE_PX * 4);
		assert_true(expected && old);
		memcpy(old, codec_decoder_pixels(d), SIDE_PX * SIDE_PX * 4);
		memcpy(expected, old, SIDE_PX * SIDE_PX * 4);

		/* Disjoint targets, in columns or rows; sources anywhere. */
		c->vector_count = 1 + desk_random(&desk, round % 3 ? 1 : CODEC_VECTORS_MAX);
		uint32_t at = 0;
		for (size_t i = 0; i < c->vector_count; i++) {
			struct codec_vector *v = &c->vectors[i];
			v->dx = (int32_t)desk_random(&desk, 41) - 20;
			v->dy = round % 4 ? (int32_t)desk_random(&desk, 41) - 20 : 0;
			v->rect_count = 1 + desk_random(&desk, 3);
			for (size_t k = 0; k < v->rect_count; k++, at += 12) {
				uint16_t y = (uint16_t)(20 + desk_random(&desk, 50)),
					 size = (uint16_t)(1 + desk_random(&desk, 100));
				*rect++ = round & 1 ? (struct codec_rect){ (uint16_t)(20 + at), y,
					12, size }
						    : (struct codec_rect){ y, (uint16_t)(20 + at),
							      size, 12 };
			}
		}
		rect = c->rects;
		for (size_t i = 0; i < c->vector_count; i++)
			for (size_t k = 0; k < c->vectors[i].rect_count; k++, rect++)
				for (int32_t y = 0; y < rect->height_px; y++) {
					int32_t to = (rect->y_px + y) * SIDE_PX + rect->x_px;
					int32_t from =
						to - c->vectors[i].dy * SIDE_PX - c->vectors[i].dx;
					memcpy(expected + to * 4, old + from * 4,
						rect->width_px * 4U);
				}
		codec_writer_init(&w, bytes + 1, sizeof(bytes) - 1);
		codec_slice_write_copies(&w, c);
		assert_false(w.failed);
		assert_int_equal(decode(d, bytes, 1 + w.len), 0);
		assert_memory_equal(codec_decoder_pixels(d), expected, SIDE_PX * SIDE_PX * 4);
		free(old);
		free(expected);
		codec_decoder_destroy(d);
	}
	desk_finish(&desk);
	free(c);
}

/* Slices of a real session. */
struct recording {
	uint8_t *slices[256];
	size_t lens[256], count;
};

static int record(void *user, const uint8_t *slice, size_t len)
{
	struct recording *r = user;

	assert_in_range(r->count, 0, ARRAY_LEN(r->slices) - 1);
	r->slices[r->count] = malloc(len);
	assert_non_null(r->slices[r->count]);
	memcpy(r->slices[r->count], slice, len);
	r->lens[r->count++] = len;
	return 0;
}

static void record_session(struct recording *r, const enum desk_event *events, size_t count)
{
	struct codec_params params = { SIDE_PX, SIDE_PX, codec_features(), 5 };
	struct codec_budget budget = { 0 };
	struct codec_encoder *e;
	struct desk desk;

	*r = (struct recording){ 0 };
	desk_init(&desk, SIDE_PX, SIDE_PX, 3);
	assert_int_equal(codec_encoder_create(&e, &params), 0);
	for (size_t i = 0; i < count; i++) {
		desk_happen(&desk, events[i]);
		codec_encoder_update(
			e, desk.pixels, desk.stride_bytes, desk.damage, desk.damage_count);
		assert_in_range(codec_encoder_encode(e, &budget, record, r), 0, 1);
	}
	codec_encoder_destroy(e);
	desk_finish(&desk);
}

/* Plays all slices before number i as they are, then this one. */
static int play_to(const struct recording *r, size_t i, const uint8_t *slice, size_t len)
{
	struct codec_decoder *d = new_decoder(codec_features());

	for (size_t k = 0; k < i; k++)
		assert_int_equal(decode(d, r->slices[k], r->lens[k]), 0);
	int result = decode(d, slice, len);
	(void)codec_decoder_checksum(d);
	codec_decoder_destroy(d);
	return result;
}

static const enum desk_event story[] = { DESK_TEXT, DESK_TEXT, DESK_SCROLL, DESK_RECTANGLES,
	DESK_SWAP, DESK_TEXT, DESK_SWAP, DESK_PIXEL, DESK_SWAP, DESK_SCROLL };

/*
 * Shorter slices are refused, but for the pixels of CTX: any bytes are some pixels, and telling
 * apart is up to the channel's checks. Nothing is read or drawn outside then either.
 */
#define RANGE_END_BYTES 8
static void truncations(void **state)
{
	struct recording r;
	(void)state;

	record_session(&r, story, ARRAY_LEN(story));
	for (size_t i = 0; i < r.count; i++) {
		size_t step = 1 + r.lens[i] / 60;
		for (size_t len = 0; len < r.lens[i]; len += step) {
			int result = play_to(&r, i, r.slices[i], len);
			assert_true(result == -EPROTO || (result == 0 && len > 0));
		}
		/* More bytes than the range coder looks ahead. */
		uint8_t *longer = calloc(r.lens[i] + RANGE_END_BYTES + 1, 1);
		assert_non_null(longer);
		memcpy(longer, r.slices[i], r.lens[i]);
		assert_int_equal(play_to(&r, i, longer, r.lens[i] + RANGE_END_BYTES + 1), -EPROTO);
		free(longer);
	}
	for (size_t i = 0; i < r.count; i++)
		free(r.slices[i]);
}

static void flips(void **state)
{
	struct recording r;
	(void)state;

	record_session(&r, story, ARRAY_LEN(story));
	for (size_t i = 0; i < r.count; i++)
		for (size_t at = 0; at < r.lens[i]; at += 1 + r.lens[i] / 60) {
			uint8_t saved = r.slices[i][at];
			r.slices[i][at] ^= (uint8_t)(1U << (at % 8));
			int result = play_to(&r, i, r.slices[i], r.lens[i]);
			assert_true(result == 0 || result == -EPROTO);
			r.slices[i][at] = saved;
		}
	for (size_t i = 0; i < r.count; i++)
		free(r.slices[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),
		cmocka_unit_test(too_large),
		cmocka_unit_test(copies),
		cmocka_unit_test(cached),
		cmocka_unit_test(parts),
		cmocka_unit_test(features),
		cmocka_unit_test(area_is_bounded),
		cmocka_unit_test(medz),
		cmocka_unit_test(copies_read_the_old_picture),
		cmocka_unit_test(truncations),
		cmocka_unit_test(flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
