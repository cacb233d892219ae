/* What tests of the connection share: a workstation that is enrolled, at a listener that says nothing, and a
 * farseat-link of the tests' own. */
#pragma once

#include "client/session/connection.h"

#include "common/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SCENE_PATIENCE_MS 10000

struct scene {
	char home[64];
	int listener;
	struct workstation workstation;
	struct connection *connection;
	unsigned updates, screens, cursors, opened, lost;
	uint32_t input_serial;
	bool checked;
};

/* Makes all of it; link: the program that stands in for farseat-link, beside the test's own. 0 or -1, as cmocka
 * wants it. */
int scene_set_up(void **state, const char *link);
int scene_tear_down(void **state);

/* Sleeps until something happens, 20 ms at most, and lets the connection act. */
void scene_turn(struct scene *s);

#define scene_run_until(s, condition)                                                              \
	do {                                                                                       \
		uint64_t until_ms_ = clock_now_ms() + SCENE_PATIENCE_MS;                           \
		while (!(condition) && clock_now_ms() < until_ms_)                                 \
			scene_turn(s);                                                             \
		assert_true(condition);                                                            \
	} while (0)
