/* What known_hosts says: markers, patterns, hashed names, ports, types. */
#include "tests/unit/cmocka_first.h"

#include "client/tunnel/keys.h"
#include "client/tunnel/known_hosts.h"

#include <string.h>

#define ED "ssh-ed25519"
#define EC "ecdsa-sha2-nistp256"

static LIBSSH2_SESSION *session;

static int start(void **state)
{
	(void)state;
	assert_int_equal(libssh2_init(0), 0);
	session = libssh2_session_init();
	return session ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	libssh2_session_free(session);
	libssh2_exit();
	return 0;
}

static enum known_verdict check(
	const char *text, const char *host, const char *type, const char *key)
{
	struct buffer b;

	buffer_init(&b, 4096);
	assert_int_equal(buffer_append(&b, text, strlen(text)), 0);
	const struct known_hosts k = { session, &b, 1 };
	enum known_verdict v = known_hosts_check(&k, host, type, key);
	buffer_finish(&b);
	return v;
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *text, *host, *key;
		enum known_verdict verdict;
	} cases[] = {
		{ "", "a", "AAAA", KNOWN_NOT },
		{ "a " ED " AAAA\n", "a", "AAAA", KNOWN_GOOD },
		{ "a " ED " AAAA", "a", "AAAA", KNOWN_GOOD }, /* no end of line */
		{ "a\t" ED "  AAAA remark\r\n", "a", "AAAA", KNOWN_GOOD },
		{ "A " ED " AAAA\n", "a", "AAAA", KNOWN_GOOD },
		{ "b " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		{ "# a " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		{ "a " ED " BBBB\n", "a", "AAAA", KNOWN_CHANGED },
		{ "a " ED " AAAAA\n", "a", "AAAA", KNOWN_CHANGED }, /* a prefix is not the key */
		{ "a " ED " BBBB\na " ED " AAAA\n", "a", "AAAA", KNOWN_GOOD },
		{ "a " EC " BBBB\n", "a", "AAAA", KNOWN_OTHER_TYPE },
		{ "a " EC " AAAA\n", "a", "AAAA", KNOWN_OTHER_TYPE },
		{ "a " ED "\n", "a", "AAAA", KNOWN_NOT }, /* half a line */
		/* patterns */
		{ "x,a,y " ED " AAAA\n", "a", "AAAA", KNOWN_GOOD },
		{ "*.example " ED " AAAA\n", "h.example", "AAAA", KNOWN_GOOD },
		{ "*.example,!h.example " ED " AAAA\n", "h.example", "AAAA", KNOWN_NOT },
		{ "!h.example,*.example " ED " AAAA\n", "h.example", "AAAA", KNOWN_NOT },
		{ "h? " ED " AAAA\n", "h1", "AAAA", KNOWN_GOOD },
		{ "h? " ED " AAAA\n", "h", "AAAA", KNOWN_NOT },
		{ "*a*b*c " ED " AAAA\n", "xaxbxc", "AAAA", KNOWN_GOOD },
		{ "*a*b*c " ED " AAAA\n", "xaxcxb", "AAAA", KNOWN_NOT },
		{ "*ab " ED " AAAA\n", "aab", "AAAA", KNOWN_GOOD },
		{ "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b " ED " AAAA\n",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"AAAA", KNOWN_NOT }, /* and soon */
		{ "** " ED " AAAA\n", "a", "AAAA", KNOWN_GOOD },
		{ "a* " ED " AAAA\n", "a", "AAAA", KNOWN_GOOD },
		{ "a? " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		{ "A.Example " ED " AAAA\n", "a.eXample", "AAAA", KNOWN_GOOD },
		/* ports: brackets are no pattern */
		{ "[a]:2222 " ED " AAAA\n", "[a]:2222", "AAAA", KNOWN_GOOD },
		{ "[a]:2222 " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		{ "a " ED " AAAA\n", "[a]:2222", "AAAA", KNOWN_GOOD },
		{ "a " ED " BBBB\n", "[a]:2222", "AAAA", KNOWN_NOT },
		{ "[a]:2222 " ED " BBBB\na " ED " AAAA\n", "[a]:2222", "AAAA", KNOWN_CHANGED },
		/* markers */
		{ "@revoked a " ED " AAAA\n", "a", "AAAA", KNOWN_REVOKED },
		{ "a " ED " AAAA\n@revoked * " ED " AAAA\n", "a", "AAAA", KNOWN_REVOKED },
		{ "@revoked * " ED " AAAA\n", "[a]:2222", "AAAA", KNOWN_REVOKED },
		{ "a " ED " AAAA\n@revoked * " ED " BBBB\n", "a", "AAAA", KNOWN_GOOD },
		{ "@cert-authority * " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		{ "@cert-authority * " ED " BBBB\n", "a", "AAAA", KNOWN_NOT },
		{ "@unheard-of a " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		/* hashed: made by ssh-keygen -H for 192.168.1.61 */
		{ "|1|FP99VzD7a/XgSAQsHd9Jo0lYS9Y=|Z2SKW7+ycvfJHeAchOzp846MlwQ= " ED " AAAA\n",
			"192.168.1.61", "AAAA", KNOWN_GOOD },
		{ "|1|FP99VzD7a/XgSAQsHd9Jo0lYS9Y=|Z2SKW7+ycvfJHeAchOzp846MlwQ= " ED " BBBB\n",
			"192.168.1.61", "AAAA", KNOWN_CHANGED },
		{ "|1|FP99VzD7a/XgSAQsHd9Jo0lYS9Y=|Z2SKW7+ycvfJHeAchOzp846MlwQ= " ED " AAAA\n",
			"192.168.1.62", "AAAA", KNOWN_NOT },
		{ "|1|nonsense " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
		{ "|1|| " ED " AAAA\n", "a", "AAAA", KNOWN_NOT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (check(cases[i].text, cases[i].host, ED, cases[i].key) != cases[i].verdict)
			fail_msg("case %zu: %s", i, cases[i].text);
}

static void methods_of(const char *text, const char *host, char out[static KNOWN_METHODS_MAX_BYTES])
{
	struct buffer b;

	buffer_init(&b, 4096);
	assert_int_equal(buffer_append(&b, text, strlen(text)), 0);
	const struct known_hosts k = { session, &b, 1 };
	known_hosts_methods(&k, host, out);
	buffer_finish(&b);
}

static void test_methods(void **state)
{
	char out[KNOWN_METHODS_MAX_BYTES];

	(void)state;
	methods_of("#\n", "a", out);
	assert_string_equal(out, "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
				 "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256");
	methods_of("a ssh-rsa AAAA\n", "a", out);
	assert_memory_equal(out, "rsa-sha2-512,rsa-sha2-256,ssh-ed25519", 37);
	methods_of("a " EC " AAAA\n", "[a]:22022", out);
	assert_memory_equal(out, EC ",ssh-ed25519", strlen(EC) + 12);
	methods_of("@revoked a " EC " AAAA\n", "a", out);
	assert_memory_equal(out, "ssh-ed25519", 11);
	assert_null(strstr(out, "ssh-rsa")); /* SHA-1 */
	assert_null(strstr(out, "ssh-dss"));
}

static void test_keys(void **state)
{
	static const char plain[] =
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAA";
	static const char locked[] =
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAG";
	static const char line[] = "ssh-ed25519 AAAAC3 me@home\n";
	struct buffer b;
	char type[64];

	(void)state;
	assert_false(tunnel_key_encrypted(plain, strlen(plain)));
	assert_true(tunnel_key_encrypted(locked, strlen(locked)));
	assert_true(tunnel_key_encrypted(plain, 45)); /* cut: not known to be open */
	assert_true(tunnel_key_encrypted("-----BEGIN ENCRYPTED PRIVATE KEY-----", 37));
	assert_true(tunnel_key_encrypted("Proc-Type: 4,ENCRYPTED\n", 23));
	assert_false(tunnel_key_encrypted("-----BEGIN EC PRIVATE KEY-----", 30));
	buffer_init(&b, 100);
	assert_int_equal(buffer_append(&b, line, strlen(line)), 0);
	tunnel_key_type(&b, type, sizeof(type));
	assert_string_equal(type, "ssh-ed25519");
	tunnel_key_type(&b, type, 5); /* too long for it */
	assert_string_equal(type, "");
	assert_true(tunnel_key_is(&b, "AAAAC3"));
	assert_false(tunnel_key_is(&b, "AAAAC"));
	assert_false(tunnel_key_is(&b, "AAAAC33"));
	buffer_finish(&b);
	buffer_init(&b, 100);
	assert_false(tunnel_key_is(&b, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
