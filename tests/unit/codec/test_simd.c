/* Every inner loop against its plain twin, on random input of every awkward size and alignment. */
#include "common/codec/picture.h"
#include "common/codec/simd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS  400
#define SIDE_PX 1200

static uint64_t state = 42;

static uint32_t below(uint32_t limit)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 32) * limit >> 32);
}

/* Few colours, so that there are equal neighbours, or all of them. */
static void scribble(uint32_t *pixels, size_t count)
{
	uint32_t colors = below(3) == 0 ? 0xffffff : 1 + below(4);

	for (size_t i = 0; i < count; i++)
		pixels[i] = below(8) == 0 && colors < 8 ? below(0xffffff) : below(colors + 1);
}

static uint32_t *fresh(size_t count)
{
	uint32_t *pixels = malloc((count + 64) * sizeof(*pixels));

	assert_non_null(pixels);
	scribble(pixels, count + 64);
	return pixels;
}

static void update_row_is_plain(const struct codec_simd *simd)
{
	uint32_t count = 1 + below(SIDE_PX), x0 = below(count), x1 = x0 + below(count - x0 + 1);
	uint32_t *kept = fresh(count), *twin = fresh(count), *source = fresh(count);
	uint8_t changed[SIDE_PX / TILE_SIDE_PX + 1] = { 0 },
						 twin_changed[SIDE_PX / TILE_SIDE_PX + 1] = { 0 };
	const uint8_t *bytes = (const uint8_t *)source;

	if (below(2))
		memcpy(kept, source, count * sizeof(*kept));
	if (below(2))
		kept[below(count)] ^= 1U << below(24);
	memcpy(twin, kept, count * sizeof(*kept));
	for (uint32_t i = 0; i < count; i++)
		source[i] |= below(256) << 24;
	simd->update_row(kept, bytes, x0, x1, changed);
	codec_simd_plain.update_row(twin, bytes, x0, x1, twin_changed);
	assert_memory_equal(kept, twin, count * sizeof(*kept));
	assert_memory_equal(changed, twin_changed, sizeof(changed));
	free(kept);
	free(twin);
	free(source);
}

static void comparisons_are_plain(const struct codec_simd *simd)
{
	size_t count = below(200);
	uint32_t *a = fresh(count), *b = fresh(count), color = below(3);

	memcpy(b, a, count * sizeof(*a));
	for (uint32_t n = below(3); n > 0 && count > 0; n--)
		b[below((uint32_t)count)] ^= 1U << below(24);
	assert_int_equal(simd->first_difference(a, b, count),
		codec_simd_plain.first_difference(a, b, count));
	assert_int_equal(
		simd->last_difference(a, b, count), codec_simd_plain.last_difference(a, b, count));
	for (size_t i = 0; i < count; i++)
		a[i] = i < count / 2 ? color : a[i];
	assert_int_equal(
		simd->run_length(a, count, color), codec_simd_plain.run_length(a, count, color));
	uint8_t same[16], twin_same[16];
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		same[i] = twin_same[i] = (uint8_t)below(2);
	simd->match_blocks(a, b, count, same);
	codec_simd_plain.match_blocks(a, b, count, twin_same);
	assert_memory_equal(same, twin_same, sizeof(same));
	assert_int_equal(simd->count_hard(a, b, count), codec_simd_plain.count_hard(a, b, count));
	free(a);
	free(b);
}

static void equal_is_plain(const struct codec_simd *simd)
{
	uint32_t width_px = 1 + below(40), height_px = 1 + below(20),
		 stride_px = width_px + below(9);
	size_t count = (size_t)stride_px * height_px;
	uint32_t *a = fresh(count), *b = fresh(count);

	memcpy(b, a, count * sizeof(*a));
	if (below(2))
		b[below((uint32_t)count)] ^= 1;
	assert_int_equal(simd->equal(a, b, stride_px, width_px, height_px),
		codec_simd_plain.equal(a, b, stride_px, width_px, height_px));
	free(a);
	free(b);
}

static void anchors_are_plain(const struct codec_simd *simd)
{
	struct codec_anchor found[64], twin[64];
	size_t count = below(SIDE_PX), max = 1 + below(ARRAY_LEN(found));
	uint32_t *row = fresh(count + ANCHOR_SPAN_PX);
	size_t n = simd->find_anchors(row, count, found, max);

	assert_int_equal(n, codec_simd_plain.find_anchors(row, count, twin, max));
	assert_memory_equal(found, twin, n * sizeof(*found));
	free(row);
}

