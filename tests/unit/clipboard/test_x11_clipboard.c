/* Two clipboards of ours on one Xvfb: what one owns the other reads, in all sizes, and what goes wrong
 * in between. */
#include "common/clipboard/x11_base.h"
#include "tests/unit/clipboard/x11_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CB     CLIPBOARD_CLIPBOARD
#define TEXT   CLIPBOARD_BIT(CLIPBOARD_TEXT)
#define PNG    CLIPBOARD_BIT(CLIPBOARD_PNG)
#define HTML   CLIPBOARD_BIT(CLIPBOARD_HTML)
#define WINDOW (64U << 10)

static struct rig rig;
static struct side a, b, c;

static int setup(void **state)
{
	(void)state;
	rig_start(&rig);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_finish(&rig);
	return 0;
}

static int two(void **state)
{
	(void)state;
	rig_add(&rig, &a);
	rig_add(&rig, &b);
	return 0;
}

static int none(void **state)
{
	(void)state;
	while (rig.side_count)
		rig_remove(&rig, rig.sides[0]);
	return 0;
}

/* a owns that, and b has heard of it. */
static void own(enum clipboard_selection selection, unsigned kinds, bool secret, uint64_t origin)
{
	unsigned told = b.told[selection], self = a.told[selection];

	side_own(&a, selection, kinds, secret, origin);
	RIG_WAIT(&rig, b.told[selection] > told && a.told[selection] > self);
	assert_true(b.told[selection] > told);
	assert_true(a.told[selection] > self);
}

static uint8_t *noise(size_t len)
{
	uint8_t *bytes = malloc(len + 1);
	uint32_t x = 1;

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	return bytes;
}

static void read_whole(enum clipboard_kind kind, size_t window)
{
	assert_int_equal(side_read(&b, CB, kind, window), 0);
	RIG_WAIT(&rig, b.ended);
	assert_true(b.ended);
	assert_int_equal(b.end, CLIPBOARD_WHOLE);
}

static void assert_got(const uint8_t *bytes, size_t len)
{
	assert_int_equal(b.got.len, len);
	if (len > 0)
		assert_memory_equal(buffer_front(&b.got), bytes, len);
}

static void test_owner_is_told(void **state)
{
	(void)state;
	own(CB, TEXT | PNG, true, 0x1122334455667788);
	assert_int_equal(b.owner[CB].kinds, TEXT | PNG);
	assert_true(b.owner[CB].secret);
	assert_false(b.owner[CB].ours);
	assert_true(b.owner[CB].origin == 0x1122334455667788);
	assert_true(a.owner[CB].ours);
	assert_int_equal(b.told[CLIPBOARD_PRIMARY], 0);
	own(CLIPBOARD_PRIMARY, HTML, false, 5);
	assert_int_equal(b.owner[CLIPBOARD_PRIMARY].kinds, HTML);
	assert_false(b.owner[CLIPBOARD_PRIMARY].secret);
	assert_int_equal(b.owner[CB].kinds, TEXT | PNG);
}

static void test_owner_from_before(void **state)
{

	(void)state;
	own(CB, TEXT, false, 7);
	rig_add(&rig, &c);
	RIG_WAIT(&rig, c.told[CB]);
	assert_int_equal(c.owner[CB].kinds, TEXT);
	assert_true(c.owner[CB].origin == 7);
	rig_remove(&rig, &c);
}

/* At and around the length from which it goes by pieces, and where a piece is full. */
static void test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 5, 65535, 65536, 65537, 262143, 262144, 262145,
		524288, 524289, 1000003 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint8_t *bytes = noise(sizes[i]);
		a.content = bytes;
		a.content_len = sizes[i];
		own(CB, PNG, false, 1);
		read_whole(CLIPBOARD_PNG, WINDOW);
		assert_got(bytes, sizes[i]);
		free(bytes);
	}
}

