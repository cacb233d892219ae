/* The registry's file: it is whole whatever happens. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/crypto/random.h"
#include "tests/unit/registry/example.h"
#include "tests/unit/registry/home.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS     4
#define EACH_WRITES 6

/* ---- the file ---- */

static void missing_says_what_to_do(void **state)
{
	struct registry r;
	char error[REGISTRY_ERROR_MAX_BYTES];

	(void)state;
	assert_int_equal(registry_load(&r, error), -ENOENT);
	assert_non_null(strstr(error, "farseatctl init"));
}

static void what_is_saved_is_loaded(void **state)
{
	struct registry r = example_registry(), back;
	struct registry_device d = example_device("tom", 7);
	struct registry_invitation i = example_invitation("eve", 9, 500);
	struct stat st;
	char path[PATH_MAX];

	(void)state;
	d.previous = d.key;
	memset(d.previous.fingerprint, 8, sizeof(d.previous.fingerprint));
	d.revoked = true;
	d.revoked_s = 77;
	r.number = 3;
	assert_int_equal(registry_add_device(&r, &d), 0);
	assert_int_equal(registry_add_invitation(&r, &i), 0);
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(example_load(&back), 0);

	assert_string_equal(back.server_id, "ws-1");
	assert_string_equal(back.workstation, "office");
	assert_int_equal(back.number, 4);
	assert_int_equal(back.device_count, 1);
	assert_memory_equal(&back.devices[0].key, &d.key, sizeof(d.key));
	assert_memory_equal(&back.devices[0].previous, &d.previous, sizeof(d.previous));
	assert_string_equal(back.devices[0].label, d.label);
	assert_true(back.devices[0].revoked);
	assert_int_equal(back.devices[0].revoked_s, 77);
	assert_int_equal(back.invitation_count, 1);
	assert_memory_equal(back.invitations[0].cert.bytes, i.cert.bytes, 300);
	assert_int_equal(back.invitations[0].cert.len, 300);

	assert_int_equal(registry_path(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	registry_finish(&r);
	registry_finish(&back);
}

/* The text of a saved registry; the caller frees it. */
static char *saved_text(void)
{
	struct registry r = example_registry();
	struct registry_invitation i = example_invitation("eve", 9, 500);
	struct buffer text;
	char path[PATH_MAX];

	example_add(&r, "tom", 7);
	assert_int_equal(registry_add_invitation(&r, &i), 0);
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(registry_path(path), 0);
	assert_int_equal(file_read(path, 1 << 20, &text), 0);
	char *copy = strndup((const char *)buffer_front(&text), text.len);
	buffer_finish(&text);
	return copy;
}

static void every_truncation_is_damage(void **state)
{
	char *text = saved_text();
	size_t len = strlen(text);
	struct registry r;

	(void)state;
	while (len > 0 && text[len - 1] != '}')
		len--;
	for (size_t cut = 0; cut < len; cut += 1 + cut / 20) {
		example_write(text, cut);
		assert_int_equal(example_load(&r), -EINVAL);
	}
	free(text);
}

static void damage_is_told_and_left_alone(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "\"version\": 1", "\"version\": 3" },
		{ "\"ws-1\"", "\"WS 1\"" },
		{ "\"tom\"", "\"../tom\"" },
		{ "\"tom\"", "\"\"" },
		{ "\"tom\"", "7" },
		{ "\"pending\"", "\"maybe\"" },
		{ "0707", "070" },
		{ "0707", "07zz" },
		{ "\"fingerprint\"", "\"finger\"" },
		{ "\"public_key\"", "\"key\"" },
		{ "\"caps\"", "\"cap\"" },
		{ "\"expires\"", "\"expire\"" },
		{ "\"revoked_at\"", "\"revoked_when\"" },
		{ "\"devices\"", "\"things\"" },
		{ "\"invitations\"", "\"invites\"" },
		{ "\"version\"", "\"version\": 1, \"version\"" },
	};
	char *text = saved_text(), changed[16384], path[PATH_MAX];
	struct registry r;
	struct buffer after;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *at = strstr(text, changes[i].from);
		assert_non_null(at);
		int len = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text,
			changes[i].to, at + strlen(changes[i].from));
		example_write(changed, (size_t)len);
		assert_int_equal(example_load(&r), -EINVAL);

		assert_int_equal(registry_path(path), 0);
		assert_int_equal(file_read(path, sizeof(changed), &after), 0);
		assert_int_equal(after.len, len);
		assert_memory_equal(buffer_front(&after), changed, (size_t)len);
		buffer_finish(&after);
	}
	free(text);
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	char path[PATH_MAX];
	struct registry r;

	(void)state;
	example_write("", 0);
	assert_int_equal(registry_path(path), 0);
	assert_int_equal(truncate(path, (off_t)REGISTRY_FILE_MAX_BYTES + 1), 0);
	assert_int_equal(example_load(&r), -E2BIG);
}

