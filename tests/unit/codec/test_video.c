/* Film: a region goes by the video codec, all beside it stays exact, and once it stops all is exact
 * again. */
#include "common/codec/h264.h"
#include "common/codec/video.h"
#include "desk.h"
#include "test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_PX  500
#define HEIGHT_PX 800

/* Frames after which film has to be known for what it is. */
#define FRAMES 30

/* Mean square of the error of film with hard edges, which the large one has. */
#define LARGE_ERROR 80

/* Between two of them. */
#define FRAME_MS 10

/* Longer than film may pause. */
#define PAUSE_MS 150

/* Longer than between two pictures of what is taken for film. */
#define PAGE_MS 150

static const struct codec_budget unlimited = { 0 };
static const struct codec_budget slow = { .bytes_max = 16000, .link_bytes_per_ms = 200 };
static struct codec_rect screen;                                     /* where the film plays */
static const struct codec_rect small_screen = { 101, 71, 257, 163 }; /* odd on purpose */
static const struct codec_rect large_screen = { 19, 31, 461, 703 };  /* several bands */

struct ends {
	struct codec_encoder *encoder;
	struct codec_decoder *decoder;
	uint8_t *mirror;
	uint64_t bytes;
	struct codec_decoder *older; /* has to refuse what the agreed features leave out, or NULL */
	bool refused;
};

static int take_slice(void *user, const uint8_t *bytes, size_t len)
{
	struct ends *e = user;
	struct codec_changed changed;

	if (e->older && !e->refused)
		e->refused = codec_decoder_decode(e->older, bytes, len, &changed) == -EPROTO;
	assert_int_equal(codec_decoder_decode(e->decoder, bytes, len, &changed), 0);
	for (size_t i = 0; i < changed.count; i++)
		for (size_t y = 0; y < changed.rects[i].height_px; y++) {
			size_t at =
				((changed.rects[i].y_px + y) * WIDTH_PX + changed.rects[i].x_px) *
				4;
			memcpy(e->mirror + at, codec_decoder_pixels(e->decoder) + at,
				(size_t)changed.rects[i].width_px * 4);
		}
	e->bytes += len;
	return 0;
}

static bool has_video(void)
{
	return codec_video_choose(UINT32_MAX) != &codec_video_none;
}

/* Skips the test where there is no video. without: features that the ends have not agreed on. */
static void begin_without(struct ends *e, struct desk *d, uint32_t without)
{
	if (!has_video())
		skip();
	struct codec_params params = { WIDTH_PX, HEIGHT_PX, codec_features() & ~without, 9 };

	screen = small_screen;
	*e = (struct ends){ .mirror = calloc(WIDTH_PX * HEIGHT_PX, 4) };
	assert_non_null(e->mirror);
	assert_int_equal(codec_encoder_create(&e->encoder, &params), 0);
	assert_int_equal(codec_decoder_create(&e->decoder, &params), 0);
	desk_init(d, WIDTH_PX, HEIGHT_PX, 21);
	for (unsigned i = 0; i < 8; i++)
		desk_happen(d, DESK_TEXT);
	desk_happen(d, DESK_NOTHING);
}

static void begin(struct ends *e, struct desk *d)
{
	begin_without(e, d, 0);
}

static void end(struct ends *e, struct desk *d)
{
	codec_decoder_destroy(e->older);
	codec_encoder_destroy(e->encoder);
	codec_decoder_destroy(e->decoder);
	free(e->mirror);
	desk_finish(d);
}

static void encode(struct ends *e, const struct desk *d, const struct codec_budget *budget)
{
	test_clock_ms += FRAME_MS;
	codec_encoder_update(e->encoder, d->pixels, d->stride_bytes, d->damage, d->damage_count);
	assert_in_range(codec_encoder_encode(e->encoder, budget, take_slice, e), 0, 1);
	assert_true(codec_encoder_checksum(e->encoder) == codec_decoder_checksum(e->decoder));
	assert_true(codec_encoder_inexact(e->encoder) == codec_decoder_inexact(e->decoder));
	assert_memory_equal(e->mirror, codec_decoder_pixels(e->decoder), WIDTH_PX * HEIGHT_PX * 4);
}