static void test_largest_picture(void **state)
{
	size_t len = WIRE_CLIPBOARD_PNG_MAX_BYTES;
	uint8_t *bytes = noise(len);

	(void)state;
	a.content = bytes;
	a.content_len = len;
	own(CB, PNG, false, 1);
	read_whole(CLIPBOARD_PNG, 4 * WINDOW);
	assert_got(bytes, len);
	free(bytes);
}

static void test_too_large(void **state)
{
	size_t len = WIRE_CLIPBOARD_TEXT_MAX_BYTES + (4U << 20);
	uint8_t *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', len);
	a.content = bytes;
	a.content_len = len;
	own(CB, TEXT, false, 1);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, 4 * WINDOW), 0);
	RIG_WAIT(&rig, b.ended);
	assert_int_equal(b.end, CLIPBOARD_TOO_LARGE);
	assert_true(b.got.len <= WIRE_CLIPBOARD_TEXT_MAX_BYTES);
	/* Whoever gave learns that nobody reads on. */
	RIG_WAIT(&rig, a.unwanted);
	assert_int_equal(a.unwanted, 1);
	free(bytes);
}

static void test_window_is_kept(void **state)
{
	uint8_t *bytes = noise(1000000);

	(void)state;
	a.content = bytes;
	a.content_len = 1000000;
	own(CB, PNG, false, 1);
	b.keeps_window = true;
	assert_int_equal(side_read(&b, CB, CLIPBOARD_PNG, 10000), 0);
	RIG_WAIT(&rig, b.got.len == 10000);
	assert_int_equal(b.got.len, 10000);
	b.local->impl->read_more(b.local, b.read, 5000);
	RIG_WAIT(&rig, b.got.len >= 15000);
	for (int i = 0; i < 20; i++)
		rig_turn(&rig, 5);
	assert_int_equal(b.got.len, 15000);
	assert_false(b.ended);
	/* The giver holds what nobody has room for: no more than two pieces lie in between. */
	assert_true(a.gives[0].request);
	assert_true(a.gives[0].done < 1000000);
	b.keeps_window = false;
	b.local->impl->read_more(b.local, b.read, WINDOW);
	RIG_WAIT(&rig, b.ended);
	assert_got(bytes, 1000000);
	free(bytes);
}

/* A text's window has room for half of it, since it may become longer: what is left would shrink to
 * nothing, in ever smaller parts. */
static void test_no_small_parts(void **state)
{
	const size_t len = 1000000, window = WINDOW;
	uint8_t *bytes = noise(len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)('a' + bytes[i] % 26);
	a.content = bytes;
	a.content_len = len;
	own(CB, TEXT, false, 1);
	b.keeps_window = true;
	b.datas = 0;
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, window), 0);
	while (!b.ended) {
		size_t before = b.got.len;
		RIG_WAIT(&rig, b.ended || b.got.len >= before + window / 2);
		for (int i = 0; i < 3; i++) /* nothing else comes, unless it is small */
			rig_turn(&rig, 2);
		b.local->impl->read_more(b.local, b.read, b.got.len - before);
	}
	b.keeps_window = false;
	assert_got(bytes, len);
	/* Two parts a window, and what ends a piece of the giver's. */
	assert_true(b.datas <= 2 * len / (window / 2) + 2 * len / X11_PIECE_BYTES);
	free(bytes);
}

static void test_given_byte_by_byte(void **state)
{
	uint8_t *bytes = noise(300000);

	(void)state;
	a.content = bytes;
	a.content_len = 300000;
	a.by_bytes = true;
	own(CB, HTML, false, 1);
	read_whole(CLIPBOARD_HTML, WINDOW);
	assert_got(bytes, 300000);
	free(bytes);
}

