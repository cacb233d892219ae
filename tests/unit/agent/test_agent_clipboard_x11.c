/* The real agent with the clipboard of an Xvfb, xclip as its programs, and the test as its worker.
 * Skipped where there is no xclip. */
#include "common/base/process.h"
#include "common/clipboard/kind.h"
#include "tests/unit/agent/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY_A 30 /* evdev */

static struct harness h;
static struct peer p;
static uint32_t worker = 200; /* the next one's number */

/* What the worker heard. */
static struct {
	struct wire_clipboard_offer offer[WIRE_CLIPBOARD_SELECTIONS];
	unsigned offers[WIRE_CLIPBOARD_SELECTIONS], withdrawn, asks;
	struct wire_clipboard_ask ask;
	uint8_t data[65536];
	size_t data_len;
	int status; /* of the last part; -1: none came */
} heard;

static void hear(struct peer *peer, const struct wire_message *m)
{
	(void)peer;
	switch ((int)m->type) {
	case WIRE_CLIPBOARD_OFFER:
		heard.offer[m->clipboard_offer.selection] = m->clipboard_offer;
		heard.offers[m->clipboard_offer.selection]++;
		break;
	case WIRE_CLIPBOARD_WITHDRAW:
		heard.withdrawn++;
		break;
	case WIRE_CLIPBOARD_ASK:
		heard.ask = m->clipboard_ask;
		heard.asks++;
		break;
	case WIRE_CLIPBOARD_DATA:
		assert_true(m->clipboard_data.len <= sizeof(heard.data) - heard.data_len);
		if (m->clipboard_data.len > 0)
			memcpy(heard.data + heard.data_len, m->clipboard_data.bytes,
				m->clipboard_data.len);
		heard.data_len += m->clipboard_data.len;
		heard.status = m->clipboard_data.status;
		break;
	default:
		break;
	}
}

/* Hears until it is so: the test asserts afterwards that it is. */
#define HEAR_UNTIL(condition)                                                                      \
	for (uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;                                \
		!(condition) && clock_now_ms() < end_ms && !p.closed;)                             \
	peer_wait(&p, NULL, 10)

static int setup(void **state)
{
	(void)state;
	harness_start_xvfb(&h);
	setenv("DISPLAY", h.display, 1);
	harness_start_agent(&h);
	harness_configure(&h);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	harness_finish(&h);
	return 0;
}

static void attach(uint32_t caps)
{
	memset(&heard, 0, sizeof(heard));
	heard.status = -1;
	peer_attach(&h, &p, worker++, caps);
	p.heard = hear;
}

/* The exit status of a shell's command; its output is in the file. */
static int run(const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	const struct process_spec spec = {
		.path = "/bin/sh", .argv = argv, .die_with_parent = true
	};
	struct process program;
	int status = -1, r = -1;

	assert_int_equal(process_start(&spec, &program), 0);
	HEAR_UNTIL((r = process_wait(&program, 0, &status)) == 0);
	assert_int_equal(r, 0);
	return status;
}

static struct process paste(char path[static 96])
{
	static char command[192];
	const char *const argv[] = { "sh", "-c", command, NULL };
	const struct process_spec spec = {
		.path = "/bin/sh", .argv = argv, .die_with_parent = true
	};
	struct process program;

	snprintf(path, 96, "%s/pasted", h.dir);
	snprintf(command, sizeof(command), "exec xclip -o -selection clipboard > %s 2>&1", path);
	assert_int_equal(process_start(&spec, &program), 0);
	return program;
}

static void offer(uint32_t number, bool secret)
{
	struct wire_message m = { .type = WIRE_CLIPBOARD_OFFER };

	m.clipboard_offer.offer = number;
	m.clipboard_offer.kinds = 1 << WIRE_CLIPBOARD_TEXT;
	m.clipboard_offer.flags = secret ? WIRE_CLIPBOARD_SECRET : 0;
	m.clipboard_offer.origin = 77;
	peer_send_wire(&p, &m);
	/* xclip says so when it is owned by us: a mark that no other program has. */
	int r = 1;
	for (uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;
		r != 0 && clock_now_ms() < end_ms;)
		r = run("xclip -o -selection clipboard -t TARGETS 2>/dev/null | grep -q _FARSEAT_ORIGIN");
	assert_int_equal(r, 0);
}