/* A picture of the film: waves with a little grain that wander. */
static void film(struct desk *d, unsigned frame)
{
	for (uint32_t y = 0; y < screen.height_px; y++)
		for (uint32_t x = 0; x < screen.width_px; x++) {
			uint8_t *pixel = d->pixels + (screen.y_px + y) * d->stride_bytes +
					 (screen.x_px + x) * 4;
			uint32_t grain = desk_random(d, 3);
			pixel[0] = (uint8_t)((x + frame * 2) / 2 + grain);
			pixel[1] = (uint8_t)((x + y + frame) / 3 + grain);
			pixel[2] = (uint8_t)((y + frame * 3) / 2 + grain);
		}
	d->damage[0] = screen;
	d->damage_count = 1;
}

/* The same after a pause in which it could not be film. */
static void page(struct ends *e, struct desk *d, unsigned frame, const struct codec_budget *budget)
{
	test_clock_ms += PAGE_MS;
	film(d, frame);
	encode(e, d, budget);
}

static bool equals_outside(const struct ends *e, const struct desk *d)
{
	for (uint32_t y = 0; y < HEIGHT_PX; y++)
		for (uint32_t x = 0; x < WIDTH_PX; x++) {
			/* The region has even sides. */
			bool inside =
				x + 2 > screen.x_px && x < screen.x_px + screen.width_px + 2U &&
				y + 2 > screen.y_px && y < screen.y_px + screen.height_px + 2U;
			const uint8_t *far =
				codec_decoder_pixels(e->decoder) + (y * WIDTH_PX + x) * 4;
			if (!inside && memcmp(far, d->pixels + y * d->stride_bytes + x * 4, 3) != 0)
				return false;
		}
	return true;
}

/* Mean square of the error in the film's pixels. */
static double error_inside(const struct ends *e, const struct desk *d)
{
	double sum = 0;

	for (uint32_t y = screen.y_px; y < screen.y_px + (uint32_t)screen.height_px; y++)
		for (uint32_t x = screen.x_px; x < screen.x_px + (uint32_t)screen.width_px; x++)
			for (uint32_t c = 0; c < 3; c++) {
				int difference = codec_decoder_pixels(
							 e->decoder)[(y * WIDTH_PX + x) * 4 + c] -
						 d->pixels[y * d->stride_bytes + x * 4 + c];
				sum += difference * difference;
			}
	return sum / 3 / screen.width_px / screen.height_px;
}

static void play(struct ends *e, struct desk *d, const struct codec_budget *budget)
{
	encode(e, d, &unlimited);
	for (unsigned i = 0; i < FRAMES; i++) {
		film(d, i);
		encode(e, d, budget);
		assert_true(equals_outside(e, d));
	}
}

static void rest(struct ends *e, struct desk *d, const struct codec_budget *budget)
{
	test_clock_ms += PAUSE_MS;
	d->damage_count = 0;
	for (unsigned i = 0; codec_encoder_inexact(e->encoder) || codec_encoder_pending(e->encoder);
		i++) {
		assert_in_range(i, 0, 1000);
		encode(e, d, budget);
	}
	assert_true(desk_equals(d, codec_decoder_pixels(e->decoder)));
}

static void film_is_video_and_then_exact(void **state)
{
	struct desk desk;
	struct ends ends;
	struct codec_stats stats;
	(void)state;

	begin(&ends, &desk);
	play(&ends, &desk, &unlimited);
	assert_true(codec_encoder_inexact(ends.encoder));
	codec_encoder_stats(ends.encoder, &stats);
	assert_in_range(stats.pixels_video / ((uint64_t)screen.width_px * screen.height_px),
		FRAMES / 4, FRAMES);
	assert_true(error_inside(&ends, &desk) < 20);

	rest(&ends, &desk, &unlimited);
	end(&ends, &desk);
}