static void test_refused(void **state)
{
	(void)state;
	a.refuses = true;
	own(CB, TEXT, false, 1);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, WINDOW), 0);
	RIG_WAIT(&rig, b.ended);
	assert_int_equal(b.end, CLIPBOARD_REFUSED);
	assert_int_equal(a.wanted, 1);
	assert_int_equal(a.last_kind, CLIPBOARD_TEXT);
}

static void test_kind_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, WINDOW), -ENOENT);
	own(CB, TEXT, false, 1);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_PNG, WINDOW), -ENOENT);
	assert_int_equal(a.wanted, 0);
}

static void test_no_answer(void **state)
{
	uint64_t begun_ms;

	(void)state;
	own(CB, TEXT, false, 1);
	begun_ms = clock_now_ms();
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, WINDOW), 0);
	RIG_WAIT(&rig, b.ended);
	assert_int_equal(b.end, CLIPBOARD_LATE);
	assert_true(clock_now_ms() - begun_ms >= CLIPBOARD_ANSWER_MS);
	/* The giver is told, and what it gives now goes nowhere. */
	RIG_WAIT(&rig, a.unwanted);
	assert_int_equal(a.unwanted, 1);
	assert_int_equal(
		a.local->impl->give(a.local, a.last_request, (const uint8_t *)"x", 1, true), 1);
}

static void test_cleared_answers_empty(void **state)
{
	(void)state;
	own(CB, TEXT | PNG, true, 1);
	a.local->impl->clear(a.local, CB);
	read_whole(CLIPBOARD_TEXT, WINDOW);
	assert_int_equal(b.got.len, 0);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_PNG, WINDOW), 0); /* b knows no better */
	RIG_WAIT(&rig, b.ended);
	assert_int_equal(b.end, CLIPBOARD_REFUSED);
	assert_int_equal(a.wanted, 0);
	/* And who looks anew finds a text, and no secret. */
	rig_add(&rig, &c);
	RIG_WAIT(&rig, c.told[CB]);
	assert_int_equal(c.owner[CB].kinds, TEXT);
	assert_false(c.owner[CB].secret);
	rig_remove(&rig, &c);
}

static void test_clear_of_what_is_not_owned(void **state)
{
	(void)state;
	own(CB, TEXT, false, 1);
	side_own(&b, CLIPBOARD_PRIMARY, TEXT, false, 2);
	b.local->impl->clear(b.local, CLIPBOARD_PRIMARY);
	b.local->impl->clear(b.local, CB);
	a.content = (const uint8_t *)"still";
	a.content_len = 5;
	read_whole(CLIPBOARD_TEXT, WINDOW);
	assert_got((const uint8_t *)"still", 5);
	assert_int_equal(b.told[CLIPBOARD_PRIMARY], 0);
}

static void test_owner_vanishes(void **state)
{
	(void)state;
	own(CB, TEXT, false, 1);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, WINDOW), 0);
	RIG_WAIT(&rig, a.wanted);
	unsigned told = b.told[CB];
	rig_remove(&rig, &a);
	RIG_WAIT(&rig, b.ended && b.told[CB] > told);
	assert_true(b.ended);
	assert_int_not_equal(b.end, CLIPBOARD_WHOLE);
	assert_int_equal(b.owner[CB].kinds, 0);
}

static void test_reader_stops(void **state)
{
	uint8_t *bytes = noise(2000000);

	(void)state;
	a.content = bytes;
	a.content_len = 2000000;
	own(CB, PNG, false, 1);
	b.keeps_window = true;
	assert_int_equal(side_read(&b, CB, CLIPBOARD_PNG, WINDOW), 0);
	RIG_WAIT(&rig, b.got.len == WINDOW);
	b.local->impl->stop(b.local, b.read);
	RIG_WAIT(&rig, a.unwanted);
	assert_int_equal(a.unwanted, 1);
	assert_false(b.ended);
	b.keeps_window = false;
	read_whole(CLIPBOARD_PNG, WINDOW);
	assert_got(bytes, 2000000);
	free(bytes);
}

