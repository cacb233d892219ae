/* What farseatctl reads and prints: addresses, capabilities, times, certificates as text. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/crypto/random.h"
#include "common/wire/messages.h"
#include "server/admin/audit_log.h"
#include "server/admin/pem.h"
#include "server/admin/port.h"
#include "server/admin/reach.h"
#include "server/admin/table.h"
#include "server/registry/address.h"
#include "server/registry/caps.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void addresses_are_read(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} good[] = {
		{ "pc", "pc", 7420 },
		{ "pc:1", "pc", 1 },
		{ "192.0.2.1:65535", "192.0.2.1", 65535 },
		{ "[2001:db8::1]:80", "2001:db8::1", 80 },
		{ "[2001:db8::1]", "2001:db8::1", 7420 },
		{ "2001:db8::1", "2001:db8::1", 7420 },
		{ ":7000", "", 7000 },
		{ "*:7000", "*", 7000 },
		{ "*", "*", 7420 },
		{ "[fe80::1%eth0]:80", "fe80::1%eth0", 80 },
	};
	static const char *const bad[] = { "pc:0", "pc:65536", "pc:x", "pc:", "pc:-1", "[::1",
		"[::1]x", "[::1]:", "pc: 1", "pc:99999", "pc:83440", "7420", "127.0.0.300:1",
		"[pc]:1", "::x", "", "[]:1", "-pc", "a#b", "a b:1", "pc:+1", "[::1%]:1" };
	char host[INVITATION_HOST_MAX_BYTES];
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		port = 7420;
		assert_int_equal(address_parse(good[i].text, host, &port), 0);
		assert_string_equal(host, good[i].host);
		assert_int_equal(port, good[i].port);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(address_parse(bad[i], host, &port), -EINVAL);

	char *longer = calloc(1, INVITATION_HOST_MAX_BYTES + 1);
	memset(longer, 'a', INVITATION_HOST_MAX_BYTES);
	assert_int_equal(address_parse(longer, host, &port), -EINVAL);
	longer[INVITATION_HOST_MAX_BYTES - 1] = '\0';
	assert_int_equal(address_parse(longer, host, &port), 0);
	free(longer);
}

static void what_the_daemon_listens_on_is_guessed(void **state)
{
	char host[INVITATION_HOST_MAX_BYTES];
	uint16_t port = 7420;
	bool loopback;

	(void)state;
	reach_guess("127.0.0.1:7001 [::]:7002", host, &port, &loopback);
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(port, 7001);
	assert_true(loopback);
	reach_guess("198.51.100.7", host, &port, &loopback);
	assert_string_equal(host, "198.51.100.7");
	assert_false(loopback);
	/* Everywhere: some address or name of this machine, never none. */
	reach_guess(":7003", host, &port, &loopback);
	assert_int_equal(port, 7003);
	assert_true(host[0] != '\0');
}

static void capabilities_are_added_and_taken(void **state)
{
	static const char *const bad[] = { "", "+", "-", "sound", "+Sound", "+sounds", "*sound",
		"+see,+input", "+microphone" };
	uint32_t caps = WIRE_CAPS_VIEW;

	(void)state;
	assert_int_equal(caps_apply(&caps, "+input"), 0);
	assert_int_equal(caps, WIRE_CAPS_VIEW | WIRE_CAP_INPUT);
	assert_int_equal(caps_apply(&caps, "-input"), 0);
	assert_int_equal(caps_apply(&caps, "-input"), 0);
	assert_int_equal(caps, WIRE_CAPS_VIEW);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(caps_apply(&caps, bad[i]), -EINVAL);
	assert_int_equal(caps, WIRE_CAPS_VIEW);

	json_t *all = caps_json(WIRE_CAPS_ALL);
	assert_int_equal(json_array_size(all), 8);
	json_decref(all);
}

static void times_are_read(void **state)
{
	static const char *const bad[] = { "", "yesterday", "2026-13-01", "2026-11-24x", "-1h",
		"1y", "2026-11-24 25:00" };
	int64_t when = 0;

	(void)state;
	assert_int_equal(audit_log_since("2h", 100000, &when), 0);
	assert_int_equal(when, 100000 - 7200);
	assert_int_equal(audit_log_since("1970-01-02", 0, &when), 0);
	assert_int_equal(when, 86400);
	assert_int_equal(audit_log_since("1970-01-02 01:30", 0, &when), 0);
	assert_int_equal(when, 86400 + 5400);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(audit_log_since(bad[i], 0, &when), -EINVAL);
}

