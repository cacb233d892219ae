/* Every pixel that differs is found, and nothing is reported where nothing does. */
#include "server/agent/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH  200 /* no multiple of a tile's side */
#define HEIGHT 150

static uint32_t then[HEIGHT][WIDTH], now[HEIGHT][WIDTH];

static bool look(uint16_t first, uint16_t count, struct region *out)
{
	region_clear(out);
	return compare_rows((const uint8_t *)then, (const uint8_t *)now, WIDTH, first, count, out);
}

static bool covers(const struct region *g, int x, int y)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct record_rect *r = &g->rects[i];
		if (x >= r->x_px && x < r->x_px + r->width_px && y >= r->y_px &&
			y < r->y_px + r->height_px)
			return true;
	}
	return false;
}

static void inside(const struct region *g)
{
	for (size_t i = 0; i < g->count; i++) {
		assert_true(g->rects[i].x_px + g->rects[i].width_px <= WIDTH);
		assert_true(g->rects[i].y_px + g->rects[i].height_px <= HEIGHT);
	}
}

static void test_same(void **state)
{
	struct region g;

	(void)state;
	assert_false(look(0, HEIGHT, &g));
	assert_true(region_empty(&g));
}

static void test_every_pixel_alone(void **state)
{
	struct region g;

	(void)state;
	for (int y = 0; y < HEIGHT; y += 7)
		for (int x = 0; x < WIDTH; x++) {
			now[y][x] ^= 0x01000000U >> (x % 25);
			assert_true(look(0, HEIGHT, &g));
			assert_true(covers(&g, x, y));
			inside(&g);
			assert_int_equal(g.count, 1);
			assert_true(g.rects[0].width_px <= COMPARE_TILE_PX);
			assert_true(g.rects[0].height_px <= COMPARE_TILE_PX);
			now[y][x] = then[y][x];
		}
}

static void test_many(void **state)
{
	struct region g;

	(void)state;
	srand(1);
	for (int round = 0; round < 200; round++) {
		int places[8][2];
		for (int i = 0; i < 8; i++) {
			places[i][0] = rand() % WIDTH;
			places[i][1] = rand() % HEIGHT;
			now[places[i][1]][places[i][0]] = (uint32_t)rand() | 1;
		}
		assert_true(look(0, HEIGHT, &g));
		inside(&g);
		for (int i = 0; i < 8; i++)
			assert_true(covers(&g, places[i][0], places[i][1]));
		memcpy(now, then, sizeof(now));
	}
}

/* Rows beyond those that were asked for are not touched: they may not be there yet. */
static void test_some_rows(void **state)
{
	struct region g;

	(void)state;
	now[10][5] = 1;
	now[90][5] = 1;
	assert_false(look(20, 70, &g));
	assert_true(look(20, 71, &g));
	assert_false(covers(&g, 5, 10));
	assert_true(covers(&g, 5, 90));
	assert_true(look(0, 11, &g));
	memcpy(now, then, sizeof(now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_every_pixel_alone),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_some_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
