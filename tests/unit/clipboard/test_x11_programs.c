/* The clipboard with real programs: xclip and xsel copy and paste. Skipped where they are not there. */
#include "common/base/process.h"
#include "tests/unit/clipboard/x11_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CB     CLIPBOARD_CLIPBOARD
#define TEXT   CLIPBOARD_BIT(CLIPBOARD_TEXT)
#define PNG    CLIPBOARD_BIT(CLIPBOARD_PNG)
#define WINDOW (64U << 10)

static struct rig rig;
static struct side s;
static char dir[] = "/tmp/farseat-clipboard-XXXXXX";

static int setup(void **state)
{
	(void)state;
	rig_start(&rig);
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/in", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/out", dir);
	unlink(path);
	rmdir(dir);
	rig_finish(&rig);
	return 0;
}

static int one(void **state)
{
	(void)state;
	rig_add(&rig, &s);
	return 0;
}

static int none(void **state)
{
	(void)state;
	rig_remove(&rig, &s);
	return 0;
}

/* --- programs --- */

/* A command of the shell in the folder, in which xclip and xsel find "in" and "out". */
static struct process start(const char *command)
{
	char line[256];
	const char *const argv[] = { "sh", "-c", line, NULL };
	const struct process_spec spec = {
		.path = "/bin/sh", .argv = argv, .die_with_parent = true
	};
	struct process p;

	snprintf(line, sizeof(line), "cd %s && exec %s", dir, command);
	assert_int_equal(process_start(&spec, &p), 0);
	return p;
}

/* Its exit status; it is served meanwhile. */
static int run(const char *command)
{
	struct process p = start(command);
	int status = -1, r = -1;

	RIG_WAIT(&rig, (r = process_wait(&p, 0, &status)) == 0);
	assert_int_equal(r, 0);
	return status;
}

static void write_file(const void *bytes, size_t len)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/in", dir);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static size_t read_file(uint8_t **out)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/out", dir);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size_t len = (size_t)ftell(f);
	rewind(f);
	*out = malloc(len + 1);
	assert_non_null(*out);
	assert_int_equal(fread(*out, 1, len, f), len);
	(*out)[len] = '\0';
	fclose(f);
	return len;
}

static void assert_file(const void *bytes, size_t len)
{
	uint8_t *got;

	assert_int_equal(read_file(&got), len);
	assert_memory_equal(got, bytes, len);
	free(got);
}

/* Right to left, an emoji of several characters, both line ends, up to len bytes. */
static uint8_t *long_text(size_t len)
{
	static const char piece[] =
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac\r\n"
		"\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 plain \xe2\x82\xac\n";
	uint8_t *text = malloc(len);

	assert_non_null(text);
	memset(text, '.', len);
	for (size_t at = 0; at + sizeof(piece) <= len; at += sizeof(piece) - 1)
		memcpy(text + at, piece, sizeof(piece) - 1);
	return text;
}

/* Waits for an owner that is not we. */
static void await_owner(enum clipboard_selection selection, unsigned kinds)
{
	RIG_WAIT(&rig, s.owner[selection].kinds == kinds && !s.owner[selection].ours);
	assert_int_equal(s.owner[selection].kinds, kinds);
}

static void own(enum clipboard_selection selection, unsigned kinds, const void *bytes, size_t len)
{
	s.content = bytes;
	s.content_len = len;
	side_own(&s, selection, kinds, true, 1);
	RIG_WAIT(&rig, s.owner[selection].ours);
	assert_true(s.owner[selection].ours);
}

/* --- tests --- */

static void copied(const char *command, enum clipboard_selection selection,
	enum clipboard_kind kind, const uint8_t *bytes, size_t len)
{
	unsigned told = s.told[selection];

	write_file(bytes, len);
	assert_int_equal(run(command), 0);
	RIG_WAIT(&rig, s.told[selection] > told);
	await_owner(selection, CLIPBOARD_BIT(kind));
	/* Twice: a program may not die of having been read (xsel's last word comes after its last piece). */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(side_read(&s, selection, kind, WINDOW), 0);
		RIG_WAIT(&rig, s.ended);
		assert_true(s.ended);
		assert_int_equal(s.end, CLIPBOARD_WHOLE);
		assert_int_equal(s.got.len, len);
		assert_memory_equal(buffer_front(&s.got), bytes, len);
	}
}

