/* Proxies as people and environments name them. */
#include "client/way/proxy_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_good(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint8_t kind;
		const char *host;
		uint16_t port;
		const char *user, *password;
	} good[] = {
		{ "http://proxy.example.org:3128", RECORD_PROXY_HTTP, "proxy.example.org", 3128, "",
			"" },
		{ "http://proxy.example.org:3128/", RECORD_PROXY_HTTP, "proxy.example.org", 3128,
			"", "" },
		{ "HTTP://proxy", RECORD_PROXY_HTTP, "proxy", 80, "", "" },
		{ "proxy:8080", RECORD_PROXY_HTTP, "proxy", 8080, "", "" },
		{ "socks5://10.0.0.1", RECORD_PROXY_SOCKS5, "10.0.0.1", 1080, "", "" },
		{ "socks5h://[::1]:9050", RECORD_PROXY_SOCKS5, "::1", 9050, "", "" },
		{ "http://me:pw@proxy:1", RECORD_PROXY_HTTP, "proxy", 1, "me", "pw" },
		{ "http://me@proxy:1", RECORD_PROXY_HTTP, "proxy", 1, "me", "" },
		{ "http://d%5Cme:p%40%3a%25w@proxy:65535", RECORD_PROXY_HTTP, "proxy", 65535,
			"d\\me", "p@:%w" },
		{ "http://me:p@w@proxy", RECORD_PROXY_HTTP, "proxy", 80, "me", "p@w" },
		{ "http://me:a:b@proxy", RECORD_PROXY_HTTP, "proxy", 80, "me", "a:b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct proxy_url url;
		assert_null(proxy_url_parse(good[i].text, &url));
		assert_int_equal(url.kind, good[i].kind);
		assert_string_equal(url.host, good[i].host);
		assert_int_equal(url.port, good[i].port);
		assert_string_equal(url.user, good[i].user);
		assert_string_equal(url.password, good[i].password);
	}
}

static void test_bad(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "http://", "https://proxy:443", "ftp://proxy",
		"http://proxy:0", "http://proxy:65536", "http://proxy:", "http://proxy:80x",
		"http://proxy:+80", "http://[::1", "http://[::1]x", "http://[]",
		"http://proxy/path", "http://a b", "http://-proxy", "http://@proxy",
		"http://:pw@proxy", "http://me%@proxy", "http://me%4@proxy", "http://me:%zz@proxy",
		"http://me:%00@proxy", "http://a%3Ab:c@proxy", "http://me%0a@proxy",
		"http://::1:80", "socks4://proxy" };
	struct proxy_url url = { .port = 9 };
	char long_text[2000] = "http://";

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_non_null(proxy_url_parse(bad[i], &url));
	memset(long_text + 7, 'x', 1000);
	assert_non_null(proxy_url_parse(long_text, &url));
	strcpy(long_text + 1007, "@proxy");
	assert_non_null(proxy_url_parse(long_text, &url));
	assert_int_equal(url.port, 9);
}

static void test_exceptions(void **state)
{
	(void)state;
	static const struct {
		const char *list, *host;
		bool excepts;
	} cases[] = {
		{ "*", "desk", true },
		{ "example.org", "desk.example.org", true },
		{ "example.org", "example.org", true },
		{ ".example.org", "Desk.Example.ORG", true },
		{ ".example.org", "example.org", true },
		{ "example.org", "badexample.org", false },
		{ "a,b  example.org", "x.example.org", true },
		{ "desk.example.org", "example.org", false },
		{ "", "desk", false },
		{ ",, ,", "desk", false },
		{ ".", "desk", false },
		{ "10.1.2.3", "10.1.2.3", true },
		{ "10.0.0.0/8", "10.1.2.3", true },
		{ "10.0.0.0/8", "11.1.2.3", false },
		{ "10.0.0.0/33", "10.1.2.3", false },
		{ "10.0.0.0/x", "10.1.2.3", false },
		{ "10.0.0.0/", "10.1.2.3", false },
		{ "10.128.0.0/9", "10.127.255.255", false },
		{ "0.0.0.0/0", "10.1.2.3", true },
		{ "2001:db8::/32", "2001:db8:1::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2.3", "10.1.2.3", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (proxy_url_excepts(cases[i].list, cases[i].host) != cases[i].excepts)
			fail_msg("%s for %s", cases[i].list, cases[i].host);
}

static void test_environment(void **state)
{
	(void)state;
	static const char *const all[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
		"no_proxy", "NO_PROXY" };
	const char *variable = NULL;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		unsetenv(all[i]);
	assert_null(proxy_url_of_environment("desk", &variable));
	setenv("ALL_PROXY", "socks5://a", 1);
	assert_string_equal(proxy_url_of_environment("desk", &variable), "socks5://a");
	assert_string_equal(variable, "ALL_PROXY");
	setenv("HTTPS_PROXY", "http://b", 1);
	assert_string_equal(proxy_url_of_environment("desk", &variable), "http://b");
	setenv("https_proxy", "", 1); /* as unset */
	assert_string_equal(proxy_url_of_environment("desk", &variable), "http://b");
	setenv("https_proxy", "http://c", 1);
	assert_string_equal(proxy_url_of_environment("desk", &variable), "http://c");
	assert_null(proxy_url_of_environment("localhost", &variable));
	assert_null(proxy_url_of_environment("127.1.2.3", &variable));
	assert_null(proxy_url_of_environment("::1", &variable));
	setenv("NO_PROXY", "example.org", 1);
	assert_null(proxy_url_of_environment("desk.example.org", &variable));
	assert_non_null(proxy_url_of_environment("desk", &variable));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
