#include "client/session/workstation.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[] = "/tmp/farseat-test-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	if (crypto_init() < 0 || !mkdtemp(home))
		return -1;
	return setenv("FARSEAT_HOME", home, 1);
}

static void remove_if_there(const char *name)
{
	int r = workstation_remove(name);

	assert_true(r == 0 || r == -ENOENT);
}

static int tear_down(void **state)
{
	static const char *const folders[] = { "data/workstations", "data", "state/seen", "state",
		"" };

	(void)state;
	remove_if_there("office");
	remove_if_there("other");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char path[PATH_MAX];
		snprintf(path, sizeof(path), "%s/%s", home, folders[i]);
		if (rmdir(path) < 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

struct identity {
	struct crypto_key *key;
	struct crypto_der cert, ca;
};

static void make_identity(struct identity *id)
{
	struct crypto_key *ca_key;
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = CRYPTO_FOR_DEVICE,
		.name = "farseat:device:0f0e0d0c-0000-4000-8000-000000000001" };

	assert_int_equal(crypto_key_generate(&ca_key), 0);
	assert_int_equal(crypto_ca_create(ca_key, "office", &id->ca), 0);
	assert_int_equal(crypto_key_generate(&id->key), 0);
	assert_int_equal(crypto_key_public_der(
				 id->key, public_key, sizeof(public_key), &request.public_key_len),
		0);
	request.public_key = public_key;
	assert_int_equal(crypto_ca_sign(ca_key, &id->ca, &request, &id->cert), 0);
	crypto_key_destroy(ca_key);
}

static const struct workstation office = {
	.name = "office", .host = "desk.example.org", .port = 7421, .server_id = "desk-1"
};

static void test_names(void **state)
{
	(void)state;
	static const char *const good[] = { "a", "office", "Desk_1.home-2", "\xc3\xa9t\xc3\xa9" };
	static const char *const bad[] = { "", ".", "..", ".hidden", "-x", "a/b", "/", "a b",
		"a\nb", "a\\b", "a:b", "a*", "\x1b[1m", "\xe9t\xe9", "a\xc3",
		("\xc2\x9b"
		 "1m"),
		"0123456789012345678901234567890123456789012345678901234567890123" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(workstation_name_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *why;
		struct workstation w;
		assert_false(workstation_name_valid(bad[i]));
		assert_int_equal(workstation_load(bad[i], &w, &why), -EINVAL);
		assert_int_equal(workstation_remove(bad[i]), -ENOENT);
	}
}

static void test_names_are_made(void **state)
{
	(void)state;
	char out[WORKSTATION_NAME_MAX_BYTES];
	static const char *const pairs[][2] = { { "desk.example.org", "desk.example.org" },
		{ "../../etc", "etc" }, { "a b/c", "a-b-c" }, { "", "workstation" },
		{ "...", "workstation" }, { "\x1b\n", "workstation" } };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		workstation_name_from(pairs[i][0], out);
		assert_string_equal(out, pairs[i][1]);
		assert_true(workstation_name_valid(out));
	}
}

static void test_store_and_load(void **state)
{
	(void)state;
	static struct workstation_secrets s;
	struct identity id;
	struct workstation w;
	const char *why, *what;
	struct stat st;
	char path[PATH_MAX];

	make_identity(&id);
	assert_int_equal(workstation_load("office", &w, &why), -ENOENT);
	assert_int_equal(workstation_store(&office, id.key, &id.cert, &id.ca, false), 0);
	assert_int_equal(workstation_load("office", &w, &why), 0);
	assert_string_equal(w.host, office.host);
	assert_string_equal(w.server_id, office.server_id);
	assert_int_equal(w.port, 7421);
	assert_int_equal(workstation_load_secrets(&w, &s, &what), 0);
	assert_memory_equal(s.cert.bytes, id.cert.bytes, id.cert.len);
	assert_memory_equal(s.ca.bytes, id.ca.bytes, id.ca.len);
	assert_int_equal(s.session_len, 0);
	assert_int_equal(workstation_path("office", "device.key", path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	workstation_secrets_wipe(&s);
	crypto_key_destroy(id.key);
}

static void test_no_overwriting(void **state)
{
	(void)state;
	struct identity id;
	struct workstation w;
	const char *why;
	struct workstation changed = office;

	make_identity(&id);
	assert_int_equal(workstation_store(&office, id.key, &id.cert, &id.ca, false), -EEXIST);
	changed.port = 9;
	assert_int_equal(workstation_store(&changed, id.key, &id.cert, &id.ca, true), 0);
	assert_int_equal(workstation_load("office", &w, &why), 0);
	assert_int_equal(w.port, 9);
	crypto_key_destroy(id.key);
}

/* A renewal replaces key and certificate together, keeps the rest, and leaves nothing else in the
 * folder. */
/* A window that was open meanwhile renews: what was set since then stays set. */
static void test_renewal_undoes_no_setting(void **state)
{
	struct workstation changed, after;
	struct identity id;
	const char *why;

	(void)state;
	make_identity(&id);
	assert_int_equal(workstation_load(office.name, &changed, &why), 0);
	snprintf(changed.scale, sizeof(changed.scale), "fit");
	changed.fullscreen = changed.physical_keys = true;
	changed.clipboard = CLIPBOARD_FROM;
	assert_int_equal(workstation_store_conf(&changed), 0);
	assert_int_equal(workstation_store_renewed(&office, id.key, &id.cert), 0);
	assert_int_equal(workstation_load(office.name, &after, &why), 0);
	assert_string_equal(after.scale, "fit");
	assert_true(after.fullscreen && after.physical_keys);
	assert_int_equal(after.clipboard, CLIPBOARD_FROM);
	/* One that was renamed or removed meanwhile does not come back. */
	assert_int_equal(workstation_rename(office.name, "other"), 0);
	assert_int_equal(workstation_store_renewed(&office, id.key, &id.cert), -ENOENT);
	assert_int_equal(workstation_rename("other", office.name), 0);
	crypto_key_destroy(id.key);
}

static void test_renewed(void **state)
{
	(void)state;
	static struct workstation_secrets before, after;
	struct identity id;
	const char *what;
	char **names;
	size_t count;

	make_identity(&id);
	assert_int_equal(workstation_load_secrets(&office, &before, &what), 0);
	assert_int_equal(workstation_store_renewed(&office, id.key, &id.cert), 0);
	assert_int_equal(workstation_load_secrets(&office, &after, &what), 0);
	assert_memory_equal(after.ca.bytes, before.ca.bytes, before.ca.len);
	assert_memory_equal(after.cert.bytes, id.cert.bytes, id.cert.len);
	assert_int_equal(workstation_list(&names, &count), 0);
	assert_int_equal(count, 1);
	workstation_list_free(names, count);
	crypto_key_destroy(id.key);
}

static void test_sessions(void **state)
{
	(void)state;
	static struct workstation_secrets s;
	static uint8_t session[WORKSTATION_SESSION_MAX_BYTES];
	const char *what;

	memset(session, 7, sizeof(session));
	assert_int_equal(workstation_store_session(&office, session, sizeof(session)), 0);
	assert_int_equal(workstation_load_secrets(&office, &s, &what), 0);
	assert_int_equal(s.session_len, sizeof(session));
	assert_int_equal(workstation_store_session(&office, NULL, 0), 0);
	assert_int_equal(workstation_store_session(&office, NULL, 0), 0);
	assert_int_equal(workstation_load_secrets(&office, &s, &what), 0);
	assert_int_equal(s.session_len, 0);
}

static void write_conf(const char *text)
{
	char path[PATH_MAX];

	assert_int_equal(workstation_path("office", "workstation.conf", path), 0);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
}

static void test_damaged_conf(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "[workstation]\n", "[workstation]\nhost = x\n",
		"[workstation]\nserver_id = y\n",
		"[workstation]\nhost = x\nserver_id = UPPER/../x\n",
		"[workstation]\nhost = x\nserver_id = y\nport = 0\n",
		"[workstation]\nhost = x\nserver_id = y\nport = 65536\n",
		"[workstation]\nhost = x\nserver_id = y\nport = -1\n",
		"[workstation]\nhost = x\nserver_id = y\nprot = 1\n", "\xff\xfe" };
	struct workstation w;
	const char *why;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		write_conf(bad[i]);
		assert_true(workstation_load("office", &w, &why) < 0);
		assert_true(strlen(why) > 10);
	}
	write_conf("[workstation]\nhost = ::1\nserver_id = y\n");
	assert_int_equal(workstation_load("office", &w, &why), 0);
	assert_int_equal(w.port, WORKSTATION_DEFAULT_PORT);
}

static void test_last_seen(void **state)
{
	(void)state;
	assert_int_equal(workstation_last_seen("office"), 0);
	assert_int_equal(workstation_store_last_seen("office", 1234567890), 0);
	assert_int_equal(workstation_last_seen("office"), 1234567890);
}

static void test_remove(void **state)
{
	(void)state;
	char path[PATH_MAX];

	assert_int_equal(workstation_remove("office"), 0);
	assert_int_equal(workstation_path("office", NULL, path), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(workstation_last_seen("office"), 0);
	assert_int_equal(workstation_remove("office"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_are_made),
		cmocka_unit_test(test_store_and_load),
		cmocka_unit_test(test_no_overwriting),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_renewal_undoes_no_setting),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_damaged_conf),
		cmocka_unit_test(test_last_seen),
		cmocka_unit_test(test_remove),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
