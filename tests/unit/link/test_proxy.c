/* What a proxy is asked and what it may answer: every truncation, every split, and refusals. */
#include "client/link/proxy.h"

#include "common/wire/reader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct record_link_way http = {
	.proxy_kind = RECORD_PROXY_HTTP, .host = "desk.example.org", .port = 7420
};
static const struct record_link_way http_as_me = { .proxy_kind = RECORD_PROXY_HTTP,
	.host = "desk.example.org",
	.port = 7420,
	.proxy_user = "Aladdin",
	.proxy_password = "open sesame" };
static const struct record_link_way socks = {
	.proxy_kind = RECORD_PROXY_SOCKS5, .host = "desk.example.org", .port = 7420
};
static const struct record_link_way socks_as_me = { .proxy_kind = RECORD_PROXY_SOCKS5,
	.host = "desk.example.org",
	.port = 7420,
	.proxy_user = "me",
	.proxy_password = "pw" };

/* Takes all that is to be sent, and compares it. */
static void expect_output(struct proxy *p, const void *bytes, size_t len)
{
	const uint8_t *out;

	assert_int_equal(proxy_output(p, &out), len);
	assert_memory_equal(out, bytes, len);
	proxy_sent(p, len);
	assert_int_equal(proxy_output(p, &out), 0);
}

static void send_all(struct proxy *p)
{
	const uint8_t *out;

	proxy_sent(p, proxy_output(p, &out));
}

/* In a heap block of exactly its size, so that a sanitizer sees a read past its end. */
static int input(struct proxy *p, const void *bytes, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	int r = proxy_input(p, exact, len);
	free(exact);
	return r;
}

#define TEXT(s) (s), sizeof(s) - 1

static void start(struct proxy *p, const struct record_link_way *way)
{
	assert_int_equal(proxy_init(p, way), 0);
	send_all(p);
}

static void test_http_request(void **state)
{
	(void)state;
	struct proxy p;
	struct record_link_way six = http;

	assert_int_equal(proxy_init(&p, &http), 0);
	expect_output(&p,
		TEXT("CONNECT desk.example.org:7420 HTTP/1.1\r\nHost: desk.example.org:7420\r\n\r\n"));
	/* The example of RFC 7617, 2. */
	assert_int_equal(proxy_init(&p, &http_as_me), 0);
	expect_output(
		&p, TEXT("CONNECT desk.example.org:7420 HTTP/1.1\r\nHost: desk.example.org:7420\r\n"
			 "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"));
	strcpy(six.host, "2001:db8::1");
	assert_int_equal(proxy_init(&p, &six), 0);
	expect_output(&p,
		TEXT("CONNECT [2001:db8::1]:7420 HTTP/1.1\r\nHost: [2001:db8::1]:7420\r\n\r\n"));
	proxy_finish(&p);
}

static void test_http_longest(void **state)
{
	(void)state;
	struct proxy p;
	struct record_link_way way = { .proxy_kind = RECORD_PROXY_HTTP, .port = 65535 };

	memset(way.host, 'h', sizeof(way.host) - 1);
	memset(way.proxy_user, 'u', sizeof(way.proxy_user) - 1);
	memset(way.proxy_password, 'p', sizeof(way.proxy_password) - 1);
	assert_int_equal(proxy_init(&p, &way), 0);
	const uint8_t *out;
	size_t len = proxy_output(&p, &out);
	assert_memory_equal(out + len - 4, "\r\n\r\n", 4);
	way.proxy_kind = RECORD_PROXY_SOCKS5;
	start(&p, &way);
	assert_int_equal(input(&p, TEXT("\5\2")), 0);
	assert_int_equal(proxy_output(&p, &out), 3 + 255 + 255);
	send_all(&p);
	assert_int_equal(input(&p, TEXT("\1\0")), 0);
	assert_int_equal(proxy_output(&p, &out), 4 + 1 + 255 + 2);
}