/* A new owner while the old one's answer is under way: that is finished (ICCCM). */
static void test_owner_changes_in_the_middle(void **state)
{
	uint8_t *bytes = noise(1000000);

	(void)state;
	a.content = bytes;
	a.content_len = 1000000;
	own(CB, PNG, false, 1);
	rig_add(&rig, &c);
	b.keeps_window = true;
	assert_int_equal(side_read(&b, CB, CLIPBOARD_PNG, WINDOW), 0);
	RIG_WAIT(&rig, b.got.len == WINDOW);
	unsigned told = b.told[CB];
	side_own(&c, CB, TEXT, false, 2);
	RIG_WAIT(&rig, b.told[CB] > told);
	assert_int_equal(b.owner[CB].kinds, TEXT);
	b.keeps_window = false;
	b.local->impl->read_more(b.local, b.read, WINDOW);
	RIG_WAIT(&rig, b.ended);
	assert_int_equal(b.end, CLIPBOARD_WHOLE);
	assert_got(bytes, 1000000);
	rig_remove(&rig, &c);
	free(bytes);
}

static void test_too_many_reads(void **state)
{
	uint32_t ids[32];
	int made = 0, r = 0;

	(void)state;
	own(CB, TEXT, false, 1);
	for (; made < 32; made++) {
		r = b.local->impl->read(b.local, CB, CLIPBOARD_TEXT, WINDOW, &ids[made]);
		if (r < 0)
			break;
	}
	assert_int_equal(r, -EBUSY);
	assert_true(made >= 2);
	for (int i = 0; i < made; i++)
		b.local->impl->stop(b.local, ids[i]);
	/* The names of a new owner are asked for all the same. */
	own(CB, HTML, false, 1);
	assert_int_equal(b.owner[CB].kinds, HTML);
}

static void test_server_ends(void **state)
{
	(void)state;
	own(CB, TEXT, false, 1);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, WINDOW), 0);
	kill(rig.h.xvfb, SIGKILL);
	RIG_WAIT(&rig, a.lost && b.lost);
	assert_true(a.lost);
	assert_true(b.lost);
	assert_int_equal(side_read(&b, CB, CLIPBOARD_TEXT, WINDOW), -ENOENT);
	side_own(&a, CB, TEXT, false, 1);
	a.local->impl->clear(a.local, CB);
	a.local->impl->refuse(a.local, a.last_request);
	rig_turn(&rig, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_owner_is_told, two, none),
		cmocka_unit_test_setup_teardown(test_owner_from_before, two, none),
		cmocka_unit_test_setup_teardown(test_sizes, two, none),
		cmocka_unit_test_setup_teardown(test_largest_picture, two, none),
		cmocka_unit_test_setup_teardown(test_too_large, two, none),
		cmocka_unit_test_setup_teardown(test_window_is_kept, two, none),
		cmocka_unit_test_setup_teardown(test_no_small_parts, two, none),
		cmocka_unit_test_setup_teardown(test_given_byte_by_byte, two, none),
		cmocka_unit_test_setup_teardown(test_refused, two, none),
		cmocka_unit_test_setup_teardown(test_kind_that_is_not_there, two, none),
		cmocka_unit_test_setup_teardown(test_no_answer, two, none),
		cmocka_unit_test_setup_teardown(test_cleared_answers_empty, two, none),
		cmocka_unit_test_setup_teardown(test_clear_of_what_is_not_owned, two, none),
		cmocka_unit_test_setup_teardown(test_owner_vanishes, two, none),
		cmocka_unit_test_setup_teardown(test_reader_stops, two, none),
		cmocka_unit_test_setup_teardown(test_owner_changes_in_the_middle, two, none),
		cmocka_unit_test_setup_teardown(test_too_many_reads, two, none),
		cmocka_unit_test_setup_teardown(
			test_server_ends, two, none), /* the last: it has none then */
	};

	if (!harness_possible())
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
