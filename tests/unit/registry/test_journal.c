/* Many devices: a change is a line of the journal, and a torn one is none. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/crypto/random.h"
#include "common/wire/messages.h"
#include "tests/unit/registry/example.h"
#include "tests/unit/registry/home.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>

#define MANY 1000 /* enough for a journal */

static void make_many(struct registry *r)
{
	for (size_t i = 0; i < MANY; i++) {
		char name[16];
		snprintf(name, sizeof(name), "d%zu", i);
		example_add(r, name, (uint8_t)i);
	}
}

static off_t size_of(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return stat(home_file(name, path), &st) < 0 ? -1 : st.st_size;
}

static void a_change_among_many_is_a_line(void **state)
{
	struct registry r = example_registry(), other = { 0 };
	struct registry_invitation i = example_invitation("eve", 9, 500);
	char error[REGISTRY_ERROR_MAX_BYTES];

	(void)state;
	make_many(&r);
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(registry_refresh(&other, error), 0);
	off_t whole = size_of("data/server/registry.json");
	r.devices[500].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	r.devices[501].caps = WIRE_CAPS_VIEW;
	assert_int_equal(registry_save(&r), 0);
	example_add(&r, "new", 3);
	assert_int_equal(registry_add_invitation(&r, &i), 0);
	assert_int_equal(registry_save(&r), 0);
	r.invitations[0].state = REGISTRY_SPENT;
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(registry_save(&r), 0); /* nothing changed */
	assert_int_equal(r.number, 5);
	assert_int_equal(size_of("data/server/registry.json"), whole);
	assert_in_range(size_of("data/server/registry.journal"), 1000, 8000);
	assert_int_equal(size_of("state/" REGISTRY_LATEST "/registry.journal"),
		size_of("data/server/registry.journal"));
	/* Whoever had it reads the lines; whoever comes reads everything. */
	for (int k = 0; k < 2; k++) {
		assert_int_equal(
			k == 0 ? registry_refresh(&other, error) : example_load(&other), 0);
		assert_int_equal(other.number, 5);
		assert_int_equal(other.device_count, MANY + 1);
		assert_true(other.devices[500].revoked);
		assert_int_equal(other.devices[501].caps, WIRE_CAPS_VIEW);
		assert_string_equal(other.devices[MANY].name, "new");
		assert_int_equal(other.invitations[0].state, REGISTRY_SPENT);
		registry_finish(&other);
	}
	registry_finish(&r);
}

/* A crash in the middle of a line, of which the rest comes back from no disk. */
static void a_torn_line_is_no_change(void **state)
{
	struct registry r = example_registry(), back;
	char path[PATH_MAX];

	(void)state;
	make_many(&r);
	assert_int_equal(registry_save(&r), 0);
	r.devices[1].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	FILE *f = fopen(home_file("data/server/registry.journal", path), "ae");
	assert_non_null(f);
	fputs("{\"number\": 3, \"device\": {", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(example_load(&back), 0);
	assert_int_equal(back.number, 2);
	back.devices[2].revoked = true;
	assert_int_equal(registry_save(&back), 0);
	registry_finish(&back);
	assert_int_equal(example_load(&back), 0);
	assert_true(back.devices[1].revoked && back.devices[2].revoked);
	registry_finish(&back);
	/* A line that is whole and wrong is damage. */
	f = fopen(path, "ae");
	assert_non_null(f);
	fputs("{\"number\": 4, \"device\": {}}\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(example_load(&back), -EINVAL);
	registry_finish(&r);
}

static void a_backup_beside_a_later_journal_is_old(void **state)
{
	struct registry r = example_registry();
	struct buffer backup;
	char path[PATH_MAX];

	(void)state;
	make_many(&r);
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(
		file_read(home_file("data/server/registry.json", path), 1 << 24, &backup), 0);
	for (size_t i = 0; i < 60; i++)
		r.devices[i].revoked = true; /* too much for lines */
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(size_of("data/server/registry.journal"), -1);
	r.devices[70].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	example_write((const char *)buffer_front(&backup), backup.len);
	registry_finish(&r);
	assert_int_equal(example_load(&r), -ESTALE);
	buffer_finish(&backup);
}

/* For a daemon from before there was a journal. */
static void a_flat_one_has_no_journal(void **state)
{
	struct registry r = example_registry();
	struct buffer text;
	char path[PATH_MAX];

	(void)state;
	make_many(&r);
	assert_int_equal(registry_save(&r), 0);
	r.devices[3].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(registry_flatten(), 0);
	assert_int_equal(size_of("data/server/registry.journal"), -1);
	assert_int_equal(
		file_read(home_file("data/server/registry.json", path), 1 << 24, &text), 0);
	json_t *root = json_loadb((const char *)buffer_front(&text), text.len, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
	json_decref(root);
	buffer_finish(&text);
	assert_int_equal(example_load(&r), 0);
	assert_true(r.devices[3].revoked);
	r.devices[4].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(example_load(&r), 0);
	assert_true(r.devices[4].revoked);
	registry_finish(&r);
}

#define HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(a_change_among_many_is_a_line),
		HOME(a_torn_line_is_no_change),
		HOME(a_backup_beside_a_later_journal_is_old),
		HOME(a_flat_one_has_no_journal),
	};

	if (crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