static void answer(const char *text)
{
	struct wire_message m = { .type = WIRE_CLIPBOARD_DATA };

	m.clipboard_data.ask = heard.ask.ask;
	m.clipboard_data.status = WIRE_CLIPBOARD_END;
	m.clipboard_data.bytes = (const uint8_t *)text;
	m.clipboard_data.len = strlen(text);
	peer_send_wire(&p, &m);
}

static void gesture(void)
{
	peer_key(&p, KEY_A, 'a', true);
	peer_key(&p, KEY_A, 'a', false);
}

static void test_copied(void **state)
{
	struct wire_message m = { .type = WIRE_CLIPBOARD_ASK };

	(void)state;
	attach(WIRE_CAPS_CONTROL);
	assert_int_equal(run("printf hello | xclip -i -selection clipboard"), 0);
	HEAR_UNTIL(heard.offers[WIRE_CLIPBOARD_CLIPBOARD]);
	assert_int_equal(heard.offer[WIRE_CLIPBOARD_CLIPBOARD].kinds, 1 << WIRE_CLIPBOARD_TEXT);
	assert_int_equal(heard.status, -1); /* nothing but the news */
	m.clipboard_ask.ask = 5;
	m.clipboard_ask.offer = heard.offer[WIRE_CLIPBOARD_CLIPBOARD].offer;
	m.clipboard_ask.kind = WIRE_CLIPBOARD_TEXT;
	m.clipboard_ask.window_bytes = WIRE_CLIPBOARD_WINDOW_BYTES;
	peer_send_wire(&p, &m);
	HEAR_UNTIL(heard.status == WIRE_CLIPBOARD_END);
	assert_int_equal(heard.status, WIRE_CLIPBOARD_END);
	assert_int_equal(heard.data_len, 5);
	assert_memory_equal(heard.data, "hello", 5);
	peer_finish(&p);
}

/* PRIMARY is told to who does something, and what was there before is told to who comes. */
static void test_primary(void **state)
{
	(void)state;
	attach(WIRE_CAPS_CONTROL);
	assert_int_equal(run("printf sel | xclip -i -selection primary"), 0);
	assert_int_equal(run("printf clip | xclip -i -selection clipboard"), 0);
	HEAR_UNTIL(heard.offers[WIRE_CLIPBOARD_CLIPBOARD] >= 2);
	assert_int_equal(heard.offers[WIRE_CLIPBOARD_PRIMARY], 0);
	gesture();
	HEAR_UNTIL(heard.offers[WIRE_CLIPBOARD_PRIMARY]);
	assert_int_equal(heard.offers[WIRE_CLIPBOARD_PRIMARY], 1);
	peer_finish(&p);
}

static void test_secret_is_not_told(void **state)
{
	(void)state;
	attach(WIRE_CAPS_CONTROL);
	gesture();
	/* xclip has one target a time: who has this one alone offers nothing either. */
	assert_int_equal(
		run("printf x | xclip -i -selection clipboard -t x-kde-passwordManagerHint"), 0);
	unsigned before = heard.offers[WIRE_CLIPBOARD_CLIPBOARD];
	assert_int_equal(run("printf y | xclip -i -selection primary"), 0);
	HEAR_UNTIL(heard.offers[WIRE_CLIPBOARD_PRIMARY]);
	assert_int_equal(heard.offers[WIRE_CLIPBOARD_CLIPBOARD], before);
	peer_finish(&p);
}

