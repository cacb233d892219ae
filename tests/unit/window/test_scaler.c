#include "client/window/scaler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t *noise(int width, int height)
{
	size_t size = (size_t)width * (size_t)height * 4;
	uint8_t *p = malloc(size);

	assert_non_null(p);
	for (size_t i = 0; i < size; i++)
		p[i] = (uint8_t)(i % 4 == 3 ? 0 : rand());
	return p;
}

static void draw(const uint8_t *pixels, int width, int height, uint8_t *to, int to_width,
	struct area target, struct area clip)
{
	struct scaler *s;
	const struct scaler_picture from = { pixels, (size_t)width * 4, width, height };

	assert_int_equal(scaler_create(&s), 0);
	assert_int_equal(scaler_draw(s, &from, to, (size_t)to_width * 4, target, clip), 0);
	scaler_destroy(s);
}

static void test_one_to_one_is_exact(void **state)
{
	(void)state;
	uint8_t *in = noise(37, 23);
	uint8_t *out = calloc(50 * 40, 4);
	const struct area target = { 5, 7, 37, 23 };

	draw(in, 37, 23, out, 50, target, target);
	for (int y = 0; y < 23; y++)
		assert_memory_equal(
			out + ((size_t)(y + 7) * 50 + 5) * 4, in + (size_t)y * 37 * 4, 37 * 4);
	free(in);
	free(out);
}

static void test_panned_is_exact(void **state)
{
	(void)state;
	uint8_t *in = noise(64, 64);
	uint8_t *out = calloc(20 * 20, 4);

	draw(in, 64, 64, out, 20, (struct area){ -30, -10, 64, 64 }, (struct area){ 0, 0, 20, 20 });
	for (int y = 0; y < 20; y++)
		assert_memory_equal(
			out + (size_t)y * 20 * 4, in + ((size_t)(y + 10) * 64 + 30) * 4, 20 * 4);
	free(in);
	free(out);
}

static void test_whole_factor_repeats(void **state)
{
	(void)state;
	uint8_t *in = noise(7, 5);
	uint8_t *out = calloc(21 * 15, 4);

	draw(in, 7, 5, out, 21, (struct area){ 0, 0, 21, 15 }, (struct area){ 0, 0, 21, 15 });
	for (int y = 0; y < 15; y++)
		for (int x = 0; x < 21; x++)
			assert_memory_equal(
				out + (y * 21 + x) * 4, in + (y / 3 * 7 + x / 3) * 4, 4);
	free(in);
	free(out);
}

static void test_flat_stays_flat(void **state)
{
	(void)state;
	static const int sizes[][2] = { { 13, 11 }, { 99, 80 }, { 100, 61 }, { 250, 133 }, { 1, 1 },
		{ 3, 200 } };
	uint8_t *in = malloc(100 * 80 * 4);

	memset(in, 0, 100 * 80 * 4);
	for (size_t i = 0; i < 100 * 80; i++)
		memcpy(in + i * 4, "\xff\x07\x80", 3);
	for (size_t n = 0; n < ARRAY_LEN(sizes); n++) {
		int w = sizes[n][0], h = sizes[n][1];
		uint8_t *out = calloc((size_t)w * (size_t)h, 4);
		draw(in, 100, 80, out, w, (struct area){ 0, 0, w, h }, (struct area){ 0, 0, w, h });
		for (int i = 0; i < w * h; i++)
			assert_memory_equal(out + i * 4, in, 4);
		free(out);
	}
	free(in);
}

static void test_half_is_the_mean(void **state)
{
	(void)state;
	uint8_t *in = noise(40, 20);
	uint8_t out[20 * 10 * 4];

	draw(in, 40, 20, out, 20, (struct area){ 0, 0, 20, 10 }, (struct area){ 0, 0, 20, 10 });
	for (int y = 0; y < 10; y++)
		for (int x = 0; x < 20; x++)
			for (int c = 0; c < 3; c++) {
				const uint8_t *p = in + (y * 2 * 40 + x * 2) * 4 + c;
				int mean = (p[0] + p[4] + p[160] + p[164] + 2) / 4;
				assert_in_range(out[(y * 20 + x) * 4 + c] + 1, mean, mean + 2);
			}
	free(in);
}

/* Parts drawn one by one give the same as the whole: changed rectangles leave no seams. */
static void test_parts_equal_the_whole(void **state)
{
	(void)state;
	static const int sizes[][2] = { { 150, 90 }, { 61, 47 }, { 333, 200 } };
	uint8_t *in = noise(120, 77);

	for (size_t n = 0; n < ARRAY_LEN(sizes); n++) {
		int w = sizes[n][0], h = sizes[n][1];
		const struct area target = { 0, 0, w, h };
		uint8_t *whole = calloc((size_t)w * (size_t)h, 4);
		uint8_t *parts = calloc((size_t)w * (size_t)h, 4);
		draw(in, 120, 77, whole, w, target, target);
		for (int y = 0; y < h; y += 13)
			for (int x = 0; x < w; x += 17) {
				struct area clip = { x, y, MIN(17, w - x), MIN(13, h - y) };
				draw(in, 120, 77, parts, w, target, clip);
			}
		assert_memory_equal(parts, whole, (size_t)w * (size_t)h * 4);
		free(whole);
		free(parts);
	}
	free(in);
}

static void test_nothing_to_draw(void **state)
{
	(void)state;
	uint8_t pixel[4] = { 1, 2, 3, 0 }, out[4] = { 9, 9, 9, 9 };

	draw(pixel, 1, 1, out, 1, (struct area){ 0, 0, 0, 0 }, (struct area){ 0, 0, 1, 1 });
	draw(pixel, 1, 1, out, 1, (struct area){ 0, 0, 1, 1 }, (struct area){ 0, 0, 0, 0 });
	assert_int_equal(out[0], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_to_one_is_exact),
		cmocka_unit_test(test_panned_is_exact),
		cmocka_unit_test(test_whole_factor_repeats),
		cmocka_unit_test(test_flat_stays_flat),
		cmocka_unit_test(test_half_is_the_mean),
		cmocka_unit_test(test_parts_equal_the_whole),
		cmocka_unit_test(test_nothing_to_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
