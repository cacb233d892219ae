/*
 * The seam of the video codecs: two fakes of different bits stand in the table beside none, so that
 * choice, life and failure are seen without any library. A fake codes each block by one of its
 * pixels.
 */
#include "tests/unit/cmocka_first.h"

#include "common/codec/film.h"
#include "desk.h"
#include "test_clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_PX  320
#define BLOCK_PX 16
#define FRAME_MS 10
#define PAUSE_MS 300

#define FEATURE_SECOND (1U << 20) /* no such bit on the wire */

/* ---- two fakes ---- */

static const struct codec_video_impl first, second;

/* How many there are of each kind now, how often they were used, and what they are to answer. */
static struct {
	int encoders, decoders;
	unsigned starts, encoded, decoded;
	int fail_start, fail_encode, fail_decode;
} first_seen, second_seen;

struct fake_encoder {
	struct codec_video_encoder base;
	uint32_t width_px, height_px;
};

struct fake_decoder {
	struct codec_video_decoder base;
	bool started;
};

static int make_encoder(struct codec_video_encoder **out, const struct codec_video_impl *impl)
{
	struct fake_encoder *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->base.impl = impl;
	*out = &f->base;
	return 0;
}

static int make_decoder(struct codec_video_decoder **out, const struct codec_video_impl *impl)
{
	struct fake_decoder *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->base.impl = impl;
	*out = &f->base;
	return 0;
}

static int start_encoder(struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px)
{
	struct fake_encoder *f = (struct fake_encoder *)v;

	f->width_px = width_px;
	f->height_px = height_px;
	return 0;
}

static int start_decoder(struct codec_video_decoder *v)
{
	((struct fake_decoder *)v)->started = true;
	return 0;
}

/* The mark of the codec, then a pixel for each block. */
static int code_blocks(struct codec_video_encoder *v, uint8_t mark,
	const struct codec_picture *picture, struct codec_rect rect, uint8_t *out, size_t capacity)
{
	const struct fake_encoder *f = (const struct fake_encoder *)v;
	size_t len = 0;

	assert_int_equal(rect.width_px, f->width_px);
	assert_int_equal(rect.height_px, f->height_px);
	assert_true(capacity > 0);
	out[len++] = mark;
	for (uint32_t y = 0; y < rect.height_px; y += BLOCK_PX)
		for (uint32_t x = 0; x < rect.width_px; x += BLOCK_PX) {
			if (capacity - len < 4)
				return -ENOSPC;
			memcpy(out + len, codec_picture_at(picture, rect.x_px + x, rect.y_px + y),
				4);
			len += 4;
		}
	return (int)len;
}

static int draw_blocks(struct codec_video_decoder *v, uint8_t mark, const uint8_t *bytes,
	size_t len, const struct codec_picture *picture, struct codec_rect rect)
{
	size_t columns = (rect.width_px + BLOCK_PX - 1U) / BLOCK_PX;
	size_t rows = (rect.height_px + BLOCK_PX - 1U) / BLOCK_PX;

	if (!((struct fake_decoder *)v)->started || len != 1 + columns * rows * 4 ||
		bytes[0] != mark)
		return -EPROTO;
	for (uint32_t y = 0; y < rect.height_px; y++)
		for (uint32_t x = 0; x < rect.width_px; x++)
			memcpy(codec_picture_at(picture, rect.x_px + x, rect.y_px + y),
				bytes + 1 + (y / BLOCK_PX * columns + x / BLOCK_PX) * 4, 4);
	return 0;
}

