/* Encoder against decoder, without video (test_video.c): whatever happens on the desk, both ends
 * have the same picture after each frame. */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct codec_budget unlimited = { 0 };

struct ends {
	struct codec_encoder *encoder;
	struct codec_decoder *decoder;
	uint8_t *mirror; /* what somebody knows who copies only what the decoder says has changed */
	size_t width_px;
	size_t frame_bytes;
	size_t slices;
	size_t largest;
};

static void ends_init(struct ends *e, uint32_t width_px, uint32_t height_px)
{
	struct codec_params params = { (uint16_t)width_px, (uint16_t)height_px,
		codec_features() & ~(uint32_t)CODEC_FEATURE_VIDEO, 0x5eed };

	*e = (struct ends){ .width_px = width_px };
	assert_int_equal(codec_encoder_create(&e->encoder, &params), 0);
	assert_int_equal(codec_decoder_create(&e->decoder, &params), 0);
	e->mirror = calloc((size_t)width_px * height_px, 4);
	assert_non_null(e->mirror);
}

static void ends_finish(struct ends *e)
{
	codec_encoder_destroy(e->encoder);
	codec_decoder_destroy(e->decoder);
	free(e->mirror);
}

static int take_slice(void *user, const uint8_t *bytes, size_t len)
{
	struct ends *e = user;
	struct codec_changed changed;
	uint8_t *exact = malloc(len); /* heap, so that ASan sees a read past its end */

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	assert_in_range(len, 1, CODEC_SLICE_MAX_BYTES);
	assert_int_equal(codec_decoder_decode(e->decoder, exact, len, &changed), 0);
	free(exact);

	const uint8_t *pixels = codec_decoder_pixels(e->decoder);
	assert_in_range(changed.count, 0, CODEC_RECTS_MAX);
	for (size_t i = 0; i < changed.count; i++)
		for (size_t y = changed.rects[i].y_px;
			y < (size_t)changed.rects[i].y_px + changed.rects[i].height_px; y++) {
			size_t at = (y * e->width_px + changed.rects[i].x_px) * 4;
			memcpy(e->mirror + at, pixels + at, (size_t)changed.rects[i].width_px * 4);
		}
	e->frame_bytes += len;
	e->slices++;
	e->largest = MAX(e->largest, len);
	return 0;
}

static int encode(struct ends *e, const struct codec_budget *budget)
{
	e->frame_bytes = 0;
	return codec_encoder_encode(e->encoder, budget, take_slice, e);
}

static void update(struct ends *e, const struct desk *d)
{
	codec_encoder_update(e->encoder, d->pixels, d->stride_bytes, d->damage, d->damage_count);
}

static void assert_settled(const struct ends *e, const struct desk *d)
{
	const uint8_t *pixels = codec_decoder_pixels(e->decoder);

	assert_true(desk_equals(d, pixels));
	assert_memory_equal(pixels, e->mirror, (size_t)d->width_px * d->height_px * 4);
	assert_true(codec_encoder_checksum(e->encoder) == codec_decoder_checksum(e->decoder));
	assert_false(codec_encoder_pending(e->encoder));
	assert_false(codec_encoder_inexact(e->encoder));
	assert_false(codec_decoder_inexact(e->decoder));
}

static void play(uint32_t width_px, uint32_t height_px, unsigned frames, uint64_t seed,
	const struct codec_budget *budget)
{
	struct desk desk;
	struct ends ends;

	desk_init(&desk, width_px, height_px, seed);
	ends_init(&ends, width_px, height_px);
	for (unsigned i = 0; i < frames; i++) {
		/* Some frames show several events. */
		do {
			desk_happen(&desk, desk_random(&desk, DESK_EVENTS));
			update(&ends, &desk);
		} while (desk_random(&desk, 4) == 0);
		assert_in_range(encode(&ends, budget), 0, 1);
		assert_true(codec_encoder_checksum(ends.encoder) ==
			    codec_decoder_checksum(ends.decoder));
		if (!budget->bytes_max)
			assert_settled(&ends, &desk);
		/* Idle time, more of it at one end. */
		if (desk_random(&desk, 3) == 0)
			(void)codec_encoder_prepare(ends.encoder);
		(void)codec_decoder_prepare(ends.decoder);
	}
	for (unsigned i = 0; codec_encoder_pending(ends.encoder); i++) {
		assert_in_range(i, 0, 10000);
		assert_in_range(encode(&ends, budget), 0, 1);
	}
	assert_settled(&ends, &desk);
	ends_finish(&ends);
	desk_finish(&desk);
}

