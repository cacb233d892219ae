/* Media types of Wayland as kinds, and back. */
#include "tests/unit/cmocka_first.h"

#include "common/clipboard/wayland_names.h"

#include <stdio.h>

static void the_best_name_is_asked_for(void **state)
{
	struct wayland_names n = { 0 };

	(void)state;
	wayland_names_add(&n, "text/plain");
	assert_string_equal(n.ask[CLIPBOARD_TEXT], "text/plain");
	wayland_names_add(&n, "text/plain;charset=utf-8");
	wayland_names_add(&n, "UTF8_STRING");
	assert_string_equal(n.ask[CLIPBOARD_TEXT], "text/plain;charset=utf-8");
	assert_int_equal(n.kinds, CLIPBOARD_BIT(CLIPBOARD_TEXT));
	assert_false(n.secret);
}

static void unknown_names_are_nothing(void **state)
{
	struct wayland_names n = { 0 };
	enum clipboard_kind kind;

	(void)state;
	wayland_names_add(&n, "application/x-secret;displayname=\"file:///home/me\"");
	wayland_names_add(&n, "image/png2");
	wayland_names_add(&n, "");
	assert_int_equal(n.kinds, 0);
	assert_int_equal(n.owner, 0);
	assert_int_equal(wayland_names_answer("image/bmp", &kind), WAYLAND_ANSWER_NONE);
}

static void the_hint_is_seen(void **state)
{
	struct wayland_names n = { 0 };
	enum clipboard_kind kind;

	(void)state;
	wayland_names_add(&n, "x-kde-passwordManagerHint");
	assert_true(n.secret);
	assert_int_equal(
		wayland_names_answer("x-kde-passwordManagerHint", &kind), WAYLAND_ANSWER_HINT);
}

static void the_mark_reads_back(void **state)
{
	char mark[WAYLAND_NAME_BYTES], longer[WAYLAND_NAME_BYTES + 1];
	struct wayland_names n = { 0 };

	(void)state;
	wayland_names_mark(mark, UINT64_MAX, 1);
	wayland_names_add(&n, mark);
	assert_true(n.origin == UINT64_MAX && n.owner == 1);
	n = (struct wayland_names){ 0 };
	snprintf(longer, sizeof(longer), "%s0", mark);
	wayland_names_add(&n, longer);
	wayland_names_add(&n, "application/x-farseat;origin=1;owner=2");
	assert_true(n.origin == 0 && n.owner == 0);
}

static void note(void *user, const char *name)
{
	wayland_names_add(user, name);
}

static void what_is_offered_reads_back(void **state)
{
	struct wayland_names n = { 0 };

	(void)state;
	wayland_names_offer(CLIPBOARD_WIRE_KINDS, true, note, &n);
	assert_int_equal(n.kinds, CLIPBOARD_WIRE_KINDS);
	assert_true(n.secret);
	n = (struct wayland_names){ 0 };
	wayland_names_offer(CLIPBOARD_BIT(CLIPBOARD_PNG), false, note, &n);
	assert_int_equal(n.kinds, CLIPBOARD_BIT(CLIPBOARD_PNG));
	assert_false(n.secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_name_is_asked_for),
		cmocka_unit_test(unknown_names_are_nothing),
		cmocka_unit_test(the_hint_is_seen),
		cmocka_unit_test(the_mark_reads_back),
		cmocka_unit_test(what_is_offered_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
