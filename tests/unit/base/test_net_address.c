/* Addresses, names and connecting, on loopback. */
#include "tests/unit/cmocka_first.h"

#include "common/base/fd.h"
#include "common/base/net_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static void test_digits(void **state)
{
	static const char *const bad[] = { "", "office", "1.2.3", "1.2.3.4.5", "::g", "[::1]" };
	uint8_t ip[NET_IP_BYTES];

	(void)state;
	assert_int_equal(net_ip_parse("192.0.2.7", ip), 4);
	assert_memory_equal(ip, "\xc0\0\2\7", 4);
	assert_int_equal(net_ip_parse("2001:db8::7", ip), 16);
	assert_memory_equal(ip, "\x20\x01\x0d\xb8", 4);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(net_ip_parse(bad[i], ip), 0);
}

static void resolve(const char *host, uint16_t port, struct net_address *out)
{
	size_t count = 0;
	const char *why = NULL;

	assert_int_equal(net_resolve(host, port, out, 1, &count, &why), 0);
	assert_int_equal(count, 1);
}

static void test_text(void **state)
{
	char text[NET_ADDRESS_TEXT_BYTES];
	struct net_address v4, v6, none = { .len = 0 };

	(void)state;
	resolve("192.0.2.7", 7420, &v4);
	net_address_text(&v4, text);
	assert_string_equal(text, "192.0.2.7:7420");
	resolve("2001:db8::7", 1, &v6);
	net_address_text(&v6, text);
	assert_string_equal(text, "[2001:db8::7]:1");
	assert_int_equal(net_address_family(&v4), NET_IPV4);
	assert_int_equal(net_address_family(&v6), NET_IPV6);
	assert_int_equal(net_address_family(&none), NET_NONE);
	assert_true(net_address_equal(&v4, &v4));
	assert_false(net_address_equal(&v4, &v6));
	assert_false(net_address_equal(&v4, &none));
}

static void test_unknown_name(void **state)
{
	struct net_address a;
	size_t count = 0;
	const char *why = NULL;

	(void)state;
	assert_int_equal(net_resolve("no-such-host.invalid", 1, &a, 1, &count, &why), -ENOENT);
	assert_non_null(why);
}

static void test_connecting(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1;
	struct net_address a, ours, none;
	bool multipath = true;

	(void)state;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (const struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &len), 0);
	resolve("127.0.0.1", ntohs(in.sin_port), &a);

	/* Nobody listens yet. */
	int r = net_connect(&a, false, &fd, &multipath);
	if (r == 0) {
		assert_int_equal(fd_wait_one(fd, FD_WRITE, 10000), 1);
		r = net_connected(fd);
		fd_close(&fd);
	}
	assert_int_equal(r, -ECONNREFUSED);
	assert_false(multipath);

	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(net_connect(&a, false, &fd, &multipath), 0);
	assert_int_equal(fd_wait_one(fd, FD_WRITE, 10000), 1);
	assert_int_equal(net_connected(fd), 0);
	net_local_address(fd, &ours);
	assert_int_equal(net_address_family(&ours), NET_IPV4);
	net_local_address(-1, &none);
	assert_int_equal(net_address_family(&none), NET_NONE);
	fd_close(&fd);
	fd_close(&listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_unknown_name),
		cmocka_unit_test(test_connecting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
