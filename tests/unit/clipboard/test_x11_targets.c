/* Kinds by their names in X11. The atoms are numbers here: nothing asks a server. */
#include "common/clipboard/x11_targets.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OTHER 9999 /* a name that we do not know */

static xcb_atom_t atoms[X11_ATOM_COUNT];

static int setup(void **state)
{
	(void)state;
	for (unsigned i = 0; i < X11_ATOM_COUNT; i++)
		atoms[i] = 100 + i;
	return 0;
}

static struct x11_offer offer_of(const enum x11_atom_id *ids, size_t count)
{
	xcb_atom_t list[X11_ATOM_COUNT + 1];
	struct x11_offer offer;

	for (size_t i = 0; i < count; i++)
		list[i] = atoms[ids[i]];
	list[count] = OTHER;
	x11_targets_read(atoms, list, count + 1, &offer);
	return offer;
}

#define OFFER(...)                                                                                 \
	offer_of((const enum x11_atom_id[]){ __VA_ARGS__ },                                        \
		sizeof((const enum x11_atom_id[]){ __VA_ARGS__ }) / sizeof(enum x11_atom_id))

static void test_best_name(void **state)
{
	(void)state;
	/* Firefox: what is asked for must not be the ASCII with escapes. */
	struct x11_offer o = OFFER(
		X11_TEXT_PLAIN, X11_STRING, X11_TEXT_HTML, X11_TEXT_PLAIN_UTF8, X11_UTF8_STRING);
	assert_int_equal(o.kinds, CLIPBOARD_BIT(CLIPBOARD_TEXT) | CLIPBOARD_BIT(CLIPBOARD_HTML));
	assert_int_equal(o.target[CLIPBOARD_TEXT], atoms[X11_UTF8_STRING]);
	assert_int_equal(o.target[CLIPBOARD_HTML], atoms[X11_TEXT_HTML]);
	o = OFFER(X11_STRING);
	assert_int_equal(o.target[CLIPBOARD_TEXT], atoms[X11_STRING]);
	o = OFFER(X11_TEXT_PLAIN);
	assert_int_equal(o.kinds, 0);
}

static void test_hint_and_origin(void **state)
{
	(void)state;
	struct x11_offer o = OFFER(X11_UTF8_STRING, X11_HINT);
	assert_true(o.secret);
	assert_false(o.ours);
	o = OFFER(X11_UTF8_STRING, X11_ORIGIN);
	assert_false(o.secret);
	assert_true(o.ours);
	o = OFFER(X11_TARGETS);
	assert_int_equal(o.kinds, 0);
	x11_targets_read(atoms, NULL, 0, &o);
	assert_int_equal(o.kinds, 0);
}

static void test_answers(void **state)
{
	struct x11_answer a;
	unsigned text = CLIPBOARD_BIT(CLIPBOARD_TEXT);

	(void)state;
	assert_true(x11_targets_answer(atoms, atoms[X11_STRING], text, &a));
	assert_true(a.latin1);
	assert_true(x11_targets_answer(atoms, atoms[X11_TEXT], text, &a));
	assert_false(a.latin1);
	assert_int_equal(a.type, atoms[X11_UTF8_STRING]);
	assert_false(x11_targets_answer(atoms, atoms[X11_IMAGE_PNG], text, &a));
	assert_false(x11_targets_answer(atoms, atoms[X11_TEXT_PLAIN], text, &a));
	assert_false(x11_targets_answer(atoms, OTHER, CLIPBOARD_KINDS_ALL, &a));
	assert_false(x11_targets_answer(atoms, XCB_ATOM_NONE, CLIPBOARD_KINDS_ALL, &a));
}

/* What we offer is what another Farseat reads. */
static void test_list_and_back(void **state)
{
	xcb_atom_t list[X11_ATOM_COUNT];
	struct x11_offer o;

	(void)state;
	for (unsigned kinds = 0; kinds <= CLIPBOARD_KINDS_ALL; kinds++) {
		size_t count = x11_targets_list(atoms, kinds, kinds & 1, list);
		x11_targets_read(atoms, list, count, &o);
		assert_int_equal(o.kinds, kinds);
		assert_int_equal(o.secret, kinds & 1);
		assert_true(o.ours);
		for (unsigned k = 0; k < CLIPBOARD_KIND_COUNT; k++) {
			struct x11_answer a = { .kind = CLIPBOARD_KIND_COUNT };
			if (!(kinds & CLIPBOARD_BIT(k)))
				continue;
			assert_true(x11_targets_answer(atoms, o.target[k], kinds, &a));
			assert_int_equal(a.kind, k);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_best_name),
		cmocka_unit_test(test_hint_and_origin),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_list_and_back),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
