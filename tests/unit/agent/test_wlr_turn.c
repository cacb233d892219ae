#include "server/agent/wlr/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <wayland-client-protocol.h>

#include <cmocka.h>

/* A picture of 5 x 3. */
#define WIDTH_PX  5
#define HEIGHT_PX 3

/* Where the upright picture's first pixel is, and the one to the right of it. */
static void test_corners(void **state)
{
	static const struct {
		int32_t transform;
		uint32_t x, y, right_x, right_y;
	} cases[] = { { WL_OUTPUT_TRANSFORM_NORMAL, 0, 0, 1, 0 },
		{ WL_OUTPUT_TRANSFORM_90, 0, 2, 0, 1 }, { WL_OUTPUT_TRANSFORM_180, 4, 2, 3, 2 },
		{ WL_OUTPUT_TRANSFORM_270, 4, 0, 4, 1 },
		{ WL_OUTPUT_TRANSFORM_FLIPPED, 4, 0, 3, 0 },
		{ WL_OUTPUT_TRANSFORM_FLIPPED_90, 0, 0, 0, 1 },
		{ WL_OUTPUT_TRANSFORM_FLIPPED_180, 0, 2, 1, 2 },
		{ WL_OUTPUT_TRANSFORM_FLIPPED_270, 4, 2, 4, 1 }, { -1, 0, 0, 1, 0 },
		{ 8, 0, 0, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t x = 0, y = 0, right_x = 1, right_y = 0;
		struct wlr_turn t = wlr_turn_of(cases[i].transform);
		wlr_turn_place(t, WIDTH_PX, HEIGHT_PX, &x, &y);
		wlr_turn_place(t, WIDTH_PX, HEIGHT_PX, &right_x, &right_y);
		assert_int_equal(x, cases[i].x);
		assert_int_equal(y, cases[i].y);
		assert_int_equal(right_x, cases[i].right_x);
		assert_int_equal(right_y, cases[i].right_y);
	}
}

/* Each place, there and back, however it is turned. */
static void test_back(void **state)
{
	(void)state;
	for (int32_t transform = 0; transform < 8; transform++) {
		struct wlr_turn t = wlr_turn_of(transform);
		uint32_t width = t.swaps ? HEIGHT_PX : WIDTH_PX;
		uint32_t height = t.swaps ? WIDTH_PX : HEIGHT_PX;
		for (uint32_t i = 0; i < width * height; i++) {
			uint32_t x = i % width, y = i / width;
			wlr_turn_place(t, WIDTH_PX, HEIGHT_PX, &x, &y);
			assert_true(x < WIDTH_PX && y < HEIGHT_PX);
			const struct record_rect one = { (uint16_t)x, (uint16_t)y, 1, 1 };
			struct record_rect r = wlr_turn_upright(t, WIDTH_PX, HEIGHT_PX, &one);
			assert_int_equal(r.x_px, i % width);
			assert_int_equal(r.y_px, i / width);
		}
	}
}

static void test_sides(void **state)
{
	const struct record_rect r = { 1, 0, 3, 2 };

	(void)state;
	struct record_rect up =
		wlr_turn_upright(wlr_turn_of(WL_OUTPUT_TRANSFORM_90), WIDTH_PX, HEIGHT_PX, &r);
	assert_int_equal(up.x_px, 1);
	assert_int_equal(up.y_px, 1);
	assert_int_equal(up.width_px, 2);
	assert_int_equal(up.height_px, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corners),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