static void test_hosts_for_http(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "a b", "a\r\nX: y", "a/b", "a@b", "\xc3\xa9" };
	struct proxy p;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct record_link_way way = http;
		snprintf(way.host, sizeof(way.host), "%s", bad[i]);
		assert_int_equal(proxy_init(&p, &way), -EINVAL);
	}
	struct record_link_way way = http_as_me;
	strcpy(way.proxy_user, "a:b"); /* its password would begin with "b:" */
	assert_int_equal(proxy_init(&p, &way), -EINVAL);
}

struct answer {
	const struct record_link_way *way;
	const char *bytes;
	int result;
	bool retry;
	const char *said; /* in reason */
};

static const struct answer http_answers[] = {
	{ &http, "HTTP/1.1 200 Connection established\r\n\r\n", 1, false, "" },
	{ &http, "HTTP/1.0 200 OK\r\nProxy-agent: x/1\r\nContent-Length: 5\r\n\r\n", 1, false, "" },
	{ &http, "HTTP/1.1 200\r\n\r\n", 1, false, "" },
	{ &http, "HTTP/1.1 200 OK\n\n", 1, false, "" },
	{ &http, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 1, false, "" },
	{ &http, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n", -EACCES, false,
		"wants a user name and a password (407)" },
	{ &http_as_me, "HTTP/1.1 407 No\r\nproxy-authenticate:basic realm=\"x\"\r\n\r\n", -EACCES,
		false, "refused the user name or the password (407)" },
	{ &http_as_me,
		"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
		-EACCES, false, "(407, Negotiate)" },
	{ &http_as_me, "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate, Basic realm=x\r\n\r\n",
		-EACCES, false, "refused the user name" },
	{ &http_as_me, "HTTP/1.0 401 No\r\nWWW-Authenticate: Basic realm=x\r\n\r\n", -EACCES, false,
		"refused the user name or the password (401)" },
	{ &http_as_me, "HTTP/1.1 407 No\r\n\r\n", -EACCES, false, "does not say which" },
	{ &http, "HTTP/1.1 403 Filtered\x1b[31m\r\n\r\n", -ECONNREFUSED, false,
		"403 Filtered[31m" },
	{ &http, "HTTP/1.1 502 Bad Gateway\r\n\r\n", -ECONNREFUSED, true, "502 Bad Gateway" },
	{ &http, "HTTP/1.1 405 No\r\n\r\n", -ECONNREFUSED, false, "is it an HTTP proxy" },
	{ &http, "HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n", -ECONNREFUSED, false, "302" },
	{ &http, "HTTP/2 200 OK\r\n\r\n", -EPROTO, false, "no HTTP proxy" },
	{ &http, "HTTP/1.1 2000 OK\r\n\r\n", -EPROTO, false, "no HTTP proxy" },
	{ &http, "HTTP/1.1 20\r\n\r\n", -EPROTO, false, "no HTTP proxy" },
	{ &http, "HTTP/1.1 099 x\r\n\r\n", -EPROTO, false, "no HTTP proxy" },
	{ &http, "\r\n\r\n", -EPROTO, false, "no HTTP proxy" },
	{ &http, "SSH-2.0-OpenSSH_9.2\r\n", -EPROTO, false, "no HTTP proxy" },
};

/* At once, byte by byte, and cut at each byte: what is cut is never taken for an answer. */
static void check_answer(const struct answer *a)
{
	struct proxy p;
	size_t len = strlen(a->bytes);

	start(&p, a->way);
	assert_int_equal(input(&p, a->bytes, len), a->result);
	assert_true(strstr(p.reason, a->said) != NULL);
	assert_int_equal(p.retry, a->retry);
	assert_true(wire_text_clean(p.reason, strlen(p.reason)));
	for (size_t cut = 0; cut < len; cut++) {
		start(&p, a->way);
		int r = input(&p, a->bytes, cut);
		assert_true(a->result == -EPROTO ? r == 0 || r == -EPROTO : r == 0);
		if (r == 0)
			assert_int_equal(input(&p, a->bytes + cut, len - cut), a->result);
	}
	proxy_finish(&p);
}

