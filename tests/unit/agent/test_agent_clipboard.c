/* One clipboard and several viewers: whose is owned, who may paste, and that none learns of another's. */
#include "server/agent/agent_clipboard.h"
#include "server/agent/gate.h"
#include "tests/unit/clipboard/fake_local.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CB   CLIPBOARD_CLIPBOARD
#define TEXT CLIPBOARD_BIT(CLIPBOARD_TEXT)
#define HTML CLIPBOARD_BIT(CLIPBOARD_HTML)

static struct fake_local display;
static struct agent_clipboard shared;
static uint64_t now_ms;

/* A viewer, as its exchange would be. */
static struct person {
	struct clipboard_seat seat;
	struct clipboard_owner owner;
	unsigned told, wanted, unwanted, rooms, lost;
	uint32_t request, read;
	size_t got;
	bool ended;
} ann, bob;

static uint64_t clock_of_test(void)
{
	return now_ms;
}

static void on_owner(
	void *user, enum clipboard_selection selection, const struct clipboard_owner *owner)
{
	struct person *p = user;

	if (selection != CB)
		return;
	p->owner = *owner;
	p->told++;
}

static void on_wanted(
	void *user, uint32_t request, enum clipboard_selection selection, enum clipboard_kind kind)
{
	struct person *p = user;

	(void)selection;
	(void)kind;
	p->wanted++;
	p->request = request;
}

static void on_room(void *user, uint32_t request)
{
	(void)request;
	((struct person *)user)->rooms++;
}

static void on_unwanted(void *user, uint32_t request)
{
	(void)request;
	((struct person *)user)->unwanted++;
}

static void on_data(void *user, uint32_t read, const uint8_t *bytes, size_t len)
{
	struct person *p = user;

	(void)bytes;
	assert_int_equal(read, p->read);
	p->got += len;
}

static void on_ended(void *user, uint32_t read, enum clipboard_end end)
{
	struct person *p = user;

	assert_int_equal(read, p->read);
	assert_int_equal(end, CLIPBOARD_WHOLE);
	p->ended = true;
}

static void on_lost(void *user)
{
	((struct person *)user)->lost++;
}

static const struct clipboard_local_listener listener = { on_owner, on_wanted, on_room, on_unwanted,
	on_data, on_ended, on_lost };

static void sit(struct person *p)
{
	*p = (struct person){ 0 };
	agent_clipboard_sit(&shared, &p->seat);
	p->seat.base.listener = &listener;
	p->seat.base.user = p;
	agent_clipboard_introduce(&p->seat);
}

static int setup(void **state)
{
	(void)state;
	now_ms = 100000;
	fake_local_init(&display);
	agent_clipboard_init(&shared, &display.local);
	shared.clock_ms = clock_of_test;
	sit(&ann);
	sit(&bob);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	agent_clipboard_leave(&ann.seat);
	agent_clipboard_leave(&bob.seat);
	fake_local_finish(&display);
	return 0;
}

static void offer(struct person *p, unsigned kinds)
{
	const struct clipboard_content content = { .kinds = kinds, .origin = 1 };

	now_ms += 10;
	p->seat.base.impl->own(&p->seat.base, CB, &content);
}

static void gesture(struct person *p)
{
	now_ms += 10;
	agent_clipboard_gesture(&p->seat);
}

static struct fake_request *paste(void)
{
	now_ms += 10;
	return fake_paste(&display, CB, CLIPBOARD_TEXT, 100);
}

/* --- the gate --- */

static void test_gate(void **state)
{
	(void)state;
	assert_false(gate_may_paste(0, 0, 0));
	assert_false(gate_may_paste(0, 0, 1000));
	assert_false(gate_may_paste(1000, 999, 1001));  /* before the offer */
	assert_false(gate_may_paste(1000, 1000, 1000)); /* nobody knows which was first */
	assert_true(gate_may_paste(1000, 1001, 1001 + GATE_PASTE_MS));
	assert_false(gate_may_paste(1000, 1001, 1002 + GATE_PASTE_MS));
}

static void test_nothing_without_a_gesture(void **state)
{
	(void)state;
	gesture(&ann);
	offer(&ann, TEXT);
	assert_true(paste()->refused);
	assert_int_equal(ann.wanted, 0);
	gesture(&bob); /* of somebody else */
	assert_true(paste()->refused);
	gesture(&ann);
	assert_false(paste()->refused);
	assert_int_equal(ann.wanted, 1);
	now_ms += GATE_PASTE_MS;
	assert_true(paste()->refused);
	assert_int_equal(ann.wanted, 1);
}

