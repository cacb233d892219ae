/* The session's cursor scaled, and whose pointer is where. */
#include "client/window/remote_pointer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A screen of 400x300 in a window of so many times the size. */
static struct geometry twice(int factor)
{
	struct geometry g = {
		.screen_width_px = 400,
		.screen_height_px = 300,
		.window_width_px = 400 * factor,
		.window_height_px = 300 * factor,
	};

	geometry_update(&g);
	return g;
}

static void test_whole_factor_repeats_pixels(void **state)
{
	const uint8_t in[] = { 1, 2, 3, 255, 9, 8, 7, 100 };
	uint8_t out[2 * 2 * 2 * 4];

	(void)state;
	cursor_scale(out, 4, 2, in, 2, 1);
	for (size_t i = 0; i < 8; i++)
		assert_memory_equal(out + i * 4, in + (i % 4 / 2) * 4, 4);
}

static void test_smaller_is_the_average(void **state)
{
	const uint8_t in[] = { 0, 0, 0, 0, 200, 100, 50, 255, 0, 0, 0, 0, 200, 100, 50, 255 };
	uint8_t out[4];

	(void)state;
	cursor_scale(out, 1, 1, in, 2, 2);
	assert_memory_equal(out, ((const uint8_t[]){ 100, 50, 25, 128 }), 4);
	/* A third: nothing is read twice or left out. */
	uint8_t wide[7 * 4], three[3 * 4];
	memset(wide, 77, sizeof(wide));
	cursor_scale(three, 3, 1, wide, 7, 1);
	for (size_t i = 0; i < sizeof(three); i++)
		assert_int_equal(three[i], 77);
}

/* 9x16 at factor 2 is 18x32, and the hot spot stays on the same pixel. */
static void test_cursor_is_as_large_as_the_picture(void **state)
{
	const struct record_cursor record = {
		.width_px = 9, .height_px = 16, .hot_x_px = 4, .hot_y_px = 7
	};
	struct cursor_shape shape = { 0 };
	uint8_t bgra[9 * 16 * 4];
	SDL_Surface *s;
	SDL_Point hot;

	(void)state;
	memset(bgra, 255, sizeof(bgra));
	assert_int_equal(cursor_shape_set(&shape, &record, bgra), 0);
	assert_int_equal(cursor_draw(&s, &hot, &shape, 800, 400), 0);
	assert_int_equal(s->w, 18);
	assert_int_equal(s->h, 32);
	assert_int_equal(hot.x, 8);
	assert_int_equal(hot.y, 14);
	SDL_FreeSurface(s);
	/* However small the picture, something is left; however large, there is a limit. */
	assert_int_equal(cursor_draw(&s, &hot, &shape, 1, 400), 0);
	assert_int_equal(s->w, 1);
	assert_int_equal(hot.x, 0);
	SDL_FreeSurface(s);
	assert_int_equal(cursor_draw(&s, &hot, &shape, 16384, 1), 0);
	assert_int_equal(s->h, CURSOR_SHOWN_SIDE_MAX_PX);
	assert_true(hot.y < s->h);
	SDL_FreeSurface(s);
	/* Without a picture: as it is. */
	assert_int_equal(cursor_draw(&s, &hot, &shape, 0, 0), 0);
	assert_int_equal(s->w, 9);
	SDL_FreeSurface(s);
	cursor_shape_finish(&shape);
}

static void test_invisible(void **state)
{
	struct cursor_shape none = { 0 };
	SDL_Surface *s;
	SDL_Point hot;

	(void)state;
	assert_int_equal(cursor_draw(&s, &hot, &none, 800, 400), 0);
	assert_int_equal(s->w, 1);
	assert_int_equal(((const uint8_t *)s->pixels)[3], 0);
	SDL_FreeSurface(s);
}

static void test_a_warp_is_followed(void **state)
{
	struct geometry g = twice(3);
	struct remote_pointer p = { 0 };

	(void)state;
	/* Nobody's pointer jumps away before they have moved it. */
	assert_false(remote_pointer_follow(&p, &g, 10, 10, true));
	remote_pointer_lead(&p, 20, 30);
	assert_false(remote_pointer_follow(&p, &g, 10, 10, false)); /* nor where it is elsewhere */
	assert_true(remote_pointer_follow(&p, &g, 100, 50, true));
	assert_int_equal(p.x_px, 100);
	int x, y;
	geometry_to_screen(&g, p.warp_x, p.warp_y, &x, &y);
	assert_int_equal(x, 100);
	assert_int_equal(y, 50);
	/* The event of our own warp says nothing; the next one does. */
	assert_false(remote_pointer_moved(&p, p.warp_x, p.warp_y));
	assert_true(remote_pointer_moved(&p, p.warp_x + 1, p.warp_y));
	assert_true(remote_pointer_moved(&p, p.warp_x, p.warp_y));
}

static void test_no_warp_out_of_the_window(void **state)
{
	struct geometry g = twice(1);
	struct remote_pointer p = { 0 };

	(void)state;
	g.mode = SCALE_ONE;
	g.window_width_px = 200;
	geometry_update(&g);
	remote_pointer_lead(&p, 1, 1);
	assert_false(remote_pointer_follow(&p, &g, 399, 10, true));
	assert_true(remote_pointer_follow(&p, &g, 399, 10, true) == p.ours);
}

static void test_where_it_is_drawn(void **state)
{
	const struct record_cursor record = {
		.width_px = 2, .height_px = 2, .hot_x_px = 1, .hot_y_px = 1
	};
	const uint8_t bgra[16] = { 255, 255, 255, 255 };
	struct geometry g = twice(2);
	struct remote_pointer p = { 0 };
	SDL_Surface *image;

	(void)state;
	assert_int_equal(cursor_shape_set(&p.shape, &record, bgra), 0);
	assert_int_equal(cursor_draw(&image, &p.hot, &p.shape, 800, 400), 0);
	p.image = image;
	assert_null(remote_pointer_panel(&p, &g, true).surface); /* nobody said where */
	remote_pointer_follow(&p, &g, 50, 60, false);
	struct present_panel panel = remote_pointer_panel(&p, &g, true);
	assert_ptr_equal(panel.surface, image);
	assert_int_equal(panel.place.x, 101 - 2);
	assert_int_equal(panel.place.y, 121 - 2);
	assert_int_equal(panel.place.width, 4);
	/* Who controls sees it by their own pointer, until somebody takes it from them. */
	assert_null(remote_pointer_panel(&p, &g, false).surface);
	remote_pointer_lead(&p, 7, 7);
	assert_null(remote_pointer_panel(&p, &g, false).surface);
	remote_pointer_follow(&p, &g, 9, 9, false);
	assert_ptr_equal(remote_pointer_panel(&p, &g, false).surface, image);
	remote_pointer_reset(&p);
	assert_null(remote_pointer_panel(&p, &g, true).surface);
	remote_pointer_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_factor_repeats_pixels),
		cmocka_unit_test(test_smaller_is_the_average),
		cmocka_unit_test(test_cursor_is_as_large_as_the_picture),
		cmocka_unit_test(test_invisible),
		cmocka_unit_test(test_a_warp_is_followed),
		cmocka_unit_test(test_no_warp_out_of_the_window),
		cmocka_unit_test(test_where_it_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