static void test_http_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(http_answers); i++)
		check_answer(&http_answers[i]);
}

static void test_http_bytes_behind(void **state)
{
	(void)state;
	struct proxy p;

	start(&p, &http);
	assert_int_equal(input(&p, TEXT("HTTP/1.1 200 OK\r\n\r\n\x16")), -EPROTO);
	start(&p, &http);
	assert_int_equal(input(&p, TEXT("HTTP/1.1 200 OK\r\nX: \0\r\n\r\n")), -EPROTO);
	/* Before the request went out. */
	assert_int_equal(proxy_init(&p, &http), 0);
	assert_int_equal(input(&p, TEXT("H")), -EPROTO);
}

static void test_http_without_end(void **state)
{
	(void)state;
	struct proxy p;
	int r = 0;
	size_t sent = 0;

	start(&p, &http);
	assert_int_equal(input(&p, TEXT("HTTP/1.1 200 OK\r\nX: ")), 0);
	for (; r == 0 && sent < 10 * PROXY_ANSWER_MAX_BYTES; sent++)
		r = input(&p, "x", 1);
	assert_int_equal(r, -EPROTO);
	assert_true(sent <= PROXY_ANSWER_MAX_BYTES);
	/* A long line of a header is passed over; a long first line is none. */
	start(&p, &http);
	assert_int_equal(input(&p, TEXT("HTTP/1.1 200 OK\r\nX: ")), 0);
	for (size_t i = 0; i < 4 * PROXY_LINE_MAX_BYTES; i++)
		assert_int_equal(input(&p, "x", 1), 0);
	assert_int_equal(input(&p, TEXT("\r\n\r\n")), 1);
	start(&p, &http);
	assert_int_equal(input(&p, TEXT("HTTP/1.1 200 ")), 0);
	for (r = 0, sent = 0; r == 0; sent++)
		r = input(&p, "x", 1);
	assert_int_equal(r, -EPROTO);
	assert_true(sent <= PROXY_LINE_MAX_BYTES);
	/* 1xx for ever. */
	start(&p, &http);
	for (r = 0, sent = 0; r == 0 && sent < PROXY_ANSWER_MAX_BYTES; sent++)
		r = input(&p, TEXT("HTTP/1.1 102 x\r\n\r\n"));
	assert_int_equal(r, -EPROTO);
}

static void test_socks_by_name(void **state)
{
	(void)state;
	struct proxy p;

	assert_int_equal(proxy_init(&p, &socks), 0);
	expect_output(&p, TEXT("\5\1\0"));
	assert_int_equal(input(&p, TEXT("\5\0")), 0);
	expect_output(&p, TEXT("\5\1\0\3\x10"
			       "desk.example.org\x1c\xfc"));
	assert_int_equal(input(&p, TEXT("\5\0\0\1\177\0\0\1\0\1")), 1);
}

static void test_socks_by_address(void **state)
{
	(void)state;
	struct proxy p;
	struct record_link_way way = socks;

	strcpy(way.host, "10.1.2.3");
	start(&p, &way);
	assert_int_equal(input(&p, TEXT("\5\0")), 0);
	expect_output(&p, TEXT("\5\1\0\1\x0a\1\2\3\x1c\xfc"));
	strcpy(way.host, "2001:db8::1");
	start(&p, &way);
	assert_int_equal(input(&p, TEXT("\5\0")), 0);
	expect_output(&p, TEXT("\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x1c\xfc"));
}