static void split_and_join_are_plain(const struct codec_simd *simd)
{
	uint32_t width_px = below(4) ? 1 + below(140) : SPLIT_WIDTH_MAX_PX - below(40),
		 height_px = 1 + below(20);
	size_t stride_px = width_px + below(9), count = stride_px * height_px,
	       area_px = (size_t)width_px * height_px;
	uint32_t *pixels = fresh(count), *back = fresh(count), *twin = fresh(count);
	uint8_t *planes = malloc(area_px * 6);
	struct codec_planes a = { planes, planes + area_px, planes + 2 * area_px };
	struct codec_planes b = { planes + 3 * area_px, planes + 4 * area_px,
		planes + 5 * area_px };

	assert_non_null(planes);
	memcpy(twin, back, count * sizeof(*twin));
	simd->split(pixels, stride_px, width_px, height_px, &a);
	codec_simd_plain.split(pixels, stride_px, width_px, height_px, &b);
	assert_memory_equal(a.green, b.green, 3 * area_px);
	simd->join(back, stride_px, width_px, height_px, &a);
	codec_simd_plain.join(twin, stride_px, width_px, height_px, &a);
	/* Also what stands beside the rectangle, which nobody touches. */
	assert_memory_equal(back, twin, count * sizeof(*twin));
	for (uint32_t y = 0; y < height_px; y++)
		assert_memory_equal(
			back + y * stride_px, pixels + y * stride_px, width_px * sizeof(*back));

	/* Residuals that no encoder made. */
	for (size_t i = 0; i < area_px * 3; i++)
		planes[i] = (uint8_t)below(256);
	simd->join(back, stride_px, width_px, height_px, &a);
	codec_simd_plain.join(twin, stride_px, width_px, height_px, &a);
	assert_memory_equal(back, twin, count * sizeof(*twin));
	free(planes);
	free(pixels);
	free(back);
	free(twin);
}

static void video_rows_are_plain(const struct codec_simd *simd)
{
	uint32_t width_px = 2 + 2 * below(400);
	uint32_t *upper = fresh(width_px), *lower = fresh(width_px), *twin = fresh(width_px);
	uint8_t a[3][802], b[3][802];

	for (uint32_t i = 0; i < width_px && below(2); i++)
		upper[i] = below(2) ? 0xffffff : 0;
	simd->luma_row(upper, width_px, a[0]);
	simd->chroma_row(upper, lower, width_px, a[1], a[2]);
	codec_simd_plain.luma_row(upper, width_px, b[0]);
	codec_simd_plain.chroma_row(upper, lower, width_px, b[1], b[2]);
	assert_memory_equal(a[0], b[0], width_px);
	assert_memory_equal(a[1], b[1], width_px / 2);
	assert_memory_equal(a[2], b[2], width_px / 2);
	for (uint32_t i = 0; i < width_px; i++)
		a[i % 3][i / 3] = (uint8_t)below(256);
	simd->pixel_row(a[0], a[1], a[2], width_px, upper);
	codec_simd_plain.pixel_row(a[0], a[1], a[2], width_px, twin);
	assert_memory_equal(upper, twin, width_px * sizeof(*upper));
	free(upper);
	free(lower);
	free(twin);
}

/* There and back, grey and bright colours stay what they were but for rounding. */
static void video_rows_go_back(void **unused)
{
	uint32_t row[2], back[2];
	uint8_t y[2], u[1], v[1];
	(void)unused;

	for (uint32_t n = 0; n < 20000; n++) {
		row[0] = row[1] = n < 256 ? n * 0x10101 : below(0x1000000);
		codec_simd_plain.luma_row(row, 2, y);
		codec_simd_plain.chroma_row(row, row, 2, u, v);
		codec_simd_plain.pixel_row(y, u, v, 2, back);
		for (unsigned shift = 0; shift < 24; shift += 8)
			assert_in_range(
				(back[0] >> shift & 255) + 3 - (row[0] >> shift & 255), 0, 6);
	}
}

static void all_are_plain(void **unused)
{
	(void)unused;

	for (size_t i = 0; codec_simd_nth(i); i++)
		for (unsigned n = 0; n < ROUNDS; n++) {
			update_row_is_plain(codec_simd_nth(i));
			comparisons_are_plain(codec_simd_nth(i));
			equal_is_plain(codec_simd_nth(i));
			anchors_are_plain(codec_simd_nth(i));
			split_and_join_are_plain(codec_simd_nth(i));
			video_rows_are_plain(codec_simd_nth(i));
		}
}

static void best_is_there(void **unused)
{
	(void)unused;
	assert_non_null(codec_simd_best());
	assert_ptr_equal(codec_simd_nth(0), &codec_simd_plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_plain),
		cmocka_unit_test(video_rows_go_back),
		cmocka_unit_test(best_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