/* A crash between the temporary file and the rename leaves the old registry and a stray file. */
static void a_stray_temporary_file_changes_nothing(void **state)
{
	struct registry r;

	(void)state;
	free(saved_text());
	home_write("data/server/registry.json.Ab12Cd", "{ \"version\": 1, \"devi");
	assert_int_equal(example_load(&r), 0);
	assert_int_equal(r.device_count, 1);
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(example_load(&r), 0);
	registry_finish(&r);
}

static void a_folder_that_cannot_be_written_keeps_the_old_one(void **state)
{
	struct registry r;
	char path[PATH_MAX];

	(void)state;
	free(saved_text());
	assert_int_equal(example_load(&r), 0);
	example_add(&r, "second", 2);
	/* A folder in the place of the file: rename fails for root, too. */
	assert_int_equal(registry_path(path), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(registry_save(&r) < 0);
	registry_finish(&r);
	assert_true(example_load(&r) < 0);
	assert_int_equal(rmdir(path), 0);
}

static void write_some(int writer)
{
	for (int i = 0; i < EACH_WRITES; i++) {
		char name[REGISTRY_NAME_MAX_BYTES];
		struct registry r;
		char error[REGISTRY_ERROR_MAX_BYTES];
		int lock;
		if (registry_lock(&lock) < 0 || registry_load(&r, error) < 0)
			_exit(1);
		snprintf(name, sizeof(name), "w%d-%d", writer, i);
		struct registry_device d =
			example_device(name, (uint8_t)(writer * EACH_WRITES + i));
		if (registry_add_device(&r, &d) < 0 || registry_save(&r) < 0)
			_exit(1);
		registry_finish(&r);
		close(lock);
	}
	_exit(0);
}

static void writers_at_once_lose_nothing(void **state)
{
	struct registry r = example_registry();
	pid_t pids[WRITERS];
	int status;

	(void)state;
	assert_int_equal(registry_save(&r), 0);
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			write_some(i);
	}
	/* A reader needs no lock: it sees one whole registry or the next. */
	for (int i = 0; i < 50; i++) {
		assert_int_equal(example_load(&r), 0);
		registry_finish(&r);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(example_load(&r), 0);
	assert_int_equal(r.device_count, WRITERS * EACH_WRITES);
	registry_finish(&r);
}

/* ---- an older one ---- */

static void an_older_one_is_not_taken(void **state)
{
	char *old, path[PATH_MAX];
	struct registry r;

	(void)state;
	old = saved_text();
	assert_int_equal(example_load(&r), 0);
	r.devices[0].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	example_write(old, strlen(old));
	assert_int_equal(example_load(&r), -ESTALE);
	/* Where it is asked for, it is read all the same. */
	char error[REGISTRY_ERROR_MAX_BYTES];
	assert_int_equal(registry_load_file(&r, NULL, error), 0);
	assert_false(r.devices[0].revoked);
	registry_finish(&r);
	assert_int_equal(registry_load_latest(&r), 0);
	assert_true(r.devices[0].revoked);
	registry_finish(&r);
	/* A new disk knows of nothing. */
	assert_int_equal(unlink(home_file("state/" REGISTRY_LATEST "/registry.json", path)), 0);
	assert_int_equal(example_load(&r), 0);
	registry_finish(&r);
	free(old);
}

static void what_is_remembered_is_damaged(void **state)
{
	struct registry r;

	(void)state;
	free(saved_text());
	home_write("state/" REGISTRY_LATEST "/registry.json", "");
	assert_true(example_load(&r) < 0);
	home_write("state/" REGISTRY_LATEST "/registry.json", "{}\n");
	assert_true(example_load(&r) < 0);
}

/* Older versions save without a new number, and remember nothing. */
static void what_others_saved_is_remembered(void **state)
{
	char *old, *new;
	struct registry r;

	(void)state;
	old = saved_text();
	new = saved_text();
	char *at = strstr(new, "\"crl_number\": 1");
	assert_non_null(at);
	at[strlen("\"crl_number\": ")] = '5';
	example_write(new, strlen(new));
	assert_int_equal(example_load(&r), 0);
	registry_remember(&r);
	registry_finish(&r);
	example_write(old, strlen(old));
	assert_int_equal(example_load(&r), -ESTALE);
	free(old);
	free(new);
}

static void what_is_over_is_archived(void **state)
{
	struct registry r = example_registry(), back;
	char path[PATH_MAX];
	struct buffer text;

	(void)state;
	example_add(&r, "gone", 1);
	example_add(&r, "lives", 2);
	example_add(&r, "expired", 3);
	r.devices[0].revoked = true;
	r.devices[0].key.expires_s = 5000;
	r.devices[1].revoked = true; /* its certificate has not ended */
	r.devices[2].key.expires_s = 5000;
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(registry_save(&r), 0); /* once */
	assert_int_equal(example_load(&back), 0);
	assert_int_equal(back.device_count, 2);
	assert_string_equal(back.devices[0].name, "lives");
	assert_string_equal(back.devices[1].name, "expired");
	assert_int_equal(file_read(home_file("data/" REGISTRY_ARCHIVE, path), 4096, &text), 0);
	assert_non_null(memmem(buffer_front(&text), text.len, "\"gone\"", 6));
	assert_int_equal(((const char *)memchr(buffer_front(&text), '\n', text.len) + 1) -
				 (const char *)buffer_front(&text),
		text.len);
	buffer_finish(&text);
	registry_finish(&r);
	registry_finish(&back);
}

/* ---- the text ---- */

static void labels_of_every_kind_come_back(void **state)
{
	static const char *const labels[] = { "", "plain", "with \"quotes\" and \\",
		"\xc3\xa9\xe2\x82\xac", "a\tb\nc", "\x7f" };
	struct registry r = example_registry(), back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		char name[8];
		snprintf(name, sizeof(name), "d%zu", i);
		example_add(&r, name, (uint8_t)(i + 1));
		snprintf(r.devices[i].label, sizeof(r.devices[i].label), "%s", labels[i]);
	}
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(example_load(&back), 0);
	assert_int_equal(back.device_count, ARRAY_LEN(labels));
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		assert_string_equal(back.devices[i].label, labels[i]);
	/* What is no text is never written. */
	snprintf(r.devices[0].label, sizeof(r.devices[0].label), "\xff");
	assert_int_equal(registry_save(&r), -EINVAL);
	registry_finish(&r);
	registry_finish(&back);
}