/* Slices of the next picture of the film. */
static uint64_t slices_of_film(struct ends *e, struct desk *d)
{
	struct codec_stats before, after;

	codec_encoder_stats(e->encoder, &before);
	film(d, FRAMES);
	encode(e, d, &unlimited);
	codec_encoder_stats(e->encoder, &after);
	return after.slices - before.slices;
}

/* A large film goes in bands, to who knows them. */
static void large_film_goes_in_bands(void **state)
{
	static const uint32_t without[] = { 0, CODEC_FEATURE_BANDS };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(without); i++) {
		struct desk desk;
		struct ends ends;
		begin_without(&ends, &desk, without[i]);
		struct codec_params older = { WIDTH_PX, HEIGHT_PX,
			codec_features() & ~(uint32_t)CODEC_FEATURE_BANDS, 9 };
		assert_int_equal(codec_decoder_create(&ends.older, &older), 0);
		screen = large_screen;
		play(&ends, &desk, &unlimited);
		assert_true(codec_encoder_inexact(ends.encoder));
		assert_true(error_inside(&ends, &desk) < LARGE_ERROR);
		assert_int_equal(slices_of_film(&ends, &desk) > 1, without[i] == 0);
		assert_int_equal(ends.refused, without[i] == 0);
		rest(&ends, &desk, &unlimited);
		/* A small one in its place: the other bands are of the film before. */
		screen = small_screen;
		play(&ends, &desk, &unlimited);
		rest(&ends, &desk, &unlimited);
		end(&ends, &desk);
	}
}

static uint64_t video_px(const struct ends *e)
{
	struct codec_stats stats;

	codec_encoder_stats(e->encoder, &stats);
	return stats.pixels_video;
}

/* Not later: the pictures before that are a megabyte each on a real screen. */
static void film_is_known_at_its_second_picture(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	encode(&ends, &desk, &unlimited);
	page(&ends, &desk, 0, &unlimited);
	assert_int_equal(video_px(&ends), 0);
	film(&desk, 1);
	encode(&ends, &desk, &unlimited);
	assert_in_range(video_px(&ends), (uint64_t)screen.width_px * screen.height_px * 9 / 10,
		(uint64_t)(screen.width_px + 2) * (screen.height_px + 2));
	assert_true(equals_outside(&ends, &desk));
	end(&ends, &desk);
}

/* Photographs that are turned like pages, and what only waits to be sent. */
static void pages_are_no_film(void **state)
{
	static const struct codec_budget narrow = { .bytes_max = 4000 };
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	encode(&ends, &desk, &unlimited);
	for (unsigned i = 0; i < 6; i++) {
		page(&ends, &desk, i, &unlimited);
		assert_false(codec_encoder_inexact(ends.encoder));
		assert_true(desk_equals(&desk, codec_decoder_pixels(ends.decoder)));
	}
	test_clock_ms += PAGE_MS;
	film(&desk, 6);
	for (unsigned i = 0; i < 4; i++) {
		encode(&ends, &desk, &narrow);
		assert_false(codec_encoder_inexact(ends.encoder));
		desk.damage_count = 0;
	}
	end(&ends, &desk);
}

/* Where the link takes long for a photograph: an approximation comes first, in one frame, and all
 * of it becomes exact, although each frame has little room and its rest is pending meanwhile. */
static void photographs_are_previewed_on_a_slow_link(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	encode(&ends, &desk, &unlimited);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t before_px = video_px(&ends);
		page(&ends, &desk, i, &slow);
		assert_true(codec_encoder_inexact(ends.encoder));
		assert_true(error_inside(&ends, &desk) < 20);
		assert_true(equals_outside(&ends, &desk));
		rest(&ends, &desk, &slow);
		/* And the rest is no film. */
		assert_in_range(video_px(&ends) - before_px, 1,
			(uint64_t)(screen.width_px + 2) * (screen.height_px + 2));
	}
	end(&ends, &desk);
}