/* --- whose --- */

static void test_last_gesture_has_it(void **state)
{
	(void)state;
	gesture(&ann);
	offer(&ann, TEXT);
	offer(&bob, HTML); /* who has done nothing */
	assert_int_equal(display.content[CB].kinds, TEXT);
	gesture(&bob);
	assert_int_equal(display.content[CB].kinds, HTML);
	gesture(&ann);
	assert_int_equal(display.content[CB].kinds, TEXT);
	paste();
	assert_int_equal(ann.wanted, 1);
	assert_int_equal(bob.wanted, 0);
}

static void test_gesture_takes_nothing_from_programs(void **state)
{
	(void)state;
	offer(&ann, TEXT);
	fake_copy(&display, CB, CLIPBOARD_HTML, "x", 1);
	gesture(&ann);
	assert_false(display.owned[CB]);
	assert_int_equal(ann.owner.kinds, HTML);
	assert_int_equal(bob.owner.kinds, HTML);
}

static void test_others_do_not_learn(void **state)
{
	(void)state;
	offer(&ann, TEXT);
	assert_true(ann.owner.ours);
	assert_int_equal(bob.owner.kinds, 0);
	assert_false(bob.owner.ours);
	struct person late;
	sit(&late);
	assert_int_equal(late.owner.kinds, 0);
	agent_clipboard_leave(&late.seat);
}

static void test_who_leaves_clears(void **state)
{
	(void)state;
	gesture(&ann);
	offer(&ann, TEXT);
	gesture(&ann);
	struct fake_request *r = paste();
	assert_int_equal(ann.wanted, 1);
	agent_clipboard_leave(&ann.seat);
	assert_true(r->refused);
	assert_true(display.cleared[CB]);
	assert_true(paste()->refused);
	assert_int_equal(ann.unwanted, 0);
}

static void test_next_one_after_who_leaves(void **state)
{
	(void)state;
	offer(&bob, HTML);
	gesture(&ann);
	offer(&ann, TEXT);
	assert_int_equal(display.content[CB].kinds, TEXT);
	agent_clipboard_leave(&ann.seat);
	assert_int_equal(display.content[CB].kinds, HTML);
	assert_false(display.cleared[CB]);
}

static void test_clear_of_another_changes_nothing(void **state)
{
	(void)state;
	gesture(&ann);
	offer(&ann, TEXT);
	bob.seat.base.impl->clear(&bob.seat.base, CB);
	assert_false(display.cleared[CB]);
	assert_int_equal(display.content[CB].kinds, TEXT);
}

/* --- numbers --- */

static void test_answers_go_their_way(void **state)
{
	const struct clipboard_local_impl *impl;

	(void)state;
	offer(&ann, TEXT);
	gesture(&ann);
	struct fake_request *r = paste();
	impl = ann.seat.base.impl;
	/* What is another's is not touched, and a clumsy exchange is told that all was taken. */
	assert_int_equal(
		impl->give(&bob.seat.base, ann.request, (const uint8_t *)"no", 2, true), 2);
	impl->refuse(&bob.seat.base, ann.request);
	assert_int_equal(r->got.len, 0);
	assert_false(r->refused);
	r->room = 1;
	assert_int_equal(
		impl->give(&ann.seat.base, ann.request, (const uint8_t *)"yes", 3, true), 1);
	fake_drain(&display, r, 10);
	assert_int_equal(ann.rooms, 1);
	assert_int_equal(
		impl->give(&ann.seat.base, ann.request, (const uint8_t *)"es", 2, true), 2);
	assert_true(r->ended);
	display.local.listener->unwanted(display.local.user, r->request); /* too late to matter */
	assert_int_equal(ann.unwanted, 0);
}

static void test_reads_go_their_way(void **state)
{
	const struct clipboard_local_impl *impl = ann.seat.base.impl;

	(void)state;
	fake_copy(&display, CB, CLIPBOARD_TEXT, "hello", 5);
	assert_int_equal(impl->read(&ann.seat.base, CB, CLIPBOARD_HTML, 10, &ann.read), -ENOENT);
	assert_int_equal(impl->read(&ann.seat.base, CB, CLIPBOARD_TEXT, 3, &ann.read), 0);
	assert_int_equal(impl->read(&bob.seat.base, CB, CLIPBOARD_TEXT, 10, &bob.read), 0);
	fake_step(&display);
	assert_int_equal(ann.got, 3);
	assert_true(bob.ended);
	impl->read_more(&bob.seat.base, ann.read, 10); /* not bob's */
	fake_step(&display);
	assert_int_equal(ann.got, 3);
	impl->read_more(&ann.seat.base, ann.read, 10);
	fake_step(&display);
	assert_true(ann.ended);
	assert_int_equal(ann.got, 5);
}