/* As versions before this one wrote it, or an editor. */
static void other_layouts_are_read(void **state)
{
	struct registry r;
	char *text = saved_text();
	json_t *root = json_loads(text, 0, NULL);
	char *indented = json_dumps(root, JSON_INDENT(1));

	(void)state;
	assert_non_null(indented);
	example_write(indented, strlen(indented));
	assert_int_equal(example_load(&r), 0);
	assert_int_equal(r.device_count, 1);
	assert_int_equal(r.invitation_count, 1);
	assert_string_equal(r.devices[0].name, "tom");
	registry_finish(&r);
	free(indented);
	json_decref(root);
	free(text);
}

#define HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(missing_says_what_to_do),
		HOME(what_is_saved_is_loaded),
		HOME(every_truncation_is_damage),
		HOME(damage_is_told_and_left_alone),
		HOME(a_file_that_is_too_long_is_refused),
		HOME(a_stray_temporary_file_changes_nothing),
		HOME(a_folder_that_cannot_be_written_keeps_the_old_one),
		HOME(writers_at_once_lose_nothing),
		HOME(an_older_one_is_not_taken),
		HOME(what_is_remembered_is_damaged),
		HOME(what_others_saved_is_remembered),
		HOME(what_is_over_is_archived),
		HOME(labels_of_every_kind_come_back),
		HOME(other_layouts_are_read),
	};

	if (crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
