/* Pixels for displays of other depths than 24. */
#include "client/window/surface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t pixels[] = { 0, 0, 0, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 128, 0, 9, 1, 2, 3,
	9 };
#define COUNT (sizeof(pixels) / 4)

static void test_16_bits(void **state)
{
	const SDL_PixelFormat f = {
		.BytesPerPixel = 2, .Rmask = 0xf800, .Gmask = 0x7e0, .Bmask = 0x1f
	};
	const uint16_t expected[COUNT] = { 0, 0xffff, 0xf800, 0x400, 0 };
	uint16_t out[COUNT];

	(void)state;
	surface_convert_row((uint8_t *)out, &f, pixels, COUNT);
	assert_memory_equal(out, expected, sizeof(expected));
}

static void test_30_bits(void **state)
{
	const SDL_PixelFormat f = {
		.BytesPerPixel = 4, .Rmask = 0x3ff00000, .Gmask = 0xffc00, .Bmask = 0x3ff
	};
	const uint32_t expected[COUNT] = { 0xc0000000, 0xffffffff, 0xfff00000,
		0xc0000000 | 0x202 << 10, 0xc0000000 | 12 << 20 | 8 << 10 | 4 };
	uint32_t out[COUNT];

	(void)state;
	surface_convert_row((uint8_t *)out, &f, pixels, COUNT);
	assert_memory_equal(out, expected, sizeof(expected));
}

/* The same colours the other way round, as some visuals have them. */
static void test_other_order(void **state)
{
	const SDL_PixelFormat f = {
		.BytesPerPixel = 4, .Rmask = 0xff, .Gmask = 0xff00, .Bmask = 0xff0000
	};
	const uint8_t expected[] = { 3, 2, 1, 255 };
	uint8_t out[4];

	(void)state;
	surface_convert_row(out, &f, pixels + 16, 1);
	assert_memory_equal(out, expected, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_16_bits),
		cmocka_unit_test(test_30_bits),
		cmocka_unit_test(test_other_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
