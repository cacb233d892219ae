/* Programs as they may be, written by hand: they ask in odd ways, vanish, stand still, or own a
 * selection and lie about it. */
#include "common/clipboard/x11_requests.h"
#include "tests/unit/clipboard/x11_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/xtest.h>

#include <cmocka.h>

#define CB     CLIPBOARD_CLIPBOARD
#define TEXT   CLIPBOARD_BIT(CLIPBOARD_TEXT)
#define WINDOW (64U << 10)
#define ASKED  (X11_REQUESTS_MAX + 8)

static struct rig rig;
static struct side s;
static xcb_connection_t *x; /* the program's */
static xcb_window_t window;

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

static int begin(void **state)
{
	const uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE;

	(void)state;
	rig_add(&rig, &s);
	x = xcb_connect(rig.h.display, NULL);
	window = xcb_generate_id(x);
	xcb_create_window(x, 0, window, rig.h.screen->root, 0, 0, 1, 1, 0,
		XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK, &mask);
	return 0;
}

static int end(void **state)
{
	(void)state;
	xcb_disconnect(x);
	rig_remove(&rig, &s);
	return 0;
}

static xcb_atom_t atom(const char *name)
{
	xcb_intern_atom_reply_t *reply =
		xcb_intern_atom_reply(x, xcb_intern_atom(x, 0, (uint16_t)strlen(name), name), NULL);
	xcb_atom_t a = reply->atom;

	free(reply);
	return a;
}

/* The next event of that kind for the program; all else is dropped. Freed by the caller. */
static void *event(uint8_t kind)
{
	xcb_generic_event_t *e = NULL;

	for (uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS; clock_now_ms() < end_ms;) {
		e = xcb_poll_for_event(x);
		if (e && (e->response_type & 0x7f) == kind)
			return e;
		free(e);
		if (!e)
			rig_turn(&rig, 1);
	}
	fail_msg("no event %u came", kind);
	return NULL;
}

static xcb_get_property_reply_t *property(xcb_atom_t name, bool deletes)
{
	return xcb_get_property_reply(
		x, xcb_get_property(x, deletes, window, name, XCB_ATOM_ANY, 0, 1U << 20), NULL);
}

static void own(const void *bytes, size_t len)
{
	s.content = bytes;
	s.content_len = len;
	side_own(&s, CB, TEXT, false, 1);
	RIG_WAIT(&rig, s.owner[CB].ours);
	assert_true(s.owner[CB].ours);
}

static void ask(const char *target, const char *to, xcb_timestamp_t time)
{
	xcb_convert_selection(
		x, window, atom("CLIPBOARD"), atom(target), to ? atom(to) : XCB_ATOM_NONE, time);
	xcb_flush(x);
}

/* What the next SelectionNotify names. */
static xcb_atom_t answered(void)
{
	xcb_selection_notify_event_t *e = event(XCB_SELECTION_NOTIFY);
	xcb_atom_t name = e->property;

	free(e);
	return name;
}

static void assert_property(const char *name, const void *bytes, size_t len)
{
	xcb_get_property_reply_t *p = property(atom(name), true);

	assert_non_null(p);
	assert_int_equal(p->format, 8);
	assert_int_equal(xcb_get_property_value_length(p), len);
	assert_memory_equal(xcb_get_property_value(p), bytes, len);
	free(p);
}

/* --- questions --- */

static void test_multiple(void **state)
{
	const xcb_atom_t parts[] = { atom("UTF8_STRING"), atom("A"), atom("image/png"), atom("B"),
		atom("TIMESTAMP"), atom("C"), atom("TARGETS"), XCB_ATOM_NONE };

	(void)state;
	own("several", 7);
	xcb_change_property(
		x, XCB_PROP_MODE_REPLACE, window, atom("PARTS"), atom("ATOM_PAIR"), 32, 8, parts);
	ask("MULTIPLE", "PARTS", XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("PARTS"));
	assert_property("A", "several", 7);
	xcb_get_property_reply_t *p = property(atom("PARTS"), false);
	const xcb_atom_t *now = xcb_get_property_value(p);
	assert_int_equal(xcb_get_property_value_length(p), sizeof(parts));
	assert_int_equal(now[1], atom("A"));
	assert_int_equal(now[3], XCB_ATOM_NONE);
	assert_int_equal(now[5], atom("C"));
	assert_int_equal(now[7], XCB_ATOM_NONE);
	free(p);
	p = property(atom("C"), false);
	assert_int_equal(xcb_get_property_value_length(p), 4);
	assert_int_not_equal(*(uint32_t *)xcb_get_property_value(p), XCB_CURRENT_TIME);
	free(p);
}

