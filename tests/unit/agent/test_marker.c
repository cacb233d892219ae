#include "server/agent/x11/marker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/farseat-marker-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/held:0", dir);
	unlink(path);
	return rmdir(dir);
}

static void test_stays_after_the_process(void **state)
{
	struct marker m;

	(void)state;
	marker_open(&m, dir, ":0");
	assert_true(m.mapped);
	marker_reset(&m, 0x01020304);
	marker_put(&m, MARKER_KEYS, 255, true);
	marker_put(&m, MARKER_KEYS, 8, true);
	marker_put(&m, MARKER_KEYS, 9, true);
	marker_put(&m, MARKER_KEYS, 9, false);
	marker_put_lent(&m, 200, 0x1000441);
	marker_put(&m, MARKER_BUTTONS, 9, true);
	marker_put_repeat(&m, true);
	marker_put_group(&m, 3);
	marker_close(&m);
	assert_int_equal(marker_server(&m), 0); /* closed: says nothing */

	marker_open(&m, dir, ":0");
	assert_int_equal(marker_server(&m), 0x01020304);
	for (int i = 0; i < 256; i++) {
		assert_int_equal(marker_has(&m, MARKER_KEYS, (uint8_t)i), i == 8 || i == 255);
		assert_int_equal(marker_lent(&m, (uint8_t)i), i == 200 ? 0x1000441 : 0);
	}
	for (uint8_t i = 0; i < 16; i++)
		assert_int_equal(marker_has(&m, MARKER_BUTTONS, i), i == 9);
	assert_true(marker_repeat(&m));
	assert_int_equal(marker_group(&m), 3);
	marker_reset(&m, 5);
	assert_false(marker_has(&m, MARKER_KEYS, 255) || marker_repeat(&m));
	assert_int_equal(marker_group(&m), -1);
	marker_close(&m);
}

static void test_file_is_private(void **state)
{
	struct marker m;
	struct stat s;
	char path[128];

	(void)state;
	marker_open(&m, dir, ":0");
	marker_close(&m);
	snprintf(path, sizeof(path), "%s/held:0", dir);
	assert_int_equal(stat(path, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
}

static void test_works_without_a_file(void **state)
{
	struct marker m;

	(void)state;
	marker_open(&m, "", ":0");
	assert_false(m.mapped);
	marker_put(&m, MARKER_KEYS, 30, true);
	assert_true(marker_has(&m, MARKER_KEYS, 30));
	marker_close(&m);
	marker_open(&m, "/proc/nowhere", ":0");
	assert_false(m.mapped);
	marker_put(&m, MARKER_KEYS, 30, true);
	assert_true(marker_has(&m, MARKER_KEYS, 30));
	marker_close(&m);
}

/* A display's name is no way out of the folder. */
static void test_name_is_one_component(void **state)
{
	struct marker m;
	char path[128];

	(void)state;
	marker_open(&m, dir, "/../../x:0");
	assert_true(m.mapped);
	marker_close(&m);
	snprintf(path, sizeof(path), "%s/held_.._.._x:0", dir);
	assert_int_equal(unlink(path), 0);
}

static void test_nothing_stays_when_nothing_is_held(void **state)
{
	char path[128];
	struct marker m;

	(void)state;
	marker_open(&m, dir, ":0");
	marker_reset(&m, 1);
	marker_remove(&m);
	snprintf(path, sizeof(path), "%s/held:0", dir);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(marker_server(&m), 0);
	marker_remove(&m); /* of one that is closed: nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stays_after_the_process),
		cmocka_unit_test(test_file_is_private),
		cmocka_unit_test(test_works_without_a_file),
		cmocka_unit_test(test_name_is_one_component),
		cmocka_unit_test(test_nothing_stays_when_nothing_is_held),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