static void test_copied_text(void **state)
{
	static const size_t sizes[] = { 1, 200, 262144, 4U << 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint8_t *text = long_text(sizes[i]);
		copied("xclip -i -selection clipboard in", CB, CLIPBOARD_TEXT, text, sizes[i]);
		copied("xclip -i -selection primary in", CLIPBOARD_PRIMARY, CLIPBOARD_TEXT, text,
			sizes[i]);
		copied("xsel -b -i < in", CB, CLIPBOARD_TEXT, text, sizes[i]);
		copied("xsel -p -i < in", CLIPBOARD_PRIMARY, CLIPBOARD_TEXT, text, sizes[i]);
		free(text);
	}
}

static void test_copied_picture(void **state)
{
	size_t len = 5000001;
	uint8_t *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	copied("xclip -i -selection clipboard -t image/png in", CB, CLIPBOARD_PNG, bytes, len);
	free(bytes);
}

/* An old program: its text is ISO 8859-1, and what comes is UTF-8, whatever the window. */
static void test_copied_latin1(void **state)
{
	static const size_t windows[] = { WINDOW, 4096, 20 };
	uint8_t text[5000], wide[10000];
	size_t wide_len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 3 ? 0xe9 : 'a';
	for (size_t i = 0; i < sizeof(text); i++) {
		if (text[i] >= 0x80)
			wide[wide_len++] = 0xc3;
		wide[wide_len++] = text[i] == 0xe9 ? 0xa9 : text[i];
	}
	write_file(text, sizeof(text));
	assert_int_equal(run("xclip -i -selection clipboard -t STRING in"), 0);
	await_owner(CB, TEXT);
	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		assert_int_equal(side_read(&s, CB, CLIPBOARD_TEXT, windows[i]), 0);
		RIG_WAIT(&rig, s.ended);
		assert_int_equal(s.end, CLIPBOARD_WHOLE);
		assert_int_equal(s.got.len, wide_len);
		assert_memory_equal(buffer_front(&s.got), wide, wide_len);
	}
}

/* xclip hears nobody while somebody reads a large text: one who does not read on must not be the last. */
static void test_copied_and_not_read_on(void **state)
{
	size_t len = 4U << 20;
	uint8_t *text = long_text(len);
	int r = -ENOENT; /* until its names have come */

	(void)state;
	write_file(text, len);
	assert_int_equal(run("xclip -i -selection clipboard in"), 0);
	s.keeps_window = true;
	RIG_WAIT(&rig, (r = side_read(&s, CB, CLIPBOARD_TEXT, WINDOW)) == 0);
	assert_int_equal(r, 0);
	RIG_WAIT(&rig, s.got.len > 0);
	s.local->impl->stop(s.local, s.read);
	s.keeps_window = false;
	do { /* the first question may come before it has got rid of the rest */
		assert_int_equal(side_read(&s, CB, CLIPBOARD_TEXT, WINDOW), 0);
		RIG_WAIT(&rig, s.ended);
	} while (s.end == CLIPBOARD_LATE && r++ == 0);
	assert_int_equal(s.end, CLIPBOARD_WHOLE);
	assert_int_equal(s.got.len, len);
	assert_memory_equal(buffer_front(&s.got), text, len);
	free(text);
}

static void test_pasted_text(void **state)
{
	static const char *const pastes[] = { "xclip -o -selection clipboard > out",
		"xsel -b -o > out",
		"xclip -o -selection clipboard -t 'text/plain;charset=utf-8' > out",
		"xclip -o -selection clipboard -t TEXT > out" };
	static const size_t sizes[] = { 1, 200, 262144, 262145, 4U << 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint8_t *text = long_text(sizes[i]);
		own(CB, TEXT, text, sizes[i]);
		for (size_t k = 0; k < ARRAY_LEN(pastes); k++) {
			assert_int_equal(run(pastes[k]), 0);
			assert_file(text, sizes[i]);
		}
		own(CLIPBOARD_PRIMARY, TEXT, text, sizes[i]);
		assert_int_equal(run("xsel -p -o > out"), 0);
		assert_file(text, sizes[i]);
		free(text);
	}
}