static void test_multiple_without_parts(void **state)
{
	(void)state;
	own("several", 7);
	ask("MULTIPLE", "NOTHING_THERE", XCB_CURRENT_TIME);
	assert_int_equal(answered(), XCB_ATOM_NONE);
	ask("MULTIPLE", NULL, XCB_CURRENT_TIME);
	assert_int_equal(answered(), XCB_ATOM_NONE);
	xcb_change_property(
		x, XCB_PROP_MODE_REPLACE, window, atom("PARTS"), atom("ATOM_PAIR"), 8, 3, "abc");
	ask("MULTIPLE", "PARTS", XCB_CURRENT_TIME);
	assert_int_equal(answered(), XCB_ATOM_NONE);
	assert_int_equal(s.wanted, 0);
}

static void test_program_from_before_properties(void **state)
{
	(void)state;
	own("old", 3);
	ask("UTF8_STRING", NULL, XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("UTF8_STRING"));
	assert_property("UTF8_STRING", "old", 3);
}

static void test_question_from_before(void **state)
{
	(void)state;
	own("new", 3);
	ask("TIMESTAMP", "T", XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("T"));
	xcb_get_property_reply_t *p = property(atom("T"), true);
	xcb_timestamp_t since = *(uint32_t *)xcb_get_property_value(p);
	free(p);
	ask("UTF8_STRING", "A", since - 1);
	assert_int_equal(answered(), XCB_ATOM_NONE);
	ask("UTF8_STRING", "A", since);
	assert_int_equal(answered(), atom("A"));
}

static void test_save_targets(void **state)
{
	(void)state;
	own("x", 1);
	ask("SAVE_TARGETS", "A", XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("A"));
	assert_int_equal(s.wanted, 0);
	ask("_FARSEAT_ORIGIN", "A", XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("A"));
	assert_property("A", "\0\0\0\0\0\0\0\1", 8);
}

/* --- requestors that go --- */

static void test_requestor_vanishes(void **state)
{
	uint8_t *bytes = calloc(1, 4U << 20);

	(void)state;
	own(bytes, 4U << 20);
	ask("UTF8_STRING", "A", XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("A"));
	RIG_WAIT(&rig, s.wanted);
	xcb_destroy_window(x, window);
	xcb_flush(x);
	RIG_WAIT(&rig, s.unwanted);
	assert_int_equal(s.unwanted, 1);
	assert_int_equal(s.gives[0].request, 0);
	free(bytes);
}

/* Before it is known what it shall have. */
static void test_requestor_was_never_there(void **state)
{
	xcb_selection_request_event_t e = { .response_type = XCB_SELECTION_REQUEST,
		.requestor = window + 77,
		.selection = atom("CLIPBOARD"),
		.target = atom("UTF8_STRING"),
		.property = atom("A") };

	(void)state;
	own(NULL, 0);
	xcb_get_selection_owner_reply_t *o = xcb_get_selection_owner_reply(
		x, xcb_get_selection_owner(x, atom("CLIPBOARD")), NULL);
	e.owner = o->owner;
	char sent[32] = { 0 };
	memcpy(sent, &e, sizeof(e));
	xcb_send_event(x, 0, o->owner, 0, sent);
	xcb_flush(x);
	free(o);
	RIG_WAIT(&rig, s.unwanted);
	assert_int_equal(s.wanted, 1);
	assert_int_equal(s.unwanted, 1);
}

static void test_requestor_stands_still(void **state)
{
	uint8_t *bytes = calloc(1, 4U << 20);

	(void)state;
	own(bytes, 4U << 20);
	ask("UTF8_STRING", "A", XCB_CURRENT_TIME);
	assert_int_equal(answered(), atom("A"));
	s.local->impl->tick(s.local, clock_now_ms() + 5000);
	assert_int_equal(s.unwanted, 0);
	s.local->impl->tick(s.local, clock_now_ms() + 20000);
	assert_int_equal(s.unwanted, 1);
	free(bytes);
}

/* How many bytes the next piece has that is put there; takes it. */
static int piece_bytes(const char *name)
{
	int bytes = -1;

	for (uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;
		bytes < 0 && clock_now_ms() < end_ms;) {
		xcb_get_property_reply_t *p = property(atom(name), true);
		if (p && p->type != XCB_ATOM_NONE)
			bytes = xcb_get_property_value_length(p);
		free(p);
		rig_turn(&rig, 1);
	}
	return bytes;
}