/* Bars of one colour that move down over a photograph change much of it, but are no film. */
static void what_moves_over_a_preview_is_exact(void **state)
{
	const size_t row_bytes = (size_t)screen.width_px * 4;
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	encode(&ends, &desk, &unlimited);
	page(&ends, &desk, 0, &slow);
	assert_true(video_px(&ends) > 0);
	rest(&ends, &desk, &slow);
	uint64_t before_px = video_px(&ends);
	uint8_t *photo = desk.pixels + screen.y_px * desk.stride_bytes + (size_t)screen.x_px * 4;
	for (size_t i = 0; i < 5; i++) {
		memset(photo + i * 8 * desk.stride_bytes, 77, row_bytes);
		memset(photo + (80 + i * 8) * desk.stride_bytes, 99, row_bytes);
		desk.damage[0] = screen;
		desk.damage_count = 1;
		encode(&ends, &desk, &slow);
		assert_int_equal(video_px(&ends), before_px);
		assert_true(desk_equals(&desk, codec_decoder_pixels(ends.decoder)));
	}
	end(&ends, &desk);
}

/* A photograph that a slow link carries in many frames is not taken for what changes in each. */
static void what_waits_is_no_film(void **state)
{
	static const struct codec_budget narrow = { .bytes_max = 1 };
	struct desk desk;
	struct ends ends;
	unsigned frames = 0;
	(void)state;

	begin(&ends, &desk);
	encode(&ends, &desk, &unlimited);
	test_clock_ms += PAGE_MS;
	desk_happen(&desk, DESK_SWAP);
	encode(&ends, &desk, &narrow);
	for (desk.damage_count = 0; codec_encoder_pending(ends.encoder); frames++) {
		assert_in_range(frames, 0, 1000);
		encode(&ends, &desk, &narrow);
	}
	assert_in_range(frames, 9, 1000);
	assert_int_equal(video_px(&ends), 0);
	assert_true(desk_equals(&desk, codec_decoder_pixels(ends.decoder)));
	end(&ends, &desk);
}

/* The page that takes the film's place at once is never shown as an approximation. */
static void text_instead_of_film_is_exact(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	play(&ends, &desk, &unlimited);
	assert_true(codec_encoder_inexact(ends.encoder));
	for (uint32_t y = 0; y < screen.height_px; y++)
		memset(desk.pixels + (screen.y_px + y) * desk.stride_bytes +
				(size_t)screen.x_px * 4,
			y % 16 < 4 ? 0 : 250, (size_t)screen.width_px * 4);
	encode(&ends, &desk, &unlimited);
	assert_false(codec_encoder_inexact(ends.encoder));
	assert_true(desk_equals(&desk, codec_decoder_pixels(ends.decoder)));
	end(&ends, &desk);
}

/* A film of which only the left part changes at first. */
static void regions_grow(void **state)
{
	const size_t part_bytes = (size_t)140 * 4;
	static uint8_t first[HEIGHT_PX][(500 - 140) * 4];
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	encode(&ends, &desk, &unlimited);
	for (unsigned i = 0; i < FRAMES; i++) {
		film(&desk, i);
		for (uint32_t y = 0; y < screen.height_px; y++) {
			uint8_t *right = desk.pixels + (screen.y_px + y) * desk.stride_bytes +
					 (size_t)screen.x_px * 4 + part_bytes;
			size_t len = (size_t)screen.width_px * 4 - part_bytes;
			if (i == 0)
				memcpy(first[y], right, len);
			else if (i < FRAMES / 2)
				memcpy(right, first[y], len);
		}
		encode(&ends, &desk, &unlimited);
	}
	uint64_t before_px = video_px(&ends);
	film(&desk, FRAMES);
	encode(&ends, &desk, &unlimited);
	assert_true(video_px(&ends) - before_px >=
		    (uint64_t)screen.width_px * screen.height_px * 9 / 10);
	rest(&ends, &desk, &unlimited);
	end(&ends, &desk);
}

