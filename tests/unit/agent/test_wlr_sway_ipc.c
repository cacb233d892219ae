/* What is ordered of sway, and whose socket it is taken to. sway is played here. */
#include "server/agent/wlr/sway_ipc.h"

#include "common/base/fd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD_BYTES 14

static char folder[] = "/tmp/farseat-sway-XXXXXX";
static char wayland[64], orders[64];
static int listening_wayland, listening_orders, wayland_fd;

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static int listen_at(const char *path)
{
	const struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(
		bind(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(wayland, sizeof(wayland), "%s/wayland-1", folder);
	snprintf(orders, sizeof(orders), "%s/sway-ipc.%u.%d.sock", folder, (unsigned)getuid(),
		(int)getpid());
	listening_wayland = listen_at(wayland);
	const struct sockaddr_un address = address_of(wayland);
	wayland_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(
		wayland_fd, (const struct sockaddr *)(const void *)&address, sizeof(address));
}

static int teardown(void **state)
{
	(void)state;
	fd_close(&wayland_fd);
	fd_close(&listening_wayland);
	unlink(wayland);
	rmdir(folder);
	return 0;
}

/* Only the process that has the Wayland socket is asked. */
static void test_no_sway(void **state)
{
	struct wlr_sway_ipc s;

	(void)state;
	assert_false(wlr_sway_ipc_open(&s, wayland_fd, wayland));
	assert_int_equal(s.fd, -1);
	wlr_sway_ipc_close(&s);
	assert_false(wlr_sway_ipc_open(&s, listening_orders, wayland));
}

static int open_both(struct wlr_sway_ipc *s)
{
	listening_orders = listen_at(orders);
	assert_true(wlr_sway_ipc_open(s, wayland_fd, wayland));
	return accept(listening_orders, NULL, NULL);
}

static void close_both(struct wlr_sway_ipc *s, int *end)
{
	wlr_sway_ipc_close(s);
	fd_close(end);
	fd_close(&listening_orders);
	unlink(orders);
}

static void test_order(void **state)
{
	static const char expected[] = "output HEADLESS-1 mode 1601x901@144Hz";
	const struct wlr_output output = { .name = "HEADLESS-1" };
	struct wlr_sway_ipc s;
	char got[128] = { 0 };
	uint32_t len, type;

	(void)state;
	int end = open_both(&s);
	assert_int_equal(wlr_sway_ipc_resize(&s, &output, 1601, 901, 144), 0);
	assert_int_equal(read(end, got, sizeof(got) - 1), HEAD_BYTES + sizeof(expected) - 1);
	memcpy(&len, got + 6, sizeof(len));
	memcpy(&type, got + 10, sizeof(type));
	assert_memory_equal(got, "i3-ipc", 6);
	assert_int_equal(len, sizeof(expected) - 1);
	assert_int_equal(type, 0);
	assert_string_equal(got + HEAD_BYTES, expected);
	close_both(&s, &end);
}

/* However it is cut, and whatever its length: it is read, and the connection stays. */
static void test_answers(void **state)
{
	static char answer[4096];
	struct wlr_sway_ipc s;

	(void)state;
	int end = open_both(&s);
	memset(answer, 'x', sizeof(answer));
	for (size_t len = 1; len <= sizeof(answer); len *= 4) {
		assert_int_equal(write(end, answer, len), len);
		assert_true(wlr_sway_ipc_read(&s));
		assert_int_equal(s.answer_bytes, MIN(s.answer_bytes, sizeof(s.answer)));
	}
	assert_true(wlr_sway_ipc_read(&s)); /* nothing waits */
	fd_close(&end);
	assert_false(wlr_sway_ipc_read(&s));
	close_both(&s, &end);
}

static void test_lost(void **state)
{
	const struct wlr_output output = { .name = "HEADLESS-1" };
	struct wlr_sway_ipc s;

	(void)state;
	int end = open_both(&s);
	fd_close(&end);
	assert_int_equal(wlr_sway_ipc_resize(&s, &output, 640, 480, 144), -EIO);
	close_both(&s, &end);
}

/* Only a name that compositors give to outputs without a monitor goes into an order. */
static void test_headless(void **state)
{
	static const struct {
		const char *name;
		bool is;
	} cases[] = { { "HEADLESS-1", true }, { "HEADLESS-12", true }, { "", false },
		{ "HEADLESS-", false }, { "HEADLESS-1 off", false }, { "DP-1", false },
		{ "headless-1", false }, { "HEADLESS-1;", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct wlr_output o = { 0 };
		snprintf(o.name, sizeof(o.name), "%s", cases[i].name);
		assert_int_equal(wlr_output_is_headless(&o), cases[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_sway),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_headless),
	};

	fd_no_pipe_signal();
	return cmocka_run_group_tests(tests, setup, teardown);
}
