/* The registry: who is found, what is bounded, and that its file is whole whatever happens. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/crypto/random.h"
#include "common/wire/messages.h"
#include "server/registry/registry.h"
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
#define LATER_S     INT64_C(4000000000)

static struct registry fresh(void)
{
	return (struct registry){ .server_id = "ws-1", .workstation = "office" };
}

static struct registry_device device(const char *name, uint8_t mark)
{
	struct registry_device d = { .caps = WIRE_CAPS_CONTROL };

	snprintf(d.name, sizeof(d.name), "%s", name);
	snprintf(d.label, sizeof(d.label), "Tom\xc3\xa9's \"laptop\"");
	assert_int_equal(registry_new_id(d.id), 0);
	memset(d.key.fingerprint, mark, sizeof(d.key.fingerprint));
	memset(d.key.public_key, mark, 91);
	d.key.public_key_len = 91;
	d.key.serial_len = 16;
	d.key.serial[0] = mark;
	d.key.issued_s = 1000;
	d.key.expires_s = LATER_S;
	return d;
}

static struct registry_invitation invitation(const char *name, uint8_t mark, int64_t created_s)
{
	struct registry_invitation i = {
		.caps = WIRE_CAPS_VIEW, .created_s = created_s, .expires_s = created_s + 100
	};

	snprintf(i.name, sizeof(i.name), "%s", name);
	memset(i.fingerprint, mark, sizeof(i.fingerprint));
	memset(i.cert.bytes, mark, 300);
	i.cert.len = 300;
	return i;
}

static int load(struct registry *r)
{
	char error[REGISTRY_ERROR_MAX_BYTES] = "";
	int result = registry_load(r, error);

	assert_true((result < 0) == (error[0] != '\0'));
	return result;
}

static void add(struct registry *r, const char *name, uint8_t mark)
{
	struct registry_device d = device(name, mark);

	assert_int_equal(registry_add_device(r, &d), 0);
}

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
	struct registry r = fresh(), back;
	struct registry_device d = device("tom", 7);
	struct registry_invitation i = invitation("eve", 9, 500);
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
	assert_int_equal(load(&back), 0);

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
	struct registry r = fresh();
	struct registry_invitation i = invitation("eve", 9, 500);
	struct buffer text;
	char path[PATH_MAX];

	add(&r, "tom", 7);
	assert_int_equal(registry_add_invitation(&r, &i), 0);
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(registry_path(path), 0);
	assert_int_equal(file_read(path, 1 << 20, &text), 0);
	char *copy = strndup((const char *)buffer_front(&text), text.len);
	buffer_finish(&text);
	return copy;
}

static void write_registry(const char *text, size_t len)
{
	char path[PATH_MAX];

	assert_int_equal(registry_path(path), 0);
	FILE *f = fopen(path, "we"); /* unsynced: there are many */
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
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
		write_registry(text, cut);
		assert_int_equal(load(&r), -EINVAL);
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
		write_registry(changed, (size_t)len);
		assert_int_equal(load(&r), -EINVAL);

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
	write_registry("", 0);
	assert_int_equal(registry_path(path), 0);
	assert_int_equal(truncate(path, (off_t)REGISTRY_FILE_MAX_BYTES + 1), 0);
	assert_int_equal(load(&r), -E2BIG);
}

/* A crash between the temporary file and the rename leaves the old registry and a stray file. */
static void a_stray_temporary_file_changes_nothing(void **state)
{
	struct registry r;

	(void)state;
	free(saved_text());
	home_write("data/server/registry.json.Ab12Cd", "{ \"version\": 1, \"devi");
	assert_int_equal(load(&r), 0);
	assert_int_equal(r.device_count, 1);
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(load(&r), 0);
	registry_finish(&r);
}

static void a_folder_that_cannot_be_written_keeps_the_old_one(void **state)
{
	struct registry r;
	char path[PATH_MAX];

	(void)state;
	free(saved_text());
	assert_int_equal(load(&r), 0);
	add(&r, "second", 2);
	/* A folder in the place of the file: rename fails for root, too. */
	assert_int_equal(registry_path(path), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(registry_save(&r) < 0);
	registry_finish(&r);
	assert_true(load(&r) < 0);
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
		struct registry_device d = device(name, (uint8_t)(writer * EACH_WRITES + i));
		if (registry_add_device(&r, &d) < 0 || registry_save(&r) < 0)
			_exit(1);
		registry_finish(&r);
		close(lock);
	}
	_exit(0);
}