#define FAKE(name, bit, mark)                                                                      \
	static int name##_encoder_create(struct codec_video_encoder **out)                         \
	{                                                                                          \
		name##_seen.encoders++;                                                            \
		return make_encoder(out, &(name));                                                 \
	}                                                                                          \
	static void name##_encoder_destroy(struct codec_video_encoder *v)                          \
	{                                                                                          \
		name##_seen.encoders--;                                                            \
		free(v);                                                                           \
	}                                                                                          \
	static int name##_encoder_start(                                                           \
		struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px)              \
	{                                                                                          \
		name##_seen.starts++;                                                              \
		return name##_seen.fail_start ? name##_seen.fail_start                             \
					      : start_encoder(v, width_px, height_px);             \
	}                                                                                          \
	static int name##_encode(struct codec_video_encoder *v,                                    \
		const struct codec_picture *picture, struct codec_rect rect, uint32_t bits_per_s,  \
		uint8_t *out, size_t capacity)                                                     \
	{                                                                                          \
		(void)bits_per_s;                                                                  \
		name##_seen.encoded++;                                                             \
		return name##_seen.fail_encode                                                     \
			       ? name##_seen.fail_encode                                           \
			       : code_blocks(v, mark, picture, rect, out, capacity);               \
	}                                                                                          \
	static int name##_decoder_create(struct codec_video_decoder **out)                         \
	{                                                                                          \
		name##_seen.decoders++;                                                            \
		return make_decoder(out, &(name));                                                 \
	}                                                                                          \
	static void name##_decoder_destroy(struct codec_video_decoder *v)                          \
	{                                                                                          \
		name##_seen.decoders--;                                                            \
		free(v);                                                                           \
	}                                                                                          \
	static int name##_decode(struct codec_video_decoder *v, const uint8_t *bytes, size_t len,  \
		const struct codec_picture *picture, struct codec_rect rect)                       \
	{                                                                                          \
		name##_seen.decoded++;                                                             \
		return name##_seen.fail_decode ? name##_seen.fail_decode                           \
					       : draw_blocks(v, mark, bytes, len, picture, rect);  \
	}                                                                                          \
	static const struct codec_video_impl name = { #name, (bit), name##_encoder_create,         \
		name##_encoder_destroy, name##_encoder_start, name##_encode,                       \
		name##_decoder_create, name##_decoder_destroy, start_decoder, name##_decode }

FAKE(first, CODEC_FEATURE_VIDEO, 'a');
FAKE(second, FEATURE_SECOND, 'b');

/* Instead of the build's own. */
const struct codec_video_impl *const codec_video_table[] = { &first, &second, &codec_video_none };
const size_t codec_video_table_count = ARRAY_LEN(codec_video_table);

/* ---- a session ---- */

struct ends {
	struct codec_encoder *encoder;
	struct codec_decoder *decoder;
	struct desk desk;
	int refused;
};

static int take_slice(void *user, const uint8_t *bytes, size_t len)
{
	struct ends *e = user;
	struct codec_changed changed;

	if (e->refused == 0)
		e->refused = codec_decoder_decode(e->decoder, bytes, len, &changed);
	return 0;
}

static void begin(struct ends *e, uint32_t encoder_features, uint32_t decoder_features)
{
	struct codec_params params = { SIDE_PX, SIDE_PX, encoder_features, 3 };

	memset(&first_seen, 0, sizeof(first_seen));
	memset(&second_seen, 0, sizeof(second_seen));
	*e = (struct ends){ 0 };
	assert_int_equal(codec_encoder_create(&e->encoder, &params), 0);
	params.features = decoder_features;
	assert_int_equal(codec_decoder_create(&e->decoder, &params), 0);
	desk_init(&e->desk, SIDE_PX, SIDE_PX, 5);
	desk_happen(&e->desk, DESK_NOTHING);
}

static void end(struct ends *e)
{
	codec_encoder_destroy(e->encoder);
	codec_decoder_destroy(e->decoder);
	desk_finish(&e->desk);
	assert_int_equal(first_seen.encoders, 0);
	assert_int_equal(first_seen.decoders, 0);
	assert_int_equal(second_seen.encoders, 0);
	assert_int_equal(second_seen.decoders, 0);
}

static void encode(struct ends *e)
{
	static const struct codec_budget unlimited = { 0 };

	test_clock_ms += FRAME_MS;
	codec_encoder_update(e->encoder, e->desk.pixels, e->desk.stride_bytes, e->desk.damage,
		e->desk.damage_count);
	assert_in_range(codec_encoder_encode(e->encoder, &unlimited, take_slice, e), 0, 1);
}

/* Grain all over, new in each picture. */
static void play(struct ends *e)
{
	for (unsigned frame = 0; frame < 20; frame++) {
		for (uint32_t y = 0; y < SIDE_PX; y++)
			for (uint32_t x = 0; x < SIDE_PX * 4; x++)
				e->desk.pixels[y * e->desk.stride_bytes + x] =
					(uint8_t)(x + y + frame * 7 + desk_random(&e->desk, 24));
		e->desk.damage[0] = (struct codec_rect){ 0, 0, SIDE_PX, SIDE_PX };
		e->desk.damage_count = 1;
		encode(e);
	}
}

/* Film stops: all becomes exact. */
static void assert_rests(struct ends *e)
{
	test_clock_ms += PAUSE_MS;
	for (unsigned i = 0; i < 100; i++)
		encode(e);
	assert_int_equal(e->refused, 0);
	assert_false(codec_encoder_inexact(e->encoder));
	assert_false(codec_decoder_inexact(e->decoder));
	assert_true(desk_equals(&e->desk, codec_decoder_pixels(e->decoder)));
}

/* ---- tests ---- */

static void the_table_says_what_this_end_can(void **state)
{
	const uint32_t both = CODEC_FEATURE_VIDEO | FEATURE_SECOND;

	(void)state;
	assert_int_equal(codec_video_features(), both);
	assert_int_equal(codec_features() & both, both);
	assert_true(codec_features() & CODEC_FEATURE_BANDS);
}

static void the_first_that_both_have_is_chosen(void **state)
{
	(void)state;
	assert_ptr_equal(codec_video_choose(UINT32_MAX), &first);
	assert_ptr_equal(codec_video_choose(CODEC_FEATURE_VIDEO), &first);
	assert_ptr_equal(codec_video_choose(FEATURE_SECOND), &second);
	assert_ptr_equal(codec_video_choose(FEATURE_SECOND | CODEC_FEATURE_BANDS), &second);
	assert_ptr_equal(codec_video_choose(0), &codec_video_none);
	assert_ptr_equal(codec_video_choose(1U << 21 | CODEC_FEATURE_BANDS), &codec_video_none);
	assert_int_equal(codec_film_bands(FEATURE_SECOND), 1);
	assert_int_equal(
		codec_film_bands(FEATURE_SECOND | CODEC_FEATURE_BANDS), CODEC_FILM_BANDS_MAX);
	assert_int_equal(codec_film_bands(CODEC_FEATURE_BANDS), 0);
}

static void welcome_leaves_one_codec(void **state)
{
	const uint32_t others = CODEC_FEATURE_MOTION | CODEC_FEATURE_CACHE | CODEC_FEATURE_PARTS |
				CODEC_FEATURE_CURSORS | CODEC_FEATURE_CLIPBOARD |
				CODEC_FEATURE_FILES | CODEC_FEATURE_DPI | CODEC_FEATURE_SOUND |
				CODEC_FEATURE_LENDING | CODEC_FEATURE_BANDS | CODEC_FEATURE_BOUND;

	(void)state;
	assert_int_equal(codec_features_agreed(UINT32_MAX), others | CODEC_FEATURE_VIDEO);
	assert_int_equal(codec_features_agreed(others | FEATURE_SECOND), others | FEATURE_SECOND);
	assert_int_equal(codec_features_agreed(others), others);
	assert_int_equal(codec_features_agreed(1U << 21), 0);
}

static void none_creates_nothing(void **state)
{
	struct codec_video_encoder *encoder = NULL;
	struct codec_video_decoder *decoder = NULL;

	(void)state;
	assert_int_equal(codec_video_encoder_create(&encoder, &codec_video_none), -ENOSYS);
	assert_int_equal(codec_video_decoder_create(&decoder, &codec_video_none), -ENOSYS);
	assert_null(encoder);
	assert_null(decoder);
	codec_video_encoder_destroy(NULL);
	codec_video_decoder_destroy(NULL);
}

/* Both are there at once: each session uses the one that it agreed on, and no other. */
static void sessions_use_what_they_agreed_on(void **state)
{
	const uint32_t features = codec_features();
	struct ends e;

	(void)state;
	begin(&e, features, features);
	play(&e);
	assert_int_equal(e.refused, 0);
	assert_true(codec_decoder_inexact(e.decoder));
	assert_true(first_seen.encoded > 0 && first_seen.decoded == first_seen.encoded);
	assert_int_equal(second_seen.encoded, 0);
	assert_rests(&e);
	end(&e);

	const uint32_t agreed = features & ~(uint32_t)CODEC_FEATURE_VIDEO;
	begin(&e, agreed, agreed);
	play(&e);
	assert_int_equal(e.refused, 0);
	assert_true(codec_decoder_inexact(e.decoder));
	assert_true(second_seen.encoded > 0 && second_seen.decoded == second_seen.encoded);
	assert_int_equal(first_seen.encoded, 0);
	assert_rests(&e);
	end(&e);
}

static void without_a_common_codec_film_is_exact(void **state)
{
	const uint32_t agreed = codec_features() & ~codec_video_features();
	struct ends e;

	(void)state;
	begin(&e, agreed, agreed);
	play(&e);
	assert_int_equal(e.refused, 0);
	assert_false(codec_decoder_inexact(e.decoder));
	assert_int_equal(first_seen.encoded + second_seen.encoded, 0);
	assert_rests(&e);
	end(&e);
}

static void film_of_another_codec_is_refused(void **state)
{
	const uint32_t features = codec_features();
	struct ends e;

	(void)state;
	begin(&e, features, features & ~(uint32_t)CODEC_FEATURE_VIDEO);
	play(&e);
	assert_int_equal(e.refused, -EPROTO);
	end(&e);
	begin(&e, features, features & ~codec_video_features());
	play(&e);
	assert_int_equal(e.refused, -EPROTO);
	assert_int_equal(first_seen.decoded + second_seen.decoded, 0);
	end(&e);
}

/* A codec that fails is not tried again; the picture goes by the other coders. */
static void a_failing_encoder_is_left(void **state)
{
	const uint32_t features = codec_features();
	struct ends e;

	(void)state;
	for (unsigned way = 0; way < 2; way++) {
		begin(&e, features, features);
		first_seen.fail_start = way == 0 ? -EINVAL : 0;
		first_seen.fail_encode = way == 1 ? -EINVAL : 0;
		play(&e);
		assert_int_equal(e.refused, 0);
		assert_int_equal(way == 0 ? first_seen.starts : first_seen.encoded, 1);
		assert_int_equal(first_seen.encoders + second_seen.encoders, 0);
		assert_rests(&e);
		end(&e);
	}
}

static void a_failing_decoder_ends_it(void **state)
{
	const uint32_t features = codec_features();
	struct ends e;

	(void)state;
	begin(&e, features, features);
	first_seen.fail_decode = -ENOMEM;
	play(&e);
	assert_int_equal(e.refused, -ENOMEM);
	end(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_says_what_this_end_can),
		cmocka_unit_test(the_first_that_both_have_is_chosen),
		cmocka_unit_test(welcome_leaves_one_codec),
		cmocka_unit_test(none_creates_nothing),
		cmocka_unit_test(sessions_use_what_they_agreed_on),
		cmocka_unit_test(without_a_common_codec_film_is_exact),
		cmocka_unit_test(film_of_another_codec_is_refused),
		cmocka_unit_test(a_failing_encoder_is_left),
		cmocka_unit_test(a_failing_decoder_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
