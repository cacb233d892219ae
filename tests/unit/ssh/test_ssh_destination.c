/* SSH destinations as people type them. */
#include "tests/unit/cmocka_first.h"

#include "common/ssh/ssh_destination.h"

#include <string.h>

static void test_destinations(void **state)
{
	static const struct {
		const char *text, *user, *host;
		uint16_t port;
	} good[] = {
		{ "jump", "", "jump", 0 },
		{ "me@jump", "me", "jump", 0 },
		{ "me@jump:2222", "me", "jump", 2222 },
		{ "ssh://me@jump:2222", "me", "jump", 2222 },
		{ "ssh://jump/", "", "jump", 0 },
		{ "me@[2001:db8::1]:22", "me", "2001:db8::1", 22 },
		{ "[::1]", "", "::1", 0 },
		{ "2001:db8::1", "", "2001:db8::1", 0 },
		{ "a@b@jump", "a@b", "jump", 0 },
		{ "jump:65535", "", "jump", 65535 },
	};
	static const char *const bad[] = { "", "@", "me@", "@jump", "-oProxyCommand=x", "me@-l",
		"-me@jump", "jump:", "jump:0", "jump:65536", "jump:99999999", "jump:2x", "jump:-1",
		"ju mp", "jump;id", "$(id)", "a`b`", "me;@jump", "[::1", "[::1]x", "[]:22",
		"jump\n", "ssh://", "a/b", "j\xc3\xbcmp", "[-x]:22" };
	struct ssh_destination d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(ssh_destination_parse(good[i].text, strlen(good[i].text), &d), 0);
		assert_string_equal(d.user, good[i].user);
		assert_string_equal(d.host, good[i].host);
		assert_int_equal(d.port, good[i].port);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (ssh_destination_parse(bad[i], strlen(bad[i]), &d) == 0)
			fail_msg("taken: %s", bad[i]);
}

static void test_known_names(void **state)
{
	char out[SSH_HOST_MAX_BYTES], longest[SSH_HOST_MAX_BYTES];

	(void)state;
	ssh_known_name("a.example", 22, out);
	assert_string_equal(out, "a.example");
	ssh_known_name("2001:db8::1", 2222, out);
	assert_string_equal(out, "[2001:db8::1]:2222");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ssh_known_name(longest, 65535, out);
	assert_int_equal(strlen(out), 245 + strlen("[]:65535"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_known_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
