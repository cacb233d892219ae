#include "server/agent/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static void test_empty_changes_nothing(void **state)
{
	struct region g = { 0 };

	(void)state;
	region_add(&g, (struct record_rect){ 5, 5, 0, 10 });
	region_add(&g, (struct record_rect){ 5, 5, 10, 0 });
	assert_true(region_empty(&g));
}

static void test_contained_is_swallowed(void **state)
{
	struct region g = { 0 };

	(void)state;
	region_add(&g, (struct record_rect){ 100, 100, 500, 500 });
	region_add(&g, (struct record_rect){ 150, 150, 50, 50 });
	assert_int_equal(g.count, 1);
	assert_int_equal(g.rects[0].width_px, 500);
	region_add(&g, (struct record_rect){ 0, 0, 1920, 1080 });
	assert_int_equal(g.count, 1);
	assert_int_equal(g.rects[0].width_px, 1920);
}

static void test_near_are_joined_far_are_not(void **state)
{
	struct region g = { 0 };

	(void)state;
	region_add(&g, (struct record_rect){ 0, 0, 10, 10 });
	region_add(&g, (struct record_rect){ 12, 0, 10, 10 });
	assert_int_equal(g.count, 1);
	assert_int_equal(g.rects[0].width_px, 22);
	region_add(&g, (struct record_rect){ 1800, 1000, 10, 10 });
	assert_int_equal(g.count, 2);
}

/* What joins two that lay apart becomes one with both. */
static void test_chain(void **state)
{
	struct region g = { 0 };

	(void)state;
	region_add(&g, (struct record_rect){ 0, 0, 100, 1000 });
	region_add(&g, (struct record_rect){ 1000, 0, 100, 1000 });
	assert_int_equal(g.count, 2);
	region_add(&g, (struct record_rect){ 100, 0, 900, 1000 });
	assert_int_equal(g.count, 1);
	assert_int_equal(g.rects[0].width_px, 1100);
}

static void test_never_loses_a_pixel_and_never_grows_over(void **state)
{
	(void)state;
	srand(7);
	for (int run = 0; run < 50; run++) {
		struct region g = { 0 };
		struct record_rect added[400];
		for (size_t i = 0; i < ARRAY_LEN(added); i++) {
			added[i] = (struct record_rect){ (uint16_t)(rand() % 16000),
				(uint16_t)(rand() % 16000), (uint16_t)(1 + rand() % 384),
				(uint16_t)(1 + rand() % 384) };
			region_add(&g, added[i]);
			assert_true(g.count <= REGION_RECTS_MAX);
		}
		for (size_t i = 0; i < ARRAY_LEN(added); i++) {
			const struct record_rect *r = &added[i];
			assert_true(covers(&g, r->x_px, r->y_px));
			assert_true(
				covers(&g, r->x_px + r->width_px - 1, r->y_px + r->height_px - 1));
			assert_true(
				covers(&g, r->x_px + r->width_px / 2, r->y_px + r->height_px / 2));
		}
	}
}

static void test_region_into_region(void **state)
{
	struct region a = { 0 }, b = { 0 };

	(void)state;
	region_add(&a, (struct record_rect){ 0, 0, 10, 10 });
	region_add(&b, (struct record_rect){ 1000, 1000, 10, 10 });
	region_add_region(&a, &b);
	assert_true(covers(&a, 5, 5) && covers(&a, 1005, 1005));
	assert_int_equal(a.count, 2);
	region_clear(&a);
	assert_true(region_empty(&a));
}

static void test_clip(void **state)
{
	static const struct {
		int x, y, width, height;
		struct record_rect expected;
	} cases[] = {
		{ 0, 0, 100, 100, { 0, 0, 100, 100 } },
		{ -10, -20, 100, 100, { 0, 0, 90, 80 } },
		{ 1900, 1070, 100, 100, { 1900, 1070, 20, 10 } },
		{ 1920, 0, 10, 10, { 0, 0, 0, 0 } },
		{ 0, 1080, 10, 10, { 0, 0, 0, 0 } },
		{ -10, 0, 10, 10, { 0, 0, 0, 0 } },
		{ 5, 5, 0, 10, { 0, 0, 0, 0 } },
		{ 5, 5, -7, 10, { 0, 0, 0, 0 } },
		{ 5, 5, INT32_MAX, INT32_MAX, { 5, 5, 1915, 1075 } },
		{ INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX, { 0, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct record_rect r = region_clip(
			cases[i].x, cases[i].y, cases[i].width, cases[i].height, 1920, 1080);
		assert_memory_equal(&r, &cases[i].expected, sizeof(r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_changes_nothing),
		cmocka_unit_test(test_contained_is_swallowed),
		cmocka_unit_test(test_near_are_joined_far_are_not),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_never_loses_a_pixel_and_never_grows_over),
		cmocka_unit_test(test_region_into_region),
		cmocka_unit_test(test_clip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