static void writers_at_once_lose_nothing(void **state)
{
	struct registry r = fresh();
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
		assert_int_equal(load(&r), 0);
		registry_finish(&r);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(load(&r), 0);
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
	assert_int_equal(load(&r), 0);
	r.devices[0].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	write_registry(old, strlen(old));
	assert_int_equal(load(&r), -ESTALE);
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
	assert_int_equal(load(&r), 0);
	registry_finish(&r);
	free(old);
}

static void what_is_remembered_is_damaged(void **state)
{
	struct registry r;

	(void)state;
	free(saved_text());
	home_write("state/" REGISTRY_LATEST "/registry.json", "");
	assert_true(load(&r) < 0);
	home_write("state/" REGISTRY_LATEST "/registry.json", "{}\n");
	assert_true(load(&r) < 0);
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
	write_registry(new, strlen(new));
	assert_int_equal(load(&r), 0);
	registry_remember(&r);
	registry_finish(&r);
	write_registry(old, strlen(old));
	assert_int_equal(load(&r), -ESTALE);
	free(old);
	free(new);
}

/* ---- many ---- */

#define MANY 1000 /* enough for a journal */

static void make_many(struct registry *r)
{
	for (size_t i = 0; i < MANY; i++) {
		char name[16];
		snprintf(name, sizeof(name), "d%zu", i);
		add(r, name, (uint8_t)i);
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
	struct registry r = fresh(), other = { 0 };
	struct registry_invitation i = invitation("eve", 9, 500);
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
	add(&r, "new", 3);
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
		assert_int_equal(k == 0 ? registry_refresh(&other, error) : load(&other), 0);
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
	struct registry r = fresh(), back;
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
	assert_int_equal(load(&back), 0);
	assert_int_equal(back.number, 2);
	back.devices[2].revoked = true;
	assert_int_equal(registry_save(&back), 0);
	registry_finish(&back);
	assert_int_equal(load(&back), 0);
	assert_true(back.devices[1].revoked && back.devices[2].revoked);
	registry_finish(&back);
	/* A line that is whole and wrong is damage. */
	f = fopen(path, "ae");
	assert_non_null(f);
	fputs("{\"number\": 4, \"device\": {}}\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(load(&back), -EINVAL);
	registry_finish(&r);
}

static void a_backup_beside_a_later_journal_is_old(void **state)
{
	struct registry r = fresh();
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
	write_registry((const char *)buffer_front(&backup), backup.len);
	registry_finish(&r);
	assert_int_equal(load(&r), -ESTALE);
	buffer_finish(&backup);
}

/* For a daemon from before there was a journal. */
static void a_flat_one_has_no_journal(void **state)
{
	struct registry r = fresh();
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
	assert_int_equal(load(&r), 0);
	assert_true(r.devices[3].revoked);
	r.devices[4].revoked = true;
	assert_int_equal(registry_save(&r), 0);
	registry_finish(&r);
	assert_int_equal(load(&r), 0);
	assert_true(r.devices[4].revoked);
	registry_finish(&r);
}

static void what_is_over_is_archived(void **state)
{
	struct registry r = fresh(), back;
	char path[PATH_MAX];
	struct buffer text;

	(void)state;
	add(&r, "gone", 1);
	add(&r, "lives", 2);
	add(&r, "expired", 3);
	r.devices[0].revoked = true;
	r.devices[0].key.expires_s = 5000;
	r.devices[1].revoked = true; /* its certificate has not ended */
	r.devices[2].key.expires_s = 5000;
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(registry_save(&r), 0); /* once */
	assert_int_equal(load(&back), 0);
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

static void revoked_ones_leave_room(void **state)
{
	struct registry r = fresh();

	(void)state;
	r.devices = calloc(REGISTRY_DEVICES_MAX, sizeof(*r.devices));
	r.device_count = REGISTRY_DEVICES_MAX;
	assert_non_null(r.devices);
	assert_false(registry_has_room(&r));
	r.devices[7].revoked = true;
	assert_true(registry_has_room(&r));
	struct registry_device d = device("tom", 1);
	assert_int_equal(registry_add_device(&r, &d), 0);
	assert_int_equal(registry_add_device(&r, &d), -E2BIG);
	registry_finish(&r);
}

/* ---- the text ---- */

static void labels_of_every_kind_come_back(void **state)
{
	static const char *const labels[] = { "", "plain", "with \"quotes\" and \\",
		"\xc3\xa9\xe2\x82\xac", "a\tb\nc", "\x7f" };
	struct registry r = fresh(), back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		char name[8];
		snprintf(name, sizeof(name), "d%zu", i);
		add(&r, name, (uint8_t)(i + 1));
		snprintf(r.devices[i].label, sizeof(r.devices[i].label), "%s", labels[i]);
	}
	assert_int_equal(registry_save(&r), 0);
	assert_int_equal(load(&back), 0);
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
	write_registry(indented, strlen(indented));
	assert_int_equal(load(&r), 0);
	assert_int_equal(r.device_count, 1);
	assert_int_equal(r.invitation_count, 1);
	assert_string_equal(r.devices[0].name, "tom");
	registry_finish(&r);
	free(indented);
	json_decref(root);
	free(text);
}

/* ---- who is found ---- */

static void names_are_unique_among_the_active(void **state)
{
	struct registry r = fresh();
	struct registry_device again = device("tom", 2);

	(void)state;
	add(&r, "tom", 1);
	assert_int_equal(registry_add_device(&r, &again), -EEXIST);
	r.devices[0].revoked = true;
	assert_null(registry_find_name(&r, "tom"));
	assert_int_equal(registry_add_device(&r, &again), 0);
	assert_ptr_equal(registry_find_name(&r, "tom"), &r.devices[1]);
	assert_null(registry_find_name(&r, "to"));
	registry_finish(&r);
}

static void a_certificate_is_found_while_its_device_is_active(void **state)
{
	struct registry r = fresh();
	const struct registry_key *key = NULL;
	uint8_t first[32], second[32], zeros[32] = { 0 };

	(void)state;
	memset(first, 1, sizeof(first));
	memset(second, 2, sizeof(second));
	add(&r, "tom", 1);
	assert_ptr_equal(registry_find_fingerprint(&r, first, &key), &r.devices[0]);
	assert_ptr_equal(key, &r.devices[0].key);
	assert_null(registry_find_fingerprint(&r, second, &key));
	/* There is no previous certificate; its zeros are nobody's. */
	assert_null(registry_find_fingerprint(&r, zeros, &key));

	r.devices[0].previous = r.devices[0].key;
	memset(r.devices[0].key.fingerprint, 2, 32);
	assert_ptr_equal(registry_find_fingerprint(&r, second, &key), &r.devices[0]);
	assert_ptr_equal(registry_find_fingerprint(&r, first, &key), &r.devices[0]);
	assert_ptr_equal(key, &r.devices[0].previous);

	r.devices[0].revoked = true;
	assert_null(registry_find_fingerprint(&r, first, &key));
	assert_null(registry_find_fingerprint(&r, second, &key));
	assert_ptr_equal(registry_find_any(&r, first), &r.devices[0]);
	registry_finish(&r);
}

/* ---- invitations ---- */

static void an_invitation_waits_until_it_ends(void **state)
{
	struct registry_invitation i = invitation("eve", 1, 1000);

	(void)state;
	assert_true(registry_invitation_pending(&i, 1000));
	assert_true(registry_invitation_pending(&i, 1099));
	assert_false(registry_invitation_pending(&i, 1100));
	i.state = REGISTRY_SPENT;
	assert_false(registry_invitation_pending(&i, 1000));
	i.state = REGISTRY_WITHDRAWN;
	assert_false(registry_invitation_pending(&i, 1000));
}

static void pending_ones_are_bounded(void **state)
{
	struct registry r = fresh();

	(void)state;
	for (int k = 0; k < REGISTRY_PENDING_MAX; k++) {
		struct registry_invitation i = invitation("eve", (uint8_t)k, 1000);
		assert_int_equal(registry_add_invitation(&r, &i), 0);
	}
	struct registry_invitation more = invitation("eve", 200, 1000);
	assert_int_equal(registry_add_invitation(&r, &more), -E2BIG);
	r.invitations[5].state = REGISTRY_SPENT;
	assert_int_equal(registry_add_invitation(&r, &more), 0);
	more = invitation("eve", 201, 2000); /* the others have expired by then */
	assert_int_equal(registry_add_invitation(&r, &more), 0);
	registry_finish(&r);
}

static void the_oldest_ended_one_is_forgotten(void **state)
{
	struct registry r = fresh();

	(void)state;
	for (int k = 0; k < REGISTRY_INVITATIONS_MAX + 20; k++) {
		struct registry_invitation i = invitation("eve", (uint8_t)k, 1000 + k * 200);
		assert_int_equal(registry_add_invitation(&r, &i), 0);
	}
	assert_int_equal(r.invitation_count, REGISTRY_INVITATIONS_MAX);
	assert_int_equal(r.invitations[0].created_s, 1000 + 20 * 200);
	registry_finish(&r);
}

/* ---- words ---- */

static void names_are_checked(void **state)
{
	static const char *const good[] = { "a", "tom", "Tom-2.home_office", "0",
		"a23456789012345678901234567890123456789012345678901234567890123" };
	static const char *const bad[] = { "", "-a", ".a", "a b", "a/b", "..", "a\n", "\xc3\xa9",
		"a:b", "a\"b", "a23456789012345678901234567890123456789012345678901234567890124x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(registry_name_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(registry_name_valid(bad[i]));
}

static void roles_are_presets(void **state)
{
	uint32_t caps = 0;

	(void)state;
	assert_int_equal(registry_role_caps("control", &caps), 0);
	assert_string_equal(registry_role_name(caps), "control");
	assert_int_equal(registry_role_caps("view", &caps), 0);
	assert_string_equal(registry_role_name(caps), "view");
	assert_false(caps & WIRE_CAP_INPUT);
	assert_string_equal(registry_role_name(caps | WIRE_CAP_INPUT), "custom");
	assert_int_equal(registry_role_caps("root", &caps), -EINVAL);
	assert_int_equal(registry_role_caps("", &caps), -EINVAL);
}

#define DAY INT64_C(86400)

static void a_certificate_is_renewed_late_and_seldom(void **state)
{
	struct registry_device d = { .key = { .issued_s = 0, .expires_s = 90 * DAY } };

	(void)state;
	assert_false(registry_renewal_due(&d, &d.key, 0));
	assert_false(registry_renewal_due(&d, &d.key, 59 * DAY - 1));
	assert_true(registry_renewal_due(&d, &d.key, 59 * DAY));
	assert_true(registry_renewal_due(&d, &d.key, 90 * DAY));
	/* The answer was lost: with the old one again. */
	d.previous = d.key;
	d.key = (struct registry_key){ .issued_s = 60 * DAY, .expires_s = 150 * DAY };
	assert_false(registry_renewal_due(&d, &d.previous, 60 * DAY));
	assert_false(registry_renewal_due(&d, &d.previous, 61 * DAY - 1));
	assert_true(registry_renewal_due(&d, &d.previous, 61 * DAY));
	d.key.issued_s = 90 * DAY - 7200; /* no day is left to wait */
	assert_false(registry_renewal_due(&d, &d.previous, 90 * DAY - 3601));
	assert_true(registry_renewal_due(&d, &d.previous, 90 * DAY - 3600));
	assert_false(registry_renewal_due(&d, &d.key, 90 * DAY));
}

static void ids_are_uuids_and_differ(void **state)
{
	char a[REGISTRY_ID_MAX_BYTES], b[REGISTRY_ID_MAX_BYTES];

	(void)state;
	assert_int_equal(registry_new_id(a), 0);
	assert_int_equal(registry_new_id(b), 0);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(missing_says_what_to_do, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(what_is_saved_is_loaded, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			every_truncation_is_damage, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			damage_is_told_and_left_alone, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			a_file_that_is_too_long_is_refused, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			a_stray_temporary_file_changes_nothing, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written_keeps_the_old_one,
			home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			writers_at_once_lose_nothing, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			an_older_one_is_not_taken, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_remembered_is_damaged, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			what_others_saved_is_remembered, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			a_change_among_many_is_a_line, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			a_torn_line_is_no_change, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			a_backup_beside_a_later_journal_is_old, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			a_flat_one_has_no_journal, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_over_is_archived, home_setup, home_teardown),
		cmocka_unit_test(revoked_ones_leave_room),
		cmocka_unit_test_setup_teardown(
			labels_of_every_kind_come_back, home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(other_layouts_are_read, home_setup, home_teardown),
		cmocka_unit_test(names_are_unique_among_the_active),
		cmocka_unit_test(a_certificate_is_found_while_its_device_is_active),
		cmocka_unit_test(an_invitation_waits_until_it_ends),
		cmocka_unit_test(pending_ones_are_bounded),
		cmocka_unit_test(the_oldest_ended_one_is_forgotten),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(roles_are_presets),
		cmocka_unit_test(a_certificate_is_renewed_late_and_seldom),
		cmocka_unit_test(ids_are_uuids_and_differ),
	};

	if (crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