static void test_pasted_picture(void **state)
{
	size_t len = 5000001;
	uint8_t *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	own(CB, PNG, bytes, len);
	assert_int_equal(run("xclip -o -selection clipboard -t image/png > out"), 0);
	assert_file(bytes, len);
	free(bytes);
}

static void test_pasted_latin1(void **state)
{
	(void)state;
	own(CB, TEXT, "caf\xc3\xa9", 5);
	assert_int_equal(run("xclip -o -selection clipboard -t STRING > out"), 0);
	assert_file("caf\xe9", 4);
	own(CB, TEXT, "5 \xe2\x82\xac", 5);
	assert_int_not_equal(run("xclip -o -selection clipboard -t STRING > out 2>&1"), 0);
}

static void test_targets(void **state)
{
	static const char *const there[] = { "UTF8_STRING\n", "text/plain;charset=utf-8\n",
		"STRING\n", "TEXT\n", "image/png\n", "x-kde-passwordManagerHint\n", "TIMESTAMP\n",
		"MULTIPLE\n", "SAVE_TARGETS\n", "TARGETS\n" };
	uint8_t *list;

	(void)state;
	own(CB, TEXT | PNG, "x", 1);
	assert_int_equal(run("xclip -o -selection clipboard -t TARGETS > out"), 0);
	read_file(&list);
	for (size_t i = 0; i < ARRAY_LEN(there); i++)
		assert_non_null(strstr((char *)list, there[i]));
	assert_null(strstr((char *)list, "text/html"));
	free(list);
	assert_int_equal(s.wanted, 0); /* asking what there is fetches nothing */
	assert_int_equal(
		run("xclip -o -selection clipboard -t x-kde-passwordManagerHint > out"), 0);
	assert_file("secret", 6);
	assert_int_equal(s.wanted, 0);
	assert_int_not_equal(run("xclip -o -selection clipboard -t text/html > out 2>&1"), 0);
	assert_int_equal(s.wanted, 0);
}

static void test_refused_paste_fails_at_once(void **state)
{
	(void)state;
	own(CB, TEXT, NULL, 0);
	s.refuses = true;
	uint64_t begun_ms = clock_now_ms();
	assert_int_not_equal(run("xclip -o -selection clipboard > out 2>&1"), 0);
	assert_true(clock_now_ms() - begun_ms < CLIPBOARD_ANSWER_MS);
	assert_true(s.wanted >= 1);
}

/* Many at once, each with pieces: none waits for another. */
static void test_many_at_once(void **state)
{
	size_t len = 1U << 20;
	uint8_t *text = long_text(len);

	(void)state;
	own(CB, TEXT, text, len);
	assert_int_equal(
		run("sh -c 'for i in 1 2 3 4 5 6 7 8; do xsel -b -o > out.$i & done; wait; "
		    "xsel -b -o > out; for i in 1 2 3 4 5 6 7 8; do cmp out out.$i || exit 1; rm out.$i; done'"),
		0);
	assert_file(text, len);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copied_text, one, none),
		cmocka_unit_test_setup_teardown(test_copied_picture, one, none),
		cmocka_unit_test_setup_teardown(test_copied_latin1, one, none),
		cmocka_unit_test_setup_teardown(test_copied_and_not_read_on, one, none),
		cmocka_unit_test_setup_teardown(test_pasted_text, one, none),
		cmocka_unit_test_setup_teardown(test_pasted_picture, one, none),
		cmocka_unit_test_setup_teardown(test_pasted_latin1, one, none),
		cmocka_unit_test_setup_teardown(test_targets, one, none),
		cmocka_unit_test_setup_teardown(test_refused_paste_fails_at_once, one, none),
		cmocka_unit_test_setup_teardown(test_many_at_once, one, none),
	};

	if (!harness_possible() || access("/usr/bin/xclip", X_OK) != 0 ||
		access("/usr/bin/xsel", X_OK) != 0)
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