static void film_goes_on_after_a_rest(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	for (unsigned i = 0; i < 3; i++) {
		play(&ends, &desk, &unlimited);
		assert_true(codec_encoder_inexact(ends.encoder));
		rest(&ends, &desk, &unlimited);
	}
	end(&ends, &desk);
}

/* With little room in each frame refinement takes many, and is pending all the while. */
static void refinement_keeps_to_the_budget(void **state)
{
	static const struct codec_budget narrow = { .bytes_max = 4000, .link_bytes_per_ms = 200 };
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	play(&ends, &desk, &unlimited);
	test_clock_ms += PAUSE_MS;
	desk.damage_count = 0;
	uint64_t before = ends.bytes;
	encode(&ends, &desk, &narrow);
	assert_true(codec_encoder_pending(ends.encoder) && codec_encoder_inexact(ends.encoder));
	assert_in_range(ends.bytes - before, 1, 200000);
	rest(&ends, &desk, &narrow);
	end(&ends, &desk);
}

/* What happens all over the screen while film plays. */
static void everything_around(struct codec_rect place)
{
	struct desk desk;
	struct ends ends;

	begin(&ends, &desk);
	screen = place;
	encode(&ends, &desk, &unlimited);
	for (unsigned i = 0; i < 300; i++) {
		film(&desk, i);
		codec_encoder_update(ends.encoder, desk.pixels, desk.stride_bytes, desk.damage,
			desk.damage_count);
		if (i % 5 == 0)
			desk_happen(&desk, desk_random(&desk, DESK_EVENTS));
		if (i % 100 == 99)
			test_clock_ms += PAUSE_MS;
		encode(&ends, &desk, &unlimited);
	}
	rest(&ends, &desk, &unlimited);
	end(&ends, &desk);
}

static void everything_at_once(void **state)
{
	(void)state;
	everything_around(small_screen);
	everything_around(large_screen);
}

/* What no encoder sends: the region has to be inside and even, a stream to begin with a start. */
static void regions_are_checked(void **state)
{
	static const struct {
		uint8_t bytes[10];
	} bad[] = {
		/* kind, rectangles, y, x, width - 1, height - 1, flags, picture */
		{ { 0x86, 1, 0, 0, 31, 31, 0, 0, 0, 1 } }, /* no start */
		{ { 0x86, 1, 0, 0, 31, 31, 1, 0, 0, 1 } }, /* no picture */
		{ { 0x86, 1, 0, 0, 31, 31, 2, 0, 0, 1 } }, /* another band, no start */
		{ { 0x86, 1, 0, 0, 31, 31, 9, 0, 0, 1 } }, /* there are four */
		{ { 0x86, 1, 0, 0, 30, 31, 1, 0, 0, 1 } }, /* odd */
		{ { 0x86, 1, 0, 0, 13, 31, 1, 0, 0, 1 } }, /* too small */
		{ { 0x86, 0, 0, 0, 31, 31, 1, 0, 0, 1 } }, /* no region */
		{ { 0x87, 1, 0, 2, 0 } },                  /* slot is not the tile */
	};
	(void)state;

	if (!has_video())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct codec_params params = { WIDTH_PX, HEIGHT_PX, codec_features(), 0 };
		struct codec_changed changed;
		struct codec_decoder *d;
		assert_int_equal(codec_decoder_create(&d, &params), 0);
		assert_int_equal(codec_decoder_decode(d, bad[i].bytes,
					 bad[i].bytes[0] == 0x87 ? 5 : 10, &changed),
			-EPROTO);
		codec_decoder_destroy(d);
		/* Not agreed on. */
		params.features &= ~(uint32_t)CODEC_FEATURE_VIDEO;
		assert_int_equal(codec_decoder_create(&d, &params), 0);
		assert_int_equal(codec_decoder_decode(d, bad[i].bytes, 10, &changed), -EPROTO);
		codec_decoder_destroy(d);
	}
}