static void odd_sizes(void **state)
{
	static const struct {
		uint32_t width_px, height_px;
	} sizes[] = { { 1, 1 }, { 1, 70 }, { 70, 1 }, { 2, 2 }, { 17, 13 }, { 63, 65 }, { 64, 64 },
		{ 127, 129 }, { 333, 222 }, { 641, 479 }, { 2, 16384 }, { 16384, 2 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		play(sizes[i].width_px, sizes[i].height_px, 60, i, &unlimited);
}

static void full_size(void **state)
{
	(void)state;
	play(1920, 1080, 40, 99, &unlimited);
}

static void long_session(void **state)
{
	(void)state;
	play(400, 300, 600, 7, &unlimited);
}

/* The decoder gets nothing ready for a cache that nobody uses; preparation comes to an end; and the
 * pictures after it are right: what was kept ahead and then covered, changed in part, or both. */
static void preparing(void **state)
{
	struct desk desk;
	struct ends ends;

	(void)state;
	desk_init(&desk, 1280, 800, 3);
	ends_init(&ends, 1280, 800);
	assert_false(codec_decoder_prepare(ends.decoder));
	for (int i = 0; i < 8; i++) {
		desk_happen(&desk, DESK_SWAP);
		update(&ends, &desk);
		assert_in_range(encode(&ends, &unlimited), 0, 1);
	}
	assert_true(codec_encoder_prepare(ends.encoder));
	assert_true(codec_decoder_prepare(ends.decoder));
	for (int i = 0; i < 60; i++) {
		unsigned steps = 0;
		desk_happen(&desk, i % 3 ? DESK_SWAP : (enum desk_event)(i % DESK_EVENTS));
		update(&ends, &desk);
		assert_in_range(encode(&ends, &unlimited), 0, 1);
		if (!codec_encoder_pending(ends.encoder))
			assert_settled(&ends, &desk);
		if (i % 4 == 3) /* now and then in the middle of it */
			(void)codec_encoder_prepare(ends.encoder);
		else
			while (codec_encoder_prepare(ends.encoder) ||
				codec_decoder_prepare(ends.decoder))
				assert_in_range(++steps, 1, 1000);
	}
	ends_finish(&ends);
	desk_finish(&desk);
}

static void every_budget(void **state)
{
	static const struct codec_budget budgets[] = {
		{ .bytes_max = 1 },
		{ .bytes_max = 5000 },
		{ .link_bytes_per_ms = 10 },
		{ .link_bytes_per_ms = 600, .bytes_max = 6000 },
		{ .link_bytes_per_ms = 2500, .time_us = 100 },
		{ .link_bytes_per_ms = 125000, .time_us = 1 },
		{ .time_us = 1000000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(budgets); i++)
		play(700, 500, 60, 100 + i, &budgets[i]);
}

/* A photograph takes several frames, none of them much larger than it may be. */
static void frames_keep_to_their_bytes(void **state)
{
	static const struct codec_budget narrow = { .link_bytes_per_ms = 600, .bytes_max = 20000 };
	struct desk desk;
	struct ends ends;
	unsigned frames = 0;

	(void)state;
	desk_init(&desk, 1024, 512, 5);
	ends_init(&ends, 1024, 512);
	desk_happen(&desk, DESK_SWAP);
	update(&ends, &desk);
	for (; codec_encoder_pending(ends.encoder); frames++) {
		assert_in_range(frames, 0, 1000);
		assert_int_equal(encode(&ends, &narrow), 1);
		assert_in_range(ends.frame_bytes, 1, narrow.bytes_max * 3 / 2);
	}
	assert_in_range(frames, 10, 1000);
	assert_settled(&ends, &desk);
	ends_finish(&ends);
	desk_finish(&desk);
}

static void nothing_pending(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	desk_init(&desk, 100, 100, 1);
	ends_init(&ends, 100, 100);
	assert_false(codec_encoder_pending(ends.encoder));
	assert_int_equal(encode(&ends, &unlimited), 0);

	/* Damage without a change; a change that was undone before it was sent. */
	desk_happen(&desk, DESK_NOTHING);
	update(&ends, &desk);
	assert_false(codec_encoder_pending(ends.encoder));
	desk.pixels[0] = 1;
	update(&ends, &desk);
	assert_true(codec_encoder_pending(ends.encoder));
	desk.pixels[0] = 0;
	update(&ends, &desk);
	assert_int_equal(encode(&ends, &unlimited), 0);
	assert_int_equal(ends.slices, 0);
	assert_settled(&ends, &desk);
	ends_finish(&ends);
	desk_finish(&desk);
}

/* Rectangles are clipped: what lies outside is not touched, not even looked at. */
static void damage_outside(void **state)
{
	static const struct codec_rect rects[] = { { 0, 0, 0, 0 }, { 65535, 65535, 65535, 65535 },
		{ 99, 99, 65535, 65535 }, { 100, 0, 5, 5 }, { 0, 100, 5, 5 }, { 5, 5, 0, 7 },
		{ 5, 5, 7, 0 } };
	struct desk desk;
	struct ends ends;
	(void)state;

	desk_init(&desk, 100, 100, 1);
	ends_init(&ends, 100, 100);
	memset(desk.pixels, 0x77, desk.stride_bytes * 100);
	codec_encoder_update(ends.encoder, desk.pixels, desk.stride_bytes, rects, ARRAY_LEN(rects));
	assert_int_equal(encode(&ends, &unlimited), 1);
	assert_int_equal(codec_decoder_pixels(ends.decoder)[(99 * 100 + 99) * 4], 0x77);
	assert_int_equal(codec_decoder_pixels(ends.decoder)[(99 * 100 + 98) * 4], 0);
	assert_int_equal(codec_decoder_pixels(ends.decoder)[(98 * 100 + 99) * 4], 0);
	ends_finish(&ends);
	desk_finish(&desk);
}

/* A large frame leaves in parts, so that encoding, sending and decoding overlap. */
static void large_frames_are_sliced(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	desk_init(&desk, 1920, 1080, 5);
	ends_init(&ends, 1920, 1080);
	for (size_t i = 0; i < desk.stride_bytes * 1080; i++)
		desk.pixels[i] = (uint8_t)desk_random(&desk, 256);
	desk_happen(&desk, DESK_NOTHING);
	update(&ends, &desk);
	assert_int_equal(encode(&ends, &unlimited), 1);
	assert_in_range(ends.slices, 5, 64);
	assert_in_range(ends.frame_bytes, 1920 * 1080 * 3, 1920 * 1080 * 3 + 100000);
	assert_settled(&ends, &desk);

	struct codec_stats stats;
	codec_encoder_stats(ends.encoder, &stats);
	assert_int_equal(stats.frames, 1);
	assert_int_equal(stats.slices, ends.slices);
	assert_int_equal(stats.pixels_compared, 1920 * 1080);
	ends_finish(&ends);
	desk_finish(&desk);
}

/* Shows a pane of one colour on a copy of the ground; all of the picture is said to be damaged. */
static void show_pane(struct ends *e, struct desk *d, const uint8_t *ground, struct codec_rect pane)
{
	memcpy(d->pixels, ground, d->stride_bytes * d->height_px);
	for (uint32_t y = pane.y_px; y < (uint32_t)pane.y_px + pane.height_px; y++)
		memset(d->pixels + y * d->stride_bytes + (size_t)pane.x_px * 4, 0x55,
			(size_t)pane.width_px * 4);
	d->damage[0] = (struct codec_rect){ 0, 0, (uint16_t)d->width_px, (uint16_t)d->height_px };
	d->damage_count = 1;
	update(e, d);
	assert_in_range(encode(e, &unlimited), 0, 1);
	assert_settled(e, d);
}

/* What a window uncovers was there before: noise comes back for next to nothing, strip by strip. */
static void uncovered_strips_are_not_sent_again(void **state)
{
	const size_t step_px = 9, steps = 30, strip_bytes = 240 * step_px * 3;
	struct codec_rect pane = { 0, 50, 300, 240 };
	struct desk desk;
	struct ends ends;
	(void)state;

	desk_init(&desk, 640, 480, 5);
	ends_init(&ends, 640, 480);
	const size_t size = desk.stride_bytes * 480;
	uint8_t *ground = malloc(size);
	assert_non_null(ground);
	for (size_t i = 0; i < size; i++)
		ground[i] = (uint8_t)desk_random(&desk, 256);
	/* The ground comes to rest while something else goes on in a corner. */
	show_pane(&ends, &desk, ground, (struct codec_rect){ 0 });
	for (uint16_t i = 1; i < 20; i++)
		show_pane(&ends, &desk, ground, (struct codec_rect){ 600, 460, i, 3 });
	size_t covering = 0, uncovering = 0;
	for (size_t i = 0; i < steps; i++, pane.x_px = (uint16_t)(pane.x_px + step_px)) {
		show_pane(&ends, &desk, ground, pane);
		if (i == 0)
			covering = ends.frame_bytes;
		else
			uncovering += ends.frame_bytes;
	}
	assert_in_range(covering, 1, 1000);
	assert_in_range(uncovering / (steps - 1), 1, strip_bytes / 10);
	free(ground);
	ends_finish(&ends);
	desk_finish(&desk);
}

static int refuse(void *user, const uint8_t *bytes, size_t len)
{
	(void)user, (void)bytes, (void)len;
	return -EPIPE;
}

static void sink_error_is_handed_on(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	desk_init(&desk, 100, 100, 1);
	ends_init(&ends, 100, 100);
	desk.pixels[0] = 1;
	desk_happen(&desk, DESK_NOTHING);
	update(&ends, &desk);
	assert_int_equal(codec_encoder_encode(ends.encoder, &unlimited, refuse, NULL), -EPIPE);
	ends_finish(&ends);
	desk_finish(&desk);
}

static void sizes_are_checked(void **state)
{
	static const struct codec_params bad[] = { { 0, 1, 0, 0 }, { 1, 0, 0, 0 },
		{ 16385, 1, 0, 0 }, { 1, 16385, 0, 0 }, { 16384, 4097, 0, 0 },
		{ 65535, 65535, 0, 0 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct codec_encoder *encoder;
		struct codec_decoder *decoder;
		assert_int_equal(codec_encoder_create(&encoder, &bad[i]), -EINVAL);
		assert_int_equal(codec_decoder_create(&decoder, &bad[i]), -EINVAL);
	}
	codec_encoder_destroy(NULL);
	codec_decoder_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_sizes),
		cmocka_unit_test(full_size),
		cmocka_unit_test(long_session),
		cmocka_unit_test(preparing),
		cmocka_unit_test(every_budget),
		cmocka_unit_test(frames_keep_to_their_bytes),
		cmocka_unit_test(nothing_pending),
		cmocka_unit_test(damage_outside),
		cmocka_unit_test(large_frames_are_sliced),
		cmocka_unit_test(uncovered_strips_are_not_sent_again),
		cmocka_unit_test(sink_error_is_handed_on),
		cmocka_unit_test(sizes_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
