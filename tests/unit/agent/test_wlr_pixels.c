#include "server/agent/wlr/pixels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wayland-client-protocol.h>

#include <cmocka.h>

/* 2 x 2 pixels in rows of 12 bytes. */
static const uint8_t source[24] = { 1, 2, 3, 255, 4, 5, 6, 255, 99, 99, 99, 99, /**/
	7, 8, 9, 255, 10, 11, 12, 255, 99, 99, 99, 99 };

static void test_known(void **state)
{
	(void)state;
	assert_true(wlr_pixels_known(WL_SHM_FORMAT_XRGB8888));
	assert_true(wlr_pixels_known(WL_SHM_FORMAT_ARGB8888));
	assert_true(wlr_pixels_known(WL_SHM_FORMAT_XBGR8888));
	assert_true(wlr_pixels_known(WL_SHM_FORMAT_ABGR8888));
	assert_false(wlr_pixels_known(WL_SHM_FORMAT_RGB565));
	assert_false(wlr_pixels_known(WL_SHM_FORMAT_XRGB2101010));
	assert_false(wlr_pixels_known(UINT32_MAX));
}

static void test_straight(void **state)
{
	uint8_t to[16];

	(void)state;
	wlr_pixels_copy(to, 8, source, 4, 12, WL_SHM_FORMAT_XRGB8888, 2, 2);
	assert_memory_equal(to, source, 8);
	assert_memory_equal(to + 8, source + 12, 8);
}

static void test_swapped(void **state)
{
	uint8_t to[16];

	(void)state;
	wlr_pixels_copy(to, 8, source, 4, 12, WL_SHM_FORMAT_XBGR8888, 2, 2);
	assert_int_equal(to[0], 3);
	assert_int_equal(to[1], 2);
	assert_int_equal(to[2], 1);
	assert_int_equal(to[12], 12);
	assert_int_equal(to[14], 10);
}

static void test_upwards(void **state)
{
	uint8_t to[16];

	(void)state;
	wlr_pixels_copy(to, 8, source + 12, 4, -12, WL_SHM_FORMAT_ARGB8888, 2, 2);
	assert_memory_equal(to, source + 12, 8);
	assert_memory_equal(to + 8, source, 8);
}

/* By columns, from the last row: a quarter of a turn. */
static void test_turned(void **state)
{
	uint8_t to[16];

	(void)state;
	wlr_pixels_copy(to, 8, source + 12, -12, 4, WL_SHM_FORMAT_XRGB8888, 2, 2);
	assert_memory_equal(to, source + 12, 4);
	assert_memory_equal(to + 4, source, 4);
	assert_memory_equal(to + 8, source + 16, 4);
	assert_memory_equal(to + 12, source + 4, 4);
}

static void test_nothing_beside(void **state)
{
	uint8_t to[8] = { 0 };

	(void)state;
	wlr_pixels_copy(to, 4, source, 4, 12, WL_SHM_FORMAT_XRGB8888, 1, 1);
	assert_memory_equal(to, source, 4);
	for (size_t i = 4; i < sizeof(to); i++)
		assert_int_equal(to[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_straight),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_upwards),
		cmocka_unit_test(test_turned),
		cmocka_unit_test(test_nothing_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
