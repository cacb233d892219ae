/* Panels above the picture: what the mouse hits, when they are drawn anew, what fits a small window. */
#include "tests/unit/cmocka_first.h"

#include "client/window/overlay.h"
#include "client/window/scale.h"

#include <math.h>
#include <string.h>

enum { TRY, CLOSE };

static struct canvas *canvas;
static struct overlay overlay;
static struct area_list dirty;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(canvas_create(&canvas, 1), 0);
	overlay_init(&overlay, canvas);
	overlay_resize(&overlay, 1280, 800);
	area_list_clear(&dirty);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	overlay_finish(&overlay);
	canvas_destroy(canvas);
	return 0;
}

static struct overlay_words card(void)
{
	struct overlay_words words = { 0 };

	overlay_add_line(&words, "Could not connect to %s", "office");
	for (int i = 0; i < 6; i++)
		overlay_add_line(&words, "A sentence that says why, and what to do about it.");
	overlay_add_button(&words, "Try again", TRY);
	overlay_add_button(&words, "Close", CLOSE);
	return words;
}

/* The actions in the order in which they stand, found by the mouse alone. */
static size_t find_actions(enum overlay_panel which, int found[static 8])
{
	const struct area *at = &overlay.panels[which].place;
	int last = OVERLAY_ACTION_NONE, action;
	size_t count = 0;

	for (int y = at->y; y < at->y + at->height; y += 4)
		for (int x = at->x; x < at->x + at->width; x += 4) {
			overlay_at(&overlay, which, x, y, &action);
			bool known = action == OVERLAY_ACTION_NONE || action == last;
			for (size_t i = 0; i < count; i++)
				known |= found[i] == action;
			if (!known && count < 8)
				found[count++] = last = action;
		}
	return count;
}

/* A click away from what they cover, and after four as before. */
static void test_statistics_move(void **state)
{
	struct overlay_words words = { .selected = -1 };
	const struct area *at = &overlay.panels[OVERLAY_STATS].place;
	struct area first;

	(void)state;
	overlay_add_line(&words, "pictures");
	overlay_show(&overlay, OVERLAY_STATS, &words, &dirty);
	first = *at;
	for (int i = 0; i < 4; i++) {
		bool right = i == 1 || i == 2, low = i >= 2;
		assert_int_equal(at->x, right ? 1280 - first.width - first.x : first.x);
		assert_int_equal(at->y, low ? 800 - first.height - first.y : first.y);
		area_list_clear(&dirty);
		overlay_move_stats(&overlay);
		overlay_show(&overlay, OVERLAY_STATS, &words, &dirty);
		assert_true(dirty.count > 0); /* the old place is drawn anew, too */
	}
	assert_memory_equal(at, &first, sizeof(first));
}

static void test_buttons_are_hit(void **state)
{
	struct overlay_words words = card();
	int found[8];

	(void)state;
	overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
	assert_true(overlay_covers(&overlay, OVERLAY_CARD, 640, 400));
	assert_int_equal(find_actions(OVERLAY_CARD, found), 2);
	assert_int_equal(found[0], TRY);
	assert_int_equal(found[1], CLOSE);
	overlay_show(&overlay, OVERLAY_CARD, NULL, &dirty);
	assert_false(overlay_covers(&overlay, OVERLAY_CARD, 640, 400));
	assert_int_equal(overlay_at(&overlay, OVERLAY_CARD, 640, 400, &found[0]), -1);
	assert_int_equal(found[0], OVERLAY_ACTION_NONE);
}

static void test_drawn_when_it_changes(void **state)
{
	struct overlay_words words = card();

	(void)state;
	overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
	area_list_clear(&dirty);
	overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
	assert_int_equal(dirty.count, 0);
	words.selected = 1;
	overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
	assert_int_equal(dirty.count, 1);
	area_list_clear(&dirty);
	strcpy(words.buttons[1].label, "Give up");
	overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
	assert_int_equal(dirty.count, 1);
}

static void test_small_windows(void **state)
{
	static const int sizes[][2] = { { 640, 480 }, { 480, 300 }, { 300, 160 } };
	struct overlay_words words = card(), menu = { 0 };
	int found[8];

	(void)state;
	for (int i = 0; i < 6; i++)
		overlay_add_line(&menu, "An entry of the menu\tCtrl+Alt+X");
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct area window = { 0, 0, sizes[i][0], sizes[i][1] };
		overlay_resize(&overlay, window.width, window.height);
		overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
		overlay_show(&overlay, OVERLAY_MENU, &menu, &dirty);
		assert_true(area_contains(window, overlay.panels[OVERLAY_CARD].place));
		assert_true(area_contains(window, overlay.panels[OVERLAY_MENU].place));
		assert_int_equal(find_actions(OVERLAY_CARD, found), 2);
		assert_int_equal(find_actions(OVERLAY_MENU, found), 6);
	}
}

static void test_larger_with_the_scale(void **state)
{
	struct overlay_words words = card();

	(void)state;
	overlay_resize(&overlay, 4000, 3000);
	overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
	int width = overlay.panels[OVERLAY_CARD].place.width;
	int line = canvas_line_height(canvas, TEXT_NORMAL);
	static const double scales[] = { 1.25, 1.5, 2 };
	for (size_t i = 0; i < ARRAY_LEN(scales); i++) {
		assert_true(canvas_set_scale(canvas, scales[i]));
		assert_false(canvas_set_scale(canvas, scales[i]));
		overlay_resize(&overlay, 4000, 3000);
		overlay_show(&overlay, OVERLAY_CARD, &words, &dirty);
		assert_int_equal(
			overlay.panels[OVERLAY_CARD].place.width, lround(width * scales[i]));
		assert_in_range(canvas_line_height(canvas, TEXT_NORMAL),
			lround(line * scales[i]) - 2, lround(line * scales[i]) + 2);
	}
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void test_scales(void **state)
{
	static const char *const wrong[] = { "", "x", "1.5x", "0", "0.4", "4.1", "-1", "nan",
		"inf" };

	(void)state;
	assert_true(near(scale_parse("1.5"), 1.5));
	assert_true(near(scale_parse("0.5"), 0.5));
	assert_true(near(scale_parse("4"), 4));
	assert_true(near(scale_parse(NULL), 0));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_true(near(scale_parse(wrong[i]), 0));
	assert_true(near(scale_by_dpi(96), 1));
	assert_true(near(scale_by_dpi(120), 1.25));
	assert_true(near(scale_by_dpi(192), 2));
	assert_true(near(scale_by_dpi(72), 1)); /* never too small to be read */
	assert_true(near(scale_by_dpi(0), 1));
	assert_true(near(scale_by_dpi(1e9), SCALE_MAX));
	assert_true(near(scale_by_dpi((double)NAN), 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_statistics_move, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_buttons_are_hit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_drawn_when_it_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_small_windows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_larger_with_the_scale, set_up, tear_down),
		cmocka_unit_test(test_scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
