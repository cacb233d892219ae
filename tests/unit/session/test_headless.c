/* A session without a window whose link goes while it waits: it asks the next one again. */
#include "client/app/headless.h"
#include "tests/unit/session/scene.h"

#include "common/cli/options.h"

#include <signal.h>
#include <stdlib.h>

static int set_up(void **state)
{
	return scene_set_up(state, "farseat-link-fake");
}

static void test_question_goes_with_its_link(void **state)
{
	const struct connection_options options = { .reconnect = true };
	struct headless h;

	(void)state;
	assert_int_equal(setenv("FARSEAT_FAKE_LINK", "", 1), 0);
	assert_int_equal(
		headless_open(&h, "office", &options, NULL, NULL, SCENE_PATIENCE_MS), EXIT_OK);
	assert_int_equal(headless_wait(&h, NULL, "the session"), EXIT_OK);

	/* A link that cannot answer any more. */
	int pid = connection_link_pid(h.connection);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_false(headless_is_settled(&h));
	assert_int_not_equal(h.asked, 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (headless_is_open(&h))
		headless_turn(&h, h.until_ms);
	assert_int_equal(h.asked, 0);
	assert_int_equal(headless_wait(&h, headless_is_settled, "the picture"), EXIT_OK);
	headless_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_question_goes_with_its_link, set_up, scene_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