/* The size in a parameter set is the region's in whole macroblocks, or the decoder never sees it.
 */
static void sizes_that_streams_claim(void **state)
{
	static const uint8_t good[] = { 0, 0, 0, 1, 0x67, 66, 0xc0, 0x1e };
	struct codec_picture picture = { 0 };
	struct codec_video_encoder *encoder;
	static uint8_t bytes[100000];
	struct codec_rect rect = { 0, 0, 320, 176 };
	(void)state;

	/* Nothing claimed. */
	assert_true(codec_h264_fits(good, 0, 320, 176));
	assert_true(codec_h264_fits(good, 4, 320, 176));
	/* Cut short; another profile; a subset. */
	assert_false(codec_h264_fits(good, 6, 320, 176));
	assert_false(codec_h264_fits(
		(const uint8_t[]){ 0, 0, 1, 0x67, 100, 0, 30, 0xff, 0xff, 0xff }, 10, 320, 176));
	assert_false(codec_h264_fits(
		(const uint8_t[]){ 0, 0, 1, 0x6f, 66, 0, 30, 0xff, 0xff, 0xff }, 10, 320, 176));
	if (!has_video())
		skip();
	assert_int_equal(codec_picture_init(&picture, 320, 176), 0);
	assert_int_equal(
		codec_video_encoder_create(&encoder, codec_video_choose(CODEC_FEATURE_VIDEO)), 0);
	assert_int_equal(codec_video_encoder_start(encoder, 320, 176), 0);
	int len = codec_video_encode(encoder, &picture, rect, 1000000, bytes, sizeof(bytes));
	assert_in_range(len, 20, sizeof(bytes));
	assert_true(codec_h264_fits(bytes, (size_t)len, 320, 176));
	assert_true(codec_h264_fits(bytes, (size_t)len, 318, 162));
	assert_false(codec_h264_fits(bytes, (size_t)len, 304, 176));
	assert_false(codec_h264_fits(bytes, (size_t)len, 322, 176));
	assert_false(codec_h264_fits(bytes, (size_t)len, 320, 160));
	assert_false(codec_h264_fits(bytes, (size_t)len, 320, 178));
	codec_video_encoder_destroy(encoder);
	codec_picture_finish(&picture);
}

/* What is kept ahead while film rests is what the client has when it is made use of. */
static void film_and_pages_prepared_for(void **state)
{
	struct desk desk;
	struct ends ends;
	(void)state;

	begin(&ends, &desk);
	for (unsigned i = 0; i < 150; i++) {
		unsigned pictures = 1 + desk_random(&desk, 9);
		for (unsigned k = 0; k < pictures; k++) {
			film(&desk, i + k);
			encode(&ends, &desk, &unlimited);
			if (desk_random(&desk, 4) == 0)
				while (codec_encoder_prepare(ends.encoder))
					continue;
		}
		if (desk_random(&desk, 2))
			test_clock_ms += PAGE_MS;
		desk_happen(&desk, desk_random(&desk, 2) ? DESK_SWAP : DESK_PANE);
		encode(&ends, &desk, &unlimited);
	}
	rest(&ends, &desk, &unlimited);
	end(&ends, &desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(film_is_video_and_then_exact),
		cmocka_unit_test(large_film_goes_in_bands),
		cmocka_unit_test(film_is_known_at_its_second_picture),
		cmocka_unit_test(pages_are_no_film),
		cmocka_unit_test(photographs_are_previewed_on_a_slow_link),
		cmocka_unit_test(what_moves_over_a_preview_is_exact),
		cmocka_unit_test(what_waits_is_no_film),
		cmocka_unit_test(text_instead_of_film_is_exact),
		cmocka_unit_test(regions_grow),
		cmocka_unit_test(film_goes_on_after_a_rest),
		cmocka_unit_test(refinement_keeps_to_the_budget),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(regions_are_checked),
		cmocka_unit_test(sizes_that_streams_claim),
		cmocka_unit_test(film_and_pages_prepared_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