static void times_are_shown(void **state)
{
	char out[TABLE_TIME_MAX_BYTES];

	(void)state;
	assert_string_equal(time_text(0, out), "never");
	assert_string_equal(time_text(86400, out), "1970-01-02 00:00:00 UTC");
	assert_string_equal(date_text(86400, out), "1970-01-02");
	time_text(INT64_MAX, out); /* nonsense in a damaged file: printed somehow */
	assert_true(out[0] != '\0');
}

/* What is printed as PEM is read back as the same certificate, for every length of the last line.
 */
static void certificates_are_printed_as_pem(void **state)
{
	struct crypto_key *key = NULL;
	char path[] = "/tmp/farseat-unit-XXXXXX", text[PEM_TEXT_MAX_BYTES], name[64] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(crypto_key_generate(&key), 0);
	for (int i = 0; i < 50; i++) {
		struct crypto_der cert, back;
		memset(name, 'n', (size_t)i + 1);
		assert_int_equal(crypto_ca_create(key, name, &cert), 0);
		pem_of_cert(&cert, text);
		assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
		assert_int_equal(crypto_cert_from_file(path, &back), 0);
		assert_int_equal(back.len, cert.len);
		assert_memory_equal(back.bytes, cert.bytes, cert.len);
	}
	unlink(path);
	crypto_key_destroy(key);
}

static void the_longest_certificate_fits(void **state)
{
	struct crypto_der cert = { .len = CRYPTO_CERT_DER_MAX_BYTES };
	char *text = malloc(PEM_TEXT_MAX_BYTES); /* on the heap, so that a sanitizer sees its end */

	(void)state;
	assert_non_null(text);
	pem_of_cert(&cert, text);
	assert_true(strlen(text) < PEM_TEXT_MAX_BYTES);
	free(text);
}

static void cells_cannot_break_a_table(void **state)
{
	static const char *const titles[] = { "A", "B", NULL };
	struct table t;
	char *out = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&out, &len);

	(void)state;
	assert_non_null(file);
	table_init(&t, titles);
	table_print(&t, file, "none");
	table_add(&t, "%s", "x\ny\x1b[2J");
	table_add(&t, "%d", 7);
	table_print(&t, file, "none");
	table_finish(&t);
	assert_int_equal(fclose(file), 0);
	assert_string_equal(out, "none\n"
				 "A              B\n"
				 "x\\x0ay\\x1b[2J  7\n");
	free(out);
}

static void a_port_comes_into_the_configuration(void **state)
{
	static const struct {
		const char *before, *now;
	} cases[] = {
		{ "[server]\n#listen = :7420\n#display = :0\n",
			"[server]\nlisten = :7421\n#display = :0\n" },
		{ "[tls]\ntls12 = no\n[server]\ndisplay = :0\n",
			"[tls]\ntls12 = no\n[server]\nlisten = :7421\ndisplay = :0\n" },
		{ "[server]", "[server]\nlisten = :7421\n" },
		{ "[tls]\ntls12 = no", "[tls]\ntls12 = no\n[server]\nlisten = :7421\n" },
		{ "", "[server]\nlisten = :7421\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *now = port_into_config(cases[i].before, 7421);
		assert_non_null(now);
		assert_string_equal(now, cases[i].now);
		free(now);
	}
	assert_null(port_into_config("[server]\n listen= :7420\n", 7421));
	char *sample = port_into_config(settings_sample, 65535);
	assert_non_null(strstr(sample, "\nlisten = :65535\n"));
	assert_null(strstr(sample, "7420\n#display"));
	free(sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(what_the_daemon_listens_on_is_guessed),
		cmocka_unit_test(a_port_comes_into_the_configuration),
		cmocka_unit_test(capabilities_are_added_and_taken),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_are_shown),
		cmocka_unit_test(certificates_are_printed_as_pem),
		cmocka_unit_test(the_longest_certificate_fits),
		cmocka_unit_test(cells_cannot_break_a_table),
	};

	if (setenv("TZ", "UTC", 1) < 0 || crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
