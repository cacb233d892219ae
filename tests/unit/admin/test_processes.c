/* What farseatctl status --processes makes of the kernel's files: a folder of our own stands for /proc. */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "server/admin/processes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PID 77

static char proc[] = "/tmp/farseat-proc.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%d/%s", proc, PID, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
}

static void put_process(const char *name, int seccomp, int no_new_rights, const char *core)
{
	char text[512];

	snprintf(text, sizeof(text),
		"Name:\t%s\nUmask:\t0022\nUid:\t%u\t0\t0\t0\nNoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t1\n",
		name, (unsigned)getuid(), no_new_rights, seccomp);
	put("status", text);
	snprintf(text, sizeof(text),
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max core file size        0                    %-20s bytes     \n",
		core);
	put("limits", text);
}

static int start(void **state)
{
	static const char *const folders[] = { "", "/77", "/77/task", "/77/task/77", "/77/fd" };
	char path[PATH_MAX];

	(void)state;
	if (!mkdtemp(proc))
		return -1;
	for (size_t i = 1; i < ARRAY_LEN(folders); i++) {
		snprintf(path, sizeof(path), "%s%s", proc, folders[i]);
		if (dir_make(path, 0700) < 0)
			return -1;
	}
	return 0;
}

static int stop(void **state)
{
	static const char *const left[] = { "/77/status", "/77/limits", "/77/task/77/children",
		"/77/fd/0", "/77/fd/3", "/77/fd", "/77/task/77", "/77/task", "/77", "" };
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		snprintf(path, sizeof(path), "%s%s", proc, left[i]);
		if (remove(path) < 0)
			return -1;
	}
	return 0;
}

static struct process_facts facts_of(const char *name, int seccomp, int no_new, const char *core)
{
	struct process_facts facts;

	put_process(name, seccomp, no_new, core);
	assert_int_equal(process_facts_read(proc, PID, &facts), 0);
	return facts;
}

static void a_process_is_read(void **state)
{
	(void)state;
	put("fd/0", "");
	put("fd/3", "");
	struct process_facts facts = facts_of("farseat-worker", 2, 1, "0");

	assert_string_equal(facts.name, "farseat-worker");
	assert_int_equal(facts.pid, PID);
	assert_int_equal(facts.uid, getuid());
	assert_true(facts.filtered);
	assert_true(facts.no_new_rights);
	assert_true(facts.core_limit_zero);
	assert_int_equal(facts.descriptors, 2);
	/* Our own file: as one that its user may look into; of root it cannot be told. */
	assert_int_equal(facts.open_to_others, getuid() == 0 ? PROCESS_UNKNOWN : PROCESS_YES);

	facts = facts_of("a name that is too long for the kernel", 1, 0, "unlimited");
	assert_string_equal(facts.name, "a name that is ");
	assert_false(facts.filtered); /* mode 1 is another thing than a list */
	assert_false(facts.no_new_rights);
	assert_false(facts.core_limit_zero);
}

/* Each thing that a worker must be, and is not. */
static void what_is_not_as_it_must_be_is_said(void **state)
{
	(void)state;
	static const struct {
		int seccomp, no_new_rights;
		const char *core;
		enum process_guess open;
		const char *said;
	} cases[] = {
		{ 0, 1, "0", PROCESS_NO, "every system call" },
		{ 2, 0, "0", PROCESS_NO, "new rights" },
		{ 2, 1, "unlimited", PROCESS_NO, "cores" },
		{ 2, 1, "0", PROCESS_YES, "looked into" },
	};
	const struct process_rule *rule = process_rule_of("farseat-worker");
	const char *faults[PROCESS_FAULTS_MAX];

	assert_non_null(rule);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct process_facts facts = facts_of(
			"farseat-worker", cases[i].seccomp, cases[i].no_new_rights, cases[i].core);
		facts.open_to_others = cases[i].open;
		assert_int_equal(process_faults(rule, &facts, faults), 1);
		assert_non_null(strstr(faults[0], cases[i].said));
	}
	struct process_facts good = facts_of("farseat-worker", 2, 1, "0");
	good.open_to_others = PROCESS_UNKNOWN;
	assert_int_equal(process_faults(rule, &good, faults), 0);
}

static void each_program_has_a_rule(void **state)
{
	(void)state;
	static const char *const ours[] = { "farseatd", "farseat-starter", "farseat-worker",
		"farseat-tunnel", "farseatctl", "farseat-agent", "farseat-agent-w", "farseat-files",
		"farseat-sound" };

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		assert_non_null(process_rule_of(ours[i]));
	assert_null(process_rule_of("bash"));
	assert_null(process_rule_of(""));
}

static void what_is_not_there_is_no_process(void **state)
{
	(void)state;
	static const char *const broken[] = { "", "Name:\tx\n",
		"Name:\tx\nUid:\t0\nNoNewPrivs:\t1\nSeccomp:\t\n",
		"Name:\tx\nUid:\t-1\nNoNewPrivs:\t1\nSeccomp:\t2\n" };
	struct process_facts facts;

	assert_int_equal(process_facts_read(proc, PID + 1, &facts), -ENOENT);
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		put("status", broken[i]);
		assert_int_equal(process_facts_read(proc, PID, &facts), -EINVAL);
	}
	put_process("x", 2, 1, "0");
	put("limits", "Max cpu time  unlimited  unlimited  seconds\n");
	assert_int_equal(process_facts_read(proc, PID, &facts), -EINVAL);
}

static void children_are_counted_up_to_a_limit(void **state)
{
	(void)state;
	pid_t children[3];

	put("task/77/children", "5 61 7 8 ");
	assert_int_equal(process_facts_children(proc, PID, children, 3), 3);
	assert_int_equal(children[1], 61);
	put("task/77/children", "1 -4 x 9");
	assert_int_equal(process_facts_children(proc, PID, children, 3), 0);
	put("task/77/children", "");
	assert_int_equal(process_facts_children(proc, PID, children, 3), 0);
	assert_int_equal(process_facts_children(proc, PID + 1, children, 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_read),
		cmocka_unit_test(what_is_not_as_it_must_be_is_said),
		cmocka_unit_test(each_program_has_a_rule),
		cmocka_unit_test(what_is_not_there_is_no_process),
		cmocka_unit_test(children_are_counted_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
