/* An enrolment beside the launcher's window: it ends by itself, and can be given up at any moment. */
#include "tests/unit/cmocka_first.h"

#include "client/window/enrol_job.h"

#include "common/base/clock.h"

#include <sched.h>
#include <stdatomic.h>

static atomic_int woken;

static void wake(void)
{
	atomic_fetch_add(&woken, 1);
}

/* An enrolment of nonsense takes less, unless the machine is loaded. */
#define TOOK_MAX_NS 2000000

static uint64_t took_ns = TOOK_MAX_NS;

static void test_it_ends(void **state)
{
	struct enroll_result result;
	struct enrol_job *job;

	(void)state;
	uint64_t begin_ns = clock_now_ns();
	assert_int_equal(enrol_job_start(&job, "nonsense", "", wake), 0);
	while (!enrol_job_done(job))
		sched_yield();
	took_ns = MIN(clock_now_ns() - begin_ns, (uint64_t)TOOK_MAX_NS);
	enrol_job_take(job, &result);
	assert_int_equal(result.status, 2);
	assert_true(result.reason[0] != '\0');
	assert_true(atomic_load(&woken) > 0);
}

/* At moments before, around and after its end. Whoever is second frees: the sanitizers see it when both do, or neither. */
static void test_it_is_given_up(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct enrol_job *job;
		uint64_t until_ns = clock_now_ns() + took_ns * (unsigned)i / 100;
		assert_int_equal(enrol_job_start(&job, "nonsense", "office", wake), 0);
		/* Nothing yields: on a loaded machine each time would cost what all others take. */
		while (clock_now_ns() < until_ns)
			;
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
