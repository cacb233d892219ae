/* The form of a workstation's settings: what is typed and chosen, what is refused, and what is kept on the disk. */
#include "tests/unit/cmocka_first.h"

#include "client/window/settings_form.h"
#include "common/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/farseat-test-XXXXXX";
static const struct workstation office = {
	.name = "office", .host = "desk.example.org", .port = 7421, .server_id = "desk-1"
};

static void file_of(const char *name, const char *file, char out[static PATH_MAX])
{
	assert_int_equal(workstation_path(name, file, out), 0);
}

/* The folder with its file alone: keys have no part in this. */
static void make(const struct workstation *w)
{
	char folder[PATH_MAX];

	file_of(w->name, NULL, folder);
	assert_int_equal(dir_make(folder, 0700), 0);
	assert_int_equal(workstation_store_conf(w), 0);
}

static void take_away(const char *name)
{
	char path[PATH_MAX];

	file_of(name, "workstation.conf", path);
	unlink(path);
	file_of(name, NULL, path);
	rmdir(path);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(home) ? setenv("FARSEAT_HOME", home, 1) : -1;
}

static int tear_down(void **state)
{
	char folder[PATH_MAX];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/data/workstations", home);
	rmdir(folder);
	snprintf(folder, sizeof(folder), "%s/data", home);
	rmdir(folder);
	return rmdir(home);
}

static void go_to(struct settings_form *f, const char *key)
{
	f->at = (int)(settings_find(key) - settings);
}

static void type(struct settings_form *f, const char *key, const char *text)
{
	go_to(f, key);
	settings_form_clear(f);
	settings_form_type(f, text);
}

static void test_all_is_kept(void **state)
{
	struct settings_form f;
	struct workstation now, read;
	const char *why;

	(void)state;
	make(&office);
	settings_form_open(&f, &office);
	assert_string_equal(f.texts[f.at], "office");
	type(&f, "name", "desk");
	type(&f, "address", "192.0.2.7:99");
	type(&f, "via", "me@jump");
	go_to(&f, "scale");
	settings_form_turn(&f, 1);
	go_to(&f, "fullscreen");
	settings_form_turn(&f, -1);
	go_to(&f, "clipboard");
	settings_form_turn(&f, -1);
	assert_int_equal(settings_form_keep(&f, &now), 0);
	assert_int_equal(workstation_load("desk", &read, &why), 0);
	assert_string_equal(read.host, "192.0.2.7");
	assert_int_equal(read.port, 99);
	assert_string_equal(read.way.via, "me@jump");
	assert_string_equal(read.scale, "fit");
	assert_true(read.fullscreen);
	assert_int_equal(read.clipboard, CLIPBOARD_OFF);
	assert_string_equal(read.server_id, office.server_id);
	assert_int_equal(workstation_load("office", &read, &why), -ENOENT);
	settings_form_close(&f);
	take_away("desk");
}

/* What is wrong changes nothing, not even what is right beside it. */
static void test_wrong_is_refused(void **state)
{
	static const struct {
		const char *key, *value;
	} wrong[] = { { "name", "" }, { "name", "a/b" }, { "address", "" }, { "address", "host:0" },
		{ "address", "host:70000" }, { "address", "a b" }, { "via", ",," },
		{ "proxy", "ftp://proxy" }, { "proxy", "http://me:***@proxy:3128" } };
	struct settings_form f;
	struct workstation now, read;
	const char *why;

	(void)state;
	make(&office);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		settings_form_open(&f, &office);
		go_to(&f, "fullscreen");
		settings_form_turn(&f, 1);
		type(&f, wrong[i].key, wrong[i].value);
		f.at = 0;
		assert_int_equal(settings_form_keep(&f, &now), -EINVAL);
		assert_string_equal(settings[f.at].key, wrong[i].key);
		assert_true(f.wrong[0] != '\0');
		assert_int_equal(workstation_load("office", &read, &why), 0);
		assert_false(read.fullscreen);
	}
	settings_form_open(&f, &office);
	type(&f, "via", "me@jump");
	type(&f, "proxy", "http://proxy:3128");
	assert_int_equal(settings_form_keep(&f, &now), -EINVAL);
	assert_string_equal(settings[f.at].key, "via");
	take_away("office");
}