/* What comes slowly is given by pieces, so that the program knows that something comes. */
static void test_slow_giver(void **state)
{
	(void)state;
	own(NULL, 0);
	ask("UTF8_STRING", "A", XCB_CURRENT_TIME);
	RIG_WAIT(&rig, s.wanted);
	assert_int_equal(
		s.local->impl->give(s.local, s.last_request, (const uint8_t *)"one", 3, false), 3);
	s.local->impl->tick(s.local, clock_now_ms() + 1500);
	s.local->impl->flush(s.local);
	assert_int_equal(answered(), atom("A"));
	xcb_get_property_reply_t *p = property(atom("A"), true);
	assert_int_equal(p->type, atom("INCR"));
	free(p);
	assert_int_equal(piece_bytes("A"), 3);
	/* The link is gone: what came was all. */
	s.local->impl->refuse(s.local, s.last_request);
	assert_int_equal(piece_bytes("A"), 0);
}

static void test_too_many(void **state)
{
	unsigned refused = 0;

	(void)state;
	own(NULL, 0);
	for (int i = 0; i < ASKED; i++)
		ask("UTF8_STRING", "A", XCB_CURRENT_TIME);
	RIG_WAIT(&rig, s.wanted == X11_REQUESTS_MAX);
	for (int i = 0; i < ASKED - X11_REQUESTS_MAX; i++)
		refused += answered() == XCB_ATOM_NONE;
	assert_int_equal(refused, ASKED - X11_REQUESTS_MAX);
	assert_int_equal(s.wanted, X11_REQUESTS_MAX);
	/* Place for others, when they are answered. */
	s.local->impl->refuse(s.local, s.last_request);
	assert_int_equal(answered(), XCB_ATOM_NONE);
	ask("UTF8_STRING", "A", XCB_CURRENT_TIME);
	RIG_WAIT(&rig, s.wanted == X11_REQUESTS_MAX + 1);
	assert_int_equal(s.wanted, X11_REQUESTS_MAX + 1);
}

/* --- owners that lie --- */

/* Owns the selection and answers the next question by what `put` does. */
static void answer_next(void (*put)(const xcb_selection_request_event_t *e), bool says_given)
{
	xcb_selection_request_event_t *e = event(XCB_SELECTION_REQUEST);
	xcb_selection_notify_event_t n = { .response_type = XCB_SELECTION_NOTIFY,
		.requestor = e->requestor,
		.selection = e->selection,
		.target = e->target,
		.property = says_given ? e->property : XCB_ATOM_NONE,
		.time = e->time };
	char sent[32] = { 0 };

	if (put)
		put(e);
	memcpy(sent, &n, sizeof(n));
	xcb_send_event(x, 0, e->requestor, 0, sent);
	xcb_flush(x);
	free(e);
}

static void claim(void)
{
	xcb_set_selection_owner(x, window, atom("CLIPBOARD"), XCB_CURRENT_TIME);
	xcb_flush(x);
}

static void put_text_name(const xcb_selection_request_event_t *e)
{
	xcb_atom_t name = atom("UTF8_STRING");

	xcb_change_property(
		x, XCB_PROP_MODE_REPLACE, e->requestor, e->property, XCB_ATOM_ATOM, 32, 1, &name);
}

static void put_many_names(const xcb_selection_request_event_t *e)
{
	xcb_atom_t names[5000];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		names[i] = atom("UTF8_STRING");
	xcb_change_property(x, XCB_PROP_MODE_REPLACE, e->requestor, e->property, XCB_ATOM_ATOM, 32,
		ARRAY_LEN(names), names);
}

static void put_bytes_for_names(const xcb_selection_request_event_t *e)
{
	xcb_change_property(x, XCB_PROP_MODE_REPLACE, e->requestor, e->property, XCB_ATOM_STRING, 8,
		7, "garbage");
}

static void put_incr(const xcb_selection_request_event_t *e)
{
	uint32_t size = 1U << 31;

	xcb_change_property(
		x, XCB_PROP_MODE_REPLACE, e->requestor, e->property, atom("INCR"), 32, 1, &size);
}

