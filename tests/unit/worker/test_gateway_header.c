/* The PROXY protocol's header, version 2: golden bytes, every truncation, every wrong field. */
#include "server/worker/gateway_header.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIGNATURE   "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text) (text), sizeof(text) - 1
#define TCP4        "\xc0\0\2\x09\x0a\0\0\1\x12\x67\x1c\xfc"
#define TCP6                                                                                       \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09"                                                 \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x12\x67\x1c\xfc"

/* As worker does: asks how much, gives that. Returns what parse says, or -EPROTO, or 1: cut. */
static int feed(const char *bytes, size_t len, struct gateway_client *out)
{
	struct gateway_header *h = calloc(1, sizeof(*h));
	size_t wanted, at = 0;
	int r;

	assert_non_null(h);
	while ((r = gateway_header_wanted(h, &wanted)) == 0 && wanted > 0) {
		assert_true(wanted <= sizeof(h->bytes) - h->len);
		if (at == len) {
			free(h);
			return 1;
		}
		size_t part = wanted < len - at ? wanted : len - at;
		memcpy(h->bytes + h->len, bytes + at, part);
		h->len += part;
		at += part;
	}
	if (r == 0)
		assert_int_equal(at, len); /* no byte behind the header was asked for */
	if (r == 0)
		r = gateway_header_parse(h, out);
	free(h);
	return r;
}

static void test_tcp4(void **state)
{
	(void)state;
	struct gateway_client c;

	assert_int_equal(feed(BYTES(SIGNATURE "\x21\x11\0\x0c" TCP4), &c), 0);
	assert_int_equal(c.family, 4);
	assert_memory_equal(c.address, "\xc0\0\2\x09\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(c.port, 0x1267);
}

static void test_tcp6(void **state)
{
	(void)state;
	struct gateway_client c;

	assert_int_equal(feed(BYTES(SIGNATURE "\x21\x21\0\x24" TCP6), &c), 0);
	assert_int_equal(c.family, 6);
	assert_memory_equal(c.address, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09", 16);
	assert_int_equal(c.port, 0x1267);
}

static void test_local(void **state)
{
	(void)state;
	struct gateway_client c = { .family = 9 };

	assert_int_equal(feed(BYTES(SIGNATURE "\x20\0\0\0"), &c), 0);
	assert_int_equal(c.family, 0);
	assert_int_equal(feed(BYTES(SIGNATURE "\x20\x11\0\3abc"), &c), 0);
	assert_int_equal(c.family, 0);
}

static void test_more_fields(void **state)
{
	(void)state;
	struct gateway_client c;

	assert_int_equal(feed(BYTES(SIGNATURE "\x21\x11\0\x16" TCP4 "\3\0\4crc!\4\0\0"), &c), 0);
	assert_int_equal(c.family, 4);
	assert_int_equal(feed(BYTES(SIGNATURE "\x21\x11\0\x0d" TCP4 "\3"), &c), -EPROTO);
	assert_int_equal(feed(BYTES(SIGNATURE "\x21\x11\0\x0f" TCP4 "\3\0\1"), &c), -EPROTO);
}

static void test_every_truncation(void **state)
{
	(void)state;
	static const char four[] = SIGNATURE "\x21\x11\0\x13" TCP4 "\3\0\4crc!";
	static const char six[] = SIGNATURE "\x21\x21\0\x24" TCP6;
	struct gateway_client c;

	for (size_t len = 0; len < sizeof(four) - 1; len++)
		assert_int_equal(feed(four, len, &c), 1);
	for (size_t len = 0; len < sizeof(six) - 1; len++)
		assert_int_equal(feed(six, len, &c), 1);
	/* A length that is cut, with what belongs to it. */
	for (char len = 0; len < 12; len++) {
		char cut[sizeof(SIGNATURE) + 4 + 12];
		memcpy(cut, SIGNATURE "\x21\x11\0\0" TCP4, sizeof(SIGNATURE) - 1 + 4 + 12);
		cut[15] = len;
		assert_int_equal(feed(cut, 16 + (size_t)len, &c), -EPROTO);
	}
}

static void test_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ BYTES("\x16\3\1\2\0\1\0\1\xfc\3\3") },            /* a client's TLS */
		{ BYTES("PROXY TCP4 192.0.2.9 10.0.0.1 1 2\r\n") }, /* version 1 */
		{ BYTES(SIGNATURE "\x22\x11\0\x0c" TCP4) },         /* another command */
		{ BYTES(SIGNATURE "\x11\x11\0\x0c" TCP4) },         /* another version */
		{ BYTES(SIGNATURE "\x21\0\0\x0c" TCP4) },           /* no family */
		{ BYTES(SIGNATURE "\x21\x12\0\x0c" TCP4) },         /* UDP */
		{ BYTES(SIGNATURE "\x21\x21\0\x0c" TCP4) },         /* too short for IPv6 */
		{ BYTES(SIGNATURE "\x21\x11\xff\xff" TCP4) },       /* too long */
		{ BYTES(SIGNATURE "\x21\x11\3\xf1" TCP4) },         /* by one */
		{ BYTES("\r\n\r\n\0\r\nQUIX\n") },
	};
	struct gateway_client c;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(feed(bad[i].bytes, bad[i].len, &c), -EPROTO);
	/* Each wrong byte of the signature is seen at once. */
	for (size_t i = 0; i < 12; i++) {
		char wrong[] = SIGNATURE;
		wrong[i] ^= 1;
		assert_int_equal(feed(wrong, i + 1, &c), -EPROTO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp4),
		cmocka_unit_test(test_tcp6),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_more_fields),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
