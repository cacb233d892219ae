#include "client/window/geometry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct geometry made(
	int window_w, int window_h, int screen_w, int screen_h, enum scale_mode mode)
{
	struct geometry g = { .window_width_px = window_w,
		.window_height_px = window_h,
		.screen_width_px = screen_w,
		.screen_height_px = screen_h,
		.mode = mode };

	geometry_update(&g);
	return g;
}

static void assert_target(const struct geometry *g, int x, int y, int width, int height)
{
	assert_int_equal(g->target.x, x);
	assert_int_equal(g->target.y, y);
	assert_int_equal(g->target.width, width);
	assert_int_equal(g->target.height, height);
}

static void test_same_size_is_exact(void **state)
{
	(void)state;
	for (int mode = SCALE_AUTO; mode <= SCALE_ONE; mode++) {
		struct geometry g = made(1920, 1080, 1920, 1080, (enum scale_mode)mode);
		assert_target(&g, 0, 0, 1920, 1080);
		assert_int_equal(geometry_factor(&g), 1);
	}
}

static void test_auto(void **state)
{
	(void)state;
	struct geometry g = made(1000, 1000, 400, 300, SCALE_AUTO);
	assert_target(&g, 100, 200, 800, 600); /* twice, centred */
	assert_int_equal(geometry_factor(&g), 2);

	g = made(960, 1000, 1920, 1080, SCALE_AUTO);
	assert_target(&g, 0, 230, 960, 540);
	assert_int_equal(geometry_factor(&g), 0);

	g = made(1919, 1080, 1920, 1080, SCALE_AUTO); /* one pixel short: scaled */
	assert_int_equal(geometry_factor(&g), 0);
}

static void test_fit_keeps_aspect(void **state)
{
	(void)state;
	struct geometry g = made(1000, 500, 400, 400, SCALE_FIT);
	assert_target(&g, 250, 0, 500, 500);
	g = made(10, 5000, 16384, 1, SCALE_FIT); /* never thinner than a pixel */
	assert_int_equal(g.target.height, 1);
}

static void test_nothing_yet(void **state)
{
	(void)state;
	struct geometry g = made(0, 0, 1920, 1080, SCALE_AUTO);
	int x, y;

	assert_true(area_empty(g.target));
	g = made(800, 600, 0, 0, SCALE_FIT);
	assert_true(area_empty(g.target));
	geometry_to_screen(&g, 5, 5, &x, &y);
	assert_true(area_empty(geometry_to_window(&g, (struct area){ 0, 0, 10, 10 })));
}

static void test_points_stay_on_the_screen(void **state)
{
	(void)state;
	struct geometry g = made(1000, 1000, 400, 300, SCALE_AUTO);
	int x, y;

	geometry_to_screen(&g, 100, 200, &x, &y);
	assert_int_equal(x, 0);
	assert_int_equal(y, 0);
	geometry_to_screen(&g, 103, 205, &x, &y);
	assert_int_equal(x, 1);
	assert_int_equal(y, 2);
	geometry_to_screen(&g, -50, 5000, &x, &y); /* in the border, or dragged out of the window */
	assert_int_equal(x, 0);
	assert_int_equal(y, 299);
	geometry_to_screen(&g, 899, 799, &x, &y);
	assert_int_equal(x, 399);
	assert_int_equal(y, 299);
}

static void test_pan(void **state)
{
	(void)state;
	struct geometry g = made(800, 600, 1920, 500, SCALE_ONE);
	int x, y;

	assert_target(&g, 0, 50, 1920, 500); /* wide: panned; low: centred */
	assert_true(geometry_pan(&g, 300, 40));
	assert_target(&g, -300, 50, 1920, 500);
	geometry_to_screen(&g, 0, 50, &x, &y);
	assert_int_equal(x, 300);
	assert_true(geometry_pan(&g, 99999, 0));
	assert_int_equal(g.pan_x_px, 1120); /* its right edge at the window's */
	assert_false(geometry_pan(&g, 1, 0));
	assert_true(geometry_pan(&g, -99999, 0));
	assert_int_equal(g.pan_x_px, 0);
}

/* Every window pixel that shows a screen pixel lies in what geometry_to_window says. */
static void test_changed_pixels_are_covered(void **state)
{
	(void)state;
	static const int windows[][2] = { { 1280, 720 }, { 700, 701 }, { 1920, 1080 },
		{ 4000, 2200 }, { 333, 77 } };

	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		struct geometry g = made(windows[i][0], windows[i][1], 1920, 1080, SCALE_FIT);
		for (int n = 0; n < 200; n++) {
			struct area screen = { n * 9, n * 5, 3 + n % 7, 2 + n % 3 };
			struct area window = geometry_to_window(&g, screen);
			for (int wx = 0; wx < windows[i][0]; wx++) {
				int x, y;
				geometry_to_screen(&g, wx, g.target.y, &x, &y);
				if (wx >= g.target.x && wx < g.target.x + g.target.width &&
					x >= screen.x && x < screen.x + screen.width)
					assert_true(wx >= window.x && wx < window.x + window.width);
			}
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(scale_mode_parse("1:1"), SCALE_ONE);
	assert_int_equal(scale_mode_parse("fit"), SCALE_FIT);
	assert_int_equal(scale_mode_parse("auto"), SCALE_AUTO);
	assert_int_equal(scale_mode_parse("FIT"), -1);
	assert_int_equal(scale_mode_parse(""), -1);
	assert_string_equal(scale_mode_name(SCALE_ONE), "1:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_size_is_exact),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_fit_keeps_aspect),
		cmocka_unit_test(test_nothing_yet),
		cmocka_unit_test(test_points_stay_on_the_screen),
		cmocka_unit_test(test_pan),
		cmocka_unit_test(test_changed_pixels_are_covered),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
