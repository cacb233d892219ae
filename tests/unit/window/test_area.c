#include "client/window/area.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_area(struct area a, int x, int y, int width, int height)
{
	assert_int_equal(a.x, x);
	assert_int_equal(a.y, y);
	assert_int_equal(a.width, width);
	assert_int_equal(a.height, height);
}

static void test_intersect(void **state)
{
	(void)state;
	struct area a = { 10, 10, 20, 20 };

	assert_area(area_intersect(a, (struct area){ 15, 0, 100, 100 }), 15, 10, 15, 20);
	assert_true(area_empty(area_intersect(a, (struct area){ 30, 10, 5, 5 }))); /* touch only */
	assert_true(area_empty(area_intersect(a, (struct area){ 0, 0, 0, 100 })));
	assert_true(area_empty(area_intersect(a, (struct area){ 12, 12, -5, 5 })));
}

static void test_union_ignores_empty(void **state)
{
	(void)state;
	struct area a = { 10, 10, 20, 20 };

	assert_area(area_union(a, (struct area){ 0, 0, 0, 0 }), 10, 10, 20, 20);
	assert_area(area_union((struct area){ 5, 5, 0, 9 }, a), 10, 10, 20, 20);
	assert_area(area_union(a, (struct area){ 40, 5, 10, 5 }), 10, 5, 40, 25);
}

static void test_add_drops_contained(void **state)
{
	(void)state;
	struct area_list l = { .count = 0 };

	area_list_add(&l, (struct area){ 0, 0, 100, 100 });
	area_list_add(&l, (struct area){ 10, 10, 5, 5 });
	area_list_add(&l, (struct area){ 0, 0, 0, 0 });
	assert_int_equal(l.count, 1);
	area_list_add(&l, (struct area){ -10, -10, 200, 200 });
	assert_int_equal(l.count, 1);
	assert_area(l.items[0], -10, -10, 200, 200);
}

static void test_add_joins_neighbours(void **state)
{
	(void)state;
	struct area_list l = { .count = 0 };

	area_list_add(&l, (struct area){ 0, 0, 10, 10 });
	area_list_add(&l, (struct area){ 20, 0, 10, 10 });
	assert_int_equal(l.count, 2);
	area_list_add(&l, (struct area){ 10, 0, 10, 10 }); /* fills the gap: all three are one */
	assert_int_equal(l.count, 1);
	assert_area(l.items[0], 0, 0, 30, 10);
}

static bool covered(const struct area_list *l, int x, int y)
{
	for (size_t i = 0; i < l->count; i++)
		if (area_has_point(l->items[i], x, y))
			return true;
	return false;
}

/* Whatever is merged, what was added stays covered, and the list never grows over its end. */
static void test_random_stays_covered(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 20; round++) {
		struct area_list l = { .count = 0 };
		struct area added[300];
		for (size_t i = 0; i < ARRAY_LEN(added); i++) {
			added[i] = (struct area){ rand() % 1000, rand() % 1000, 1 + rand() % 60,
				1 + rand() % 60 };
			area_list_add(&l, added[i]);
			assert_true(l.count <= AREA_LIST_MAX);
		}
		for (size_t i = 0; i < ARRAY_LEN(added); i++) {
			assert_true(covered(&l, added[i].x, added[i].y));
			assert_true(covered(&l, added[i].x + added[i].width - 1,
				added[i].y + added[i].height - 1));
		}
	}
}

static void test_clip(void **state)
{
	(void)state;
	struct area_list l = { .count = 0 };

	area_list_add(&l, (struct area){ -5, -5, 10, 10 });
	area_list_add(&l, (struct area){ 200, 200, 10, 10 });
	area_list_clip(&l, (struct area){ 0, 0, 100, 100 });
	assert_int_equal(l.count, 1);
	assert_area(l.items[0], 0, 0, 5, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intersect),
		cmocka_unit_test(test_union_ignores_empty),
		cmocka_unit_test(test_add_drops_contained),
		cmocka_unit_test(test_add_joins_neighbours),
		cmocka_unit_test(test_random_stays_covered),
		cmocka_unit_test(test_clip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
