#include "client/window/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 5000

static void test_connecting_listens_at_once(void **state)
{
	(void)state;
	struct card c = { 0 };

	card_show(&c, 1, false, NOW);
	assert_int_equal(card_chosen(&c, NOW), 0);
	assert_int_equal(card_due_ms(&c, NOW), 0);
	assert_int_equal(card_key(&c, SDLK_RETURN, NOW), CARD_PRESS);
	assert_int_equal(card_key(&c, SDLK_ESCAPE, NOW), CARD_GIVE_UP);
}

/* Typed for the session, which was there a moment ago. */
static void test_deaf_at_first(void **state)
{
	(void)state;
	static const SDL_Keycode keys[] = { SDLK_ESCAPE, SDLK_RETURN, SDLK_KP_ENTER, SDLK_SPACE,
		SDLK_TAB };
	struct card c = { 0 };

	card_show(&c, 2, true, NOW);
	assert_int_equal(card_due_ms(&c, NOW), NOW + CARD_DEAF_MS);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		card_show(&c, 2, true, NOW + 100 * i); /* its words change: it is the same card */
		assert_int_equal(card_key(&c, keys[i], NOW), CARD_NOTHING);
		assert_int_equal(card_key(&c, keys[i], NOW + CARD_DEAF_MS - 1), CARD_NOTHING);
		assert_int_equal(card_chosen(&c, NOW + CARD_DEAF_MS - 1), -1);
	}
	assert_int_equal(card_chosen(&c, NOW + CARD_DEAF_MS), 0); /* Tab went nowhere */
	assert_int_equal(card_due_ms(&c, NOW + CARD_DEAF_MS), 0);
	assert_int_equal(card_key(&c, SDLK_ESCAPE, NOW + CARD_DEAF_MS), CARD_GIVE_UP);
}

/* The link came back for a moment: the card that comes then is another one. */
static void test_deaf_each_time(void **state)
{
	(void)state;
	struct card c = { 0 };

	card_show(&c, 2, true, NOW);
	card_hide(&c);
	assert_int_equal(card_key(&c, SDLK_ESCAPE, 2 * NOW), CARD_NOTHING);
	assert_int_equal(card_due_ms(&c, NOW), 0);
	card_show(&c, 2, true, 2 * NOW);
	assert_int_equal(card_key(&c, SDLK_ESCAPE, 2 * NOW), CARD_NOTHING);
	assert_int_equal(card_key(&c, SDLK_ESCAPE, 2 * NOW + CARD_DEAF_MS), CARD_GIVE_UP);
}

static void test_buttons_by_keys(void **state)
{
	(void)state;
	struct card c = { 0 };

	card_show(&c, 3, false, NOW);
	assert_int_equal(card_key(&c, SDLK_LEFT, NOW), CARD_NOTHING);
	assert_int_equal(c.selected, 2);
	assert_int_equal(card_key(&c, SDLK_TAB, NOW), CARD_NOTHING);
	assert_int_equal(c.selected, 0);
	assert_int_equal(card_key(&c, SDLK_RIGHT, NOW), CARD_NOTHING);
	assert_int_equal(c.selected, 1);
	assert_int_equal(card_key(&c, SDLK_a, NOW), CARD_NOTHING);
	assert_int_equal(card_key(&c, SDLK_SPACE, NOW), CARD_PRESS);
	card_show(&c, 0, false, NOW);
	assert_int_equal(card_chosen(&c, NOW), -1);
	assert_int_equal(card_key(&c, SDLK_TAB, NOW), CARD_NOTHING);
	assert_int_equal(card_key(&c, SDLK_RETURN, NOW), CARD_NOTHING);
}

/* "Try now, Give up" becomes "Give up" alone, at the moment at which somebody presses Enter. */
static void test_no_button_takes_anothers_place(void **state)
{
	(void)state;
	struct card c = { 0 };

	card_show(&c, 2, false, NOW);
	card_show(&c, 1, false, NOW);
	assert_int_equal(card_chosen(&c, NOW), -1);
	assert_int_equal(card_key(&c, SDLK_RETURN, NOW), CARD_NOTHING);
	assert_int_equal(card_key(&c, SDLK_ESCAPE, NOW), CARD_GIVE_UP); /* means the same in both */
	card_show(&c, 1, false, NOW);
	assert_int_equal(card_key(&c, SDLK_TAB, NOW), CARD_NOTHING);
	assert_int_equal(card_key(&c, SDLK_RETURN, NOW), CARD_PRESS);
	assert_int_equal(c.selected, 0);
	card_show(&c, 3, false, NOW);
	card_show(&c, 2, false, NOW);
	assert_int_equal(card_key(&c, SDLK_LEFT, NOW), CARD_NOTHING);
	assert_int_equal(c.selected, 1);
	card_show(&c, 3, false, NOW); /* and new ones begin at the first */
	assert_int_equal(card_chosen(&c, NOW), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connecting_listens_at_once),
		cmocka_unit_test(test_deaf_at_first),
		cmocka_unit_test(test_deaf_each_time),
		cmocka_unit_test(test_buttons_by_keys),
		cmocka_unit_test(test_no_button_takes_anothers_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