static void test_names_of_others(void **state)
{
	struct workstation other = office, now, read;
	struct settings_form f;
	const char *why;

	(void)state;
	snprintf(other.name, sizeof(other.name), "other");
	make(&office);
	make(&other);
	settings_form_open(&f, &office);
	type(&f, "name", "other");
	go_to(&f, "keys");
	settings_form_turn(&f, 1);
	assert_int_equal(settings_form_keep(&f, &now), -EEXIST);
	assert_int_equal(f.at, 0);
	assert_int_equal(workstation_load("office", &read, &why), 0);
	assert_false(read.physical_keys);
	take_away("office");
	take_away("other");
}

/* A password that is not shown stays as long as nobody types another proxy. */
static void test_password_of_a_proxy(void **state)
{
	struct workstation with = office, now;
	struct settings_form f;

	(void)state;
	snprintf(with.way.proxy, sizeof(with.way.proxy), "http://me:secret@proxy:3128");
	make(&with);
	settings_form_open(&f, &with);
	for (int i = 0; i < f.count; i++)
		assert_null(strstr(f.texts[i], "secret"));
	go_to(&f, "fullscreen");
	settings_form_turn(&f, 1);
	assert_int_equal(settings_form_keep(&f, &now), 0);
	assert_string_equal(now.way.proxy, "http://me:secret@proxy:3128");
	settings_form_open(&f, &now);
	type(&f, "proxy", "");
	assert_int_equal(settings_form_keep(&f, &now), 0);
	assert_string_equal(now.way.proxy, "");
	take_away("office");
}

static void test_typing(void **state)
{
	struct settings_form f;
	char shown[SETTINGS_TEXT_MAX_BYTES];

	(void)state;
	settings_form_open(&f, &office);
	settings_form_move(&f, -1);
	assert_int_equal(f.at, f.count - 1);
	settings_form_move(&f, 1);
	assert_int_equal(f.at, 0);
	settings_form_type(&f, "\n\xc3\xa9\t");
	assert_string_equal(f.texts[0], "office\xc3\xa9");
	settings_form_erase(&f);
	assert_string_equal(f.texts[0], "office");
	for (int i = 0; i < 2 * SETTINGS_TEXT_MAX_BYTES; i++)
		settings_form_type(&f, "x");
	assert_int_equal(strlen(f.texts[0]), SETTINGS_TEXT_MAX_BYTES - 1);
	go_to(&f, "keys");
	snprintf(shown, sizeof(shown), "%s", f.texts[f.at]);
	settings_form_type(&f, "x");
	settings_form_erase(&f);
	settings_form_clear(&f);
	settings_form_choose(&f, f.at, 7);
	assert_string_equal(f.texts[f.at], shown);
}

/* Every word of a choice is taken and shown again; nothing is a word where it may be nothing. */
static void test_table(void **state)
{
	char word[SETTINGS_WORD_BYTES], shown[SETTINGS_TEXT_MAX_BYTES];
	int count = 0;

	(void)state;
	for (const struct setting *s = settings; s->key; s++, count++) {
		struct workstation w = office;
		assert_non_null(s->label);
		assert_non_null(s->help);
		assert_int_equal(s->choice, settings_word(s, 1, word));
		for (int n = 0; settings_word(s, n, word); n++) {
			assert_null(s->take(&w, word));
			s->show(&w, shown);
			assert_string_equal(shown, word);
		}
		if (s->none) {
			assert_null(s->take(&w, s->none));
			s->show(&w, shown);
			assert_string_equal(shown, s->none);
		}
	}
	assert_true(count <= SETTINGS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_kept),
		cmocka_unit_test(test_wrong_is_refused),
		cmocka_unit_test(test_names_of_others),
		cmocka_unit_test(test_password_of_a_proxy),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