static void names_told(void (*put)(const xcb_selection_request_event_t *e), unsigned kinds)
{
	unsigned told = s.told[CB];

	claim();
	answer_next(put, true);
	RIG_WAIT(&rig, s.told[CB] > told);
	assert_int_equal(s.told[CB], told + 1);
	assert_int_equal(s.owner[CB].kinds, kinds);
}

static void test_names_that_are_none(void **state)
{
	(void)state;
	names_told(put_text_name, TEXT);
	names_told(put_many_names, TEXT);
	names_told(put_bytes_for_names, 0);
	names_told(NULL, 0); /* says that there is a list, and there is none */
	names_told(put_text_name, TEXT);
}

static void ended_as(void (*put)(const xcb_selection_request_event_t *e), bool says_given,
	enum clipboard_end how)
{
	assert_int_equal(side_read(&s, CB, CLIPBOARD_TEXT, WINDOW), 0);
	answer_next(put, says_given);
	RIG_WAIT(&rig, s.ended);
	assert_true(s.ended);
	assert_int_equal(s.end, how);
	assert_int_equal(s.got.len, 0);
}

static void test_content_that_is_none(void **state)
{
	(void)state;
	names_told(put_text_name, TEXT);
	ended_as(NULL, true, CLIPBOARD_REFUSED);
	ended_as(NULL, false, CLIPBOARD_REFUSED);
	ended_as(put_incr, true, CLIPBOARD_LATE); /* and no piece ever */
}

/* --- PRIMARY --- */

static void button(uint8_t kind)
{
	xcb_test_fake_input(x, kind, 1, XCB_CURRENT_TIME, XCB_NONE, 0, 0, 0);
	free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL));
}

/* Nobody's selection is taken from under the pointer. */
static void test_primary_waits_for_buttons(void **state)
{
	(void)state;
	button(XCB_BUTTON_PRESS);
	side_own(&s, CLIPBOARD_PRIMARY, TEXT, false, 1);
	side_own(&s, CB, TEXT, false, 1);
	RIG_WAIT(&rig, s.owner[CB].ours); /* which waits for nothing */
	for (int i = 0; i < 30; i++)
		rig_turn(&rig, 10);
	assert_int_equal(s.told[CLIPBOARD_PRIMARY], 0);
	button(XCB_BUTTON_RELEASE);
	RIG_WAIT(&rig, s.owner[CLIPBOARD_PRIMARY].ours);
	assert_true(s.owner[CLIPBOARD_PRIMARY].ours);
}

/* What was selected with that button is newer, and stays. */
static void test_primary_yields_to_what_is_selected(void **state)
{
	(void)state;
	button(XCB_BUTTON_PRESS);
	side_own(&s, CLIPBOARD_PRIMARY, TEXT, false, 1);
	for (int i = 0; i < 10; i++)
		rig_turn(&rig, 10);
	xcb_set_selection_owner(x, window, XCB_ATOM_PRIMARY, XCB_CURRENT_TIME);
	xcb_flush(x);
	answer_next(put_text_name, true);
	RIG_WAIT(&rig, s.owner[CLIPBOARD_PRIMARY].kinds == TEXT);
	button(XCB_BUTTON_RELEASE);
	for (int i = 0; i < 30; i++)
		rig_turn(&rig, 10);
	assert_int_equal(s.told[CLIPBOARD_PRIMARY], 1);
	assert_false(s.owner[CLIPBOARD_PRIMARY].ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_multiple, begin, end),
		cmocka_unit_test_setup_teardown(test_multiple_without_parts, begin, end),
		cmocka_unit_test_setup_teardown(test_program_from_before_properties, begin, end),
		cmocka_unit_test_setup_teardown(test_question_from_before, begin, end),
		cmocka_unit_test_setup_teardown(test_save_targets, begin, end),
		cmocka_unit_test_setup_teardown(test_requestor_vanishes, begin, end),
		cmocka_unit_test_setup_teardown(test_requestor_was_never_there, begin, end),
		cmocka_unit_test_setup_teardown(test_requestor_stands_still, begin, end),
		cmocka_unit_test_setup_teardown(test_slow_giver, begin, end),
		cmocka_unit_test_setup_teardown(test_too_many, begin, end),
		cmocka_unit_test_setup_teardown(test_names_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(test_content_that_is_none, begin, end),
		cmocka_unit_test_setup_teardown(test_primary_waits_for_buttons, begin, end),
		cmocka_unit_test_setup_teardown(
			test_primary_yields_to_what_is_selected, begin, end),
	};

	if (!harness_possible())
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
