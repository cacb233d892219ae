/* An enrolment beside the launcher's window: it ends by itself, and can be given up at any moment. */
#include "tests/unit/cmocka_first.h"

#include "client/window/enrol_job.h"

#include <sched.h>
#include <stdatomic.h>

static atomic_int woken;

static void wake(void)
{
	atomic_fetch_add(&woken, 1);
}

static void test_it_ends(void **state)
{
	struct enroll_result result;
	struct enrol_job *job;

	(void)state;
	assert_int_equal(enrol_job_start(&job, "nonsense", "", wake), 0);
	while (!enrol_job_done(job))
		sched_yield();
	enrol_job_take(job, &result);
	assert_int_equal(result.status, 2);
	assert_true(result.reason[0] != '\0');
	assert_true(atomic_load(&woken) > 0);
}

/* Whoever is second frees: the sanitizers see it when both do, or neither. */
static void test_it_is_given_up(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct enrol_job *job;
		assert_int_equal(enrol_job_start(&job, "nonsense", "office", wake), 0);
		for (int turn = 0; turn < i; turn++)
			sched_yield();
		enrol_job_abandon(job);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_ends),
		cmocka_unit_test(test_it_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