static void test_socks_signing_in(void **state)
{
	(void)state;
	struct proxy p;

	assert_int_equal(proxy_init(&p, &socks_as_me), 0);
	expect_output(&p, TEXT("\5\2\0\2"));
	assert_int_equal(input(&p, TEXT("\5\2")), 0);
	expect_output(&p, TEXT("\1\2me\2pw"));
	assert_int_equal(input(&p, TEXT("\1\1")), -EACCES);
	assert_non_null(strstr(p.reason, "refused the user name or the password"));
	assert_false(p.retry);
}

/* Until the answer to CONNECT. */
static void start_connect(struct proxy *p)
{
	start(p, &socks_as_me);
	assert_int_equal(input(p, TEXT("\5\2")), 0);
	send_all(p);
	assert_int_equal(input(p, TEXT("\1\0")), 0);
	send_all(p);
}

static void test_socks_answers(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		int result;
	} answers[] = {
		{ TEXT("\5\0\0\1\177\0\0\1\0\1"), 1 },
		{ TEXT("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1"), 1 },
		{ TEXT("\5\0\0\3\4deskxy"), 1 },
		{ TEXT("\5\0\0\3\0xy"), 1 },
		{ TEXT("\5\5"), -ECONNREFUSED },
		{ TEXT("\5\2"), -ECONNREFUSED },
		{ TEXT("\5\377"), -ECONNREFUSED },
		{ TEXT("\4"), -EPROTO },
		{ TEXT("\5\0\0\2"), -EPROTO },
		{ TEXT("\5\0\0\1\177\0\0\1\0\1\x16"), -EPROTO },
	};
	struct proxy p;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		start_connect(&p);
		assert_int_equal(input(&p, answers[i].bytes, answers[i].len), answers[i].result);
		assert_true(wire_text_clean(p.reason, strlen(p.reason)));
		for (size_t cut = 0; cut < answers[i].len && answers[i].result == 1; cut++) {
			start_connect(&p);
			assert_int_equal(input(&p, answers[i].bytes, cut), 0);
			assert_int_equal(
				input(&p, answers[i].bytes + cut, answers[i].len - cut), 1);
		}
	}
}

static void test_socks_methods(void **state)
{
	(void)state;
	struct proxy p;

	start(&p, &socks);
	assert_int_equal(input(&p, TEXT("\5\377")), -EACCES);
	assert_non_null(strstr(p.reason, "wants a user name"));
	start(&p, &socks);
	assert_int_equal(input(&p, TEXT("\5\2")), -EPROTO); /* not offered */
	start(&p, &socks_as_me);
	assert_int_equal(input(&p, TEXT("\5\1")), -EPROTO);
	start(&p, &socks_as_me);
	assert_int_equal(input(&p, TEXT("\5\377")), -EACCES);
	start(&p, &socks);
	assert_int_equal(input(&p, TEXT("HTTP/1.1 400 Bad\r\n")), -EPROTO);
	assert_non_null(strstr(p.reason, "no SOCKS5 proxy"));
	start(&p, &socks);
	assert_int_equal(input(&p, TEXT("\5\0\5")), -EPROTO); /* before it was asked */
}

static void test_secrets_are_wiped(void **state)
{
	(void)state;
	struct proxy p;

	start(&p, &http_as_me);
	for (size_t i = 0; i + 8 <= sizeof(p.out); i++)
		assert_memory_not_equal(p.out + i, "QWxhZGRp", 8);
	proxy_finish(&p);
	for (size_t i = 0; i < sizeof(p); i++)
		assert_int_equal(((const uint8_t *)&p)[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http_request),
		cmocka_unit_test(test_http_longest),
		cmocka_unit_test(test_hosts_for_http),
		cmocka_unit_test(test_http_answers),
		cmocka_unit_test(test_http_bytes_behind),
		cmocka_unit_test(test_http_without_end),
		cmocka_unit_test(test_socks_by_name),
		cmocka_unit_test(test_socks_by_address),
		cmocka_unit_test(test_socks_signing_in),
		cmocka_unit_test(test_socks_answers),
		cmocka_unit_test(test_socks_methods),
		cmocka_unit_test(test_secrets_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