static void test_pasted_after_a_gesture(void **state)
{
	char path[96], text[32] = "";

	(void)state;
	attach(WIRE_CAPS_CONTROL);
	gesture();
	offer(1, false);
	/* As a clipboard manager does it. */
	assert_int_not_equal(run("xclip -o -selection clipboard >/dev/null 2>&1"), 0);
	assert_int_equal(heard.asks, 0);
	gesture();
	struct process program = paste(path);
	HEAR_UNTIL(heard.asks);
	assert_int_equal(heard.asks, 1);
	answer("from the laptop");
	int status = -1;
	assert_int_equal(process_wait(&program, HARNESS_TIMEOUT_MS, &status), 0);
	assert_int_equal(status, 0);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text), f), strlen("from the laptop"));
	assert_string_equal(text, "from the laptop");
	fclose(f);
	unlink(path);
	/* Once more: it is kept, and no second question goes out. */
	gesture();
	assert_int_equal(run("xclip -o -selection clipboard | grep -q laptop"), 0);
	assert_int_equal(heard.asks, 1);
	/* What came from a laptop is no history's. */
	assert_int_equal(
		run("xclip -o -selection clipboard -t TARGETS | grep -q passwordManagerHint"), 0);
	peer_finish(&p);
	/* When nobody is there any more, it is empty and still owned. */
	attach(WIRE_CAPS_CONTROL);
	gesture();
	for (uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS; clock_now_ms() < end_ms;)
		if (run("test \"$(xclip -o -selection clipboard)\" = ''") == 0)
			break;
	assert_int_equal(run("test \"$(xclip -o -selection clipboard 2>&1)\" = ''"), 0);
	assert_int_equal(heard.asks, 0);
	peer_finish(&p);
}

static void test_late_answer_is_refused(void **state)
{
	char path[96];
	int status = 0;

	(void)state;
	attach(WIRE_CAPS_CONTROL);
	offer(3, false);
	gesture();
	uint64_t begun_ms = clock_now_ms();
	struct process program = paste(path);
	assert_int_equal(process_wait(&program, HARNESS_TIMEOUT_MS, &status), 0);
	assert_int_not_equal(status, 0);
	assert_true(clock_now_ms() - begun_ms < 2 * CLIPBOARD_ANSWER_MS);
	unlink(path);
	peer_finish(&p);
}

static void test_capability_taken(void **state)
{
	struct agent_record record = { .type = RECORD_SET_CAPS };

	(void)state;
	attach(WIRE_CAPS_CONTROL);
	offer(4, false);
	record.set_caps.worker = worker - 1;
	record.set_caps.caps = WIRE_CAPS_CONTROL & ~(uint32_t)WIRE_CAP_CLIPBOARD_IN;
	assert_int_equal(agent_record_send(&h.supervisor, &record, -1), 0);
	gesture();
	int r = 1;
	for (uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;
		r != 0 && clock_now_ms() < end_ms;)
		r = run("test \"$(xclip -o -selection clipboard 2>/dev/null)\" = '' && "
			"xclip -o -selection clipboard >/dev/null 2>&1");
	assert_int_equal(r, 0);
	assert_int_equal(heard.asks, 0);
	peer_finish(&p);
}

static void test_viewer_without_the_right(void **state)
{
	struct agent_record record;
	struct wire_message m = { .type = WIRE_CLIPBOARD_OFFER };

	(void)state;
	attach(WIRE_CAPS_VIEW);
	m.clipboard_offer.offer = 1;
	m.clipboard_offer.kinds = 1;
	m.clipboard_offer.origin = 78;
	peer_send_wire(&p, &m);
	assert_true(harness_wait(&h, RECORD_VIOLATION, &record, HARNESS_TIMEOUT_MS));
	HEAR_UNTIL(p.closed);
	assert_true(p.closed);
	assert_int_equal(heard.offers[WIRE_CLIPBOARD_CLIPBOARD], 0);
	peer_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copied),
		cmocka_unit_test(test_primary),
		cmocka_unit_test(test_secret_is_not_told),
		cmocka_unit_test(test_pasted_after_a_gesture),
		cmocka_unit_test(test_late_answer_is_refused),
		cmocka_unit_test(test_capability_taken),
		cmocka_unit_test(test_viewer_without_the_right),
	};

	if (!harness_possible() || access("/usr/bin/xclip", X_OK) != 0)
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