static void test_who_leaves_reads_no_more(void **state)
{
	(void)state;
	fake_copy(&display, CB, CLIPBOARD_TEXT, "hello", 5);
	assert_int_equal(
		ann.seat.base.impl->read(&ann.seat.base, CB, CLIPBOARD_TEXT, 3, &ann.read), 0);
	agent_clipboard_leave(&ann.seat);
	fake_step(&display);
	assert_int_equal(ann.got, 0);
}

static void test_many_requests(void **state)
{
	unsigned refused = 0;

	(void)state;
	offer(&ann, TEXT);
	gesture(&ann);
	for (int i = 0; i < AGENT_CLIPBOARD_ROUTES_MAX + 3; i++)
		refused += fake_paste(&display, CB, CLIPBOARD_TEXT, 1)->refused;
	assert_int_equal(refused, 3);
	assert_int_equal(ann.wanted, AGENT_CLIPBOARD_ROUTES_MAX);
}

static void test_lost(void **state)
{
	uint32_t read;

	(void)state;
	offer(&ann, TEXT);
	display.local.listener->lost(display.local.user);
	assert_int_equal(ann.lost, 1);
	assert_int_equal(bob.lost, 1);
	offer(&bob, TEXT);
	gesture(&bob);
	assert_int_equal(
		bob.seat.base.impl->read(&bob.seat.base, CB, CLIPBOARD_TEXT, 1, &read), -ENOENT);
	assert_int_equal(agent_clipboard_tick(&shared, now_ms), -1);
}

#define FILES CLIPBOARD_BIT(CLIPBOARD_FILES)
static const char uris[] = "file:///home/ann/Farseat/a\r\n";

static void put_files(struct person *p)
{
	assert_int_equal(
		agent_clipboard_put_files(&p->seat, (const uint8_t *)uris, sizeof(uris) - 1), 0);
}

static bool pastes_files(void)
{
	const struct fake_request *r = fake_paste(&display, CB, CLIPBOARD_FILES, 1000);

	return r->ended && r->got.len == sizeof(uris) - 1 &&
	       memcmp(buffer_front(&r->got), uris, r->got.len) == 0;
}

/* Files of this machine: given to its programs at once, as nothing else, and no laptop is asked. */
static void test_files_are_given(void **state)
{
	(void)state;
	offer(&ann, TEXT);
	gesture(&ann);
	put_files(&ann);
	assert_int_equal(display.content[CB].kinds, FILES);
	assert_false(display.content[CB].secret);
	now_ms += 60000; /* long after any gesture */
	assert_true(pastes_files());
	assert_true(fake_paste(&display, CB, CLIPBOARD_TEXT, 1000)->refused);
	assert_int_equal(ann.wanted + bob.wanted, 0);
	/* To its own exchange they are what a program here has copied; others learn nothing. */
	assert_false(ann.owner.ours);
	assert_int_equal(ann.owner.kinds, FILES);
	assert_int_equal(bob.owner.kinds, 0);
	gesture(&ann);
	assert_int_equal(display.content[CB].kinds, FILES);
}

static void test_files_are_replaced(void **state)
{
	(void)state;
	put_files(&ann);
	offer(&ann, TEXT); /* the laptop has copied something newer */
	assert_int_equal(display.content[CB].kinds, TEXT);
	assert_false(pastes_files());
	put_files(&ann);
	assert_true(pastes_files());
	fake_copy(&display, CB, CLIPBOARD_TEXT, "x", 1); /* a program here has */
	gesture(&ann);
	assert_false(display.owned[CB]);
	put_files(&ann);
	ann.seat.base.impl->clear(&ann.seat.base, CB); /* what the laptop had before is void */
	assert_true(pastes_files());
	agent_clipboard_leave(&ann.seat);
	assert_false(pastes_files());
	assert_true(display.cleared[CB]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate),
		cmocka_unit_test_setup_teardown(test_nothing_without_a_gesture, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_gesture_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_gesture_takes_nothing_from_programs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_do_not_learn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_leaves_clears, setup, teardown),
		cmocka_unit_test_setup_teardown(test_next_one_after_who_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_clear_of_another_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers_go_their_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reads_go_their_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_leaves_reads_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files_are_given, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files_are_replaced, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
