/* Parts of files: found again, making room for others, never while they are waited for. */
#include "tests/unit/cmocka_first.h"

#include "client/paste/blocks.h"

#include <errno.h>

static struct paste_blocks blocks;

static int end(void **state)
{
	(void)state;
	paste_blocks_finish(&blocks);
	return 0;
}

static struct paste_block *here(uint32_t node, uint32_t index)
{
	struct paste_block *b = paste_blocks_take(&blocks, node, index, 4);

	assert_non_null(b);
	assert_int_equal(paste_block_add(b, (const uint8_t *)"abcd", 4), 0);
	b->state = PASTE_BLOCK_HERE;
	return b;
}

static void no_more_than_was_asked_for(void **state)
{
	(void)state;
	struct paste_block *b = here(5, 0);
	assert_int_equal(paste_block_add(b, (const uint8_t *)"e", 1), -EPROTO);
	assert_int_equal(b->len, 4);
}

static void the_oldest_makes_room(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PASTE_BLOCKS_MAX; i++)
		(void)here(7, i);
	assert_non_null(paste_blocks_find(&blocks, 7, 0)); /* a use */
	(void)here(8, 0);
	assert_non_null(paste_blocks_find(&blocks, 7, 0));
	assert_null(paste_blocks_find(&blocks, 7, 1));
}

static void what_is_waited_for_stays(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PASTE_BLOCKS_MAX; i++)
		assert_non_null(paste_blocks_take(&blocks, 7, i, 4));
	assert_null(paste_blocks_take(&blocks, 8, 0, 4));
}

static void a_file_is_dropped(void **state)
{
	(void)state;
	const struct paste_block *kept = here(7, 0);
	(void)here(7, 1);
	(void)here(8, 1);
	assert_non_null(paste_blocks_take(&blocks, 7, 2, 4));
	paste_blocks_drop_of(&blocks, 7, kept);
	assert_non_null(paste_blocks_find(&blocks, 7, 0));
	assert_null(paste_blocks_find(&blocks, 7, 1));
	assert_non_null(paste_blocks_find(&blocks, 7, 2)); /* it is asked for */
	assert_non_null(paste_blocks_find(&blocks, 8, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(no_more_than_was_asked_for, end),
		cmocka_unit_test_teardown(the_oldest_makes_room, end),
		cmocka_unit_test_teardown(what_is_waited_for_stays, end),
		cmocka_unit_test_teardown(a_file_is_dropped, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
