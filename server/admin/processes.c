#include "server/admin/processes.h"

#include "common/base/clock.h"
#include "server/admin/admin.h"
#include "server/admin/table.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PROC "/proc"

/* farseatd's children and farseat-starter's: workers, transfers and sounds have limits, and all of
 * them together are fewer. */
#define CHILDREN_MAX 512

/* From a process's start to its sandbox, also on a busy machine. */
#define START_MS      2000
#define LOOK_AGAIN_MS 50

/* SECURITY.md, "Processes". */
static const struct process_rule rules[] = {
	{ "farseatd", "farseatd", false, true, true, true,
		"the server's key, those of tickets, the registry" },
	{ "farseat-starter", "farseat-starter", false, false, false, true, "nothing secret" },
	{ "farseat-worker", "farseat-worker", true, true, true, true, "one connection" },
	{ "farseat-tunnel", "farseat-tunnel", true, true, true, true, "one SSH login" },
	{ "farseatctl", "signer", true, true, true, true, "the CA's key, while it signs" },
	{ "farseat-agent", "farseat-agent", false, false, false, true, "the display" },
	{ "farseat-agent-w", "farseat-agent-wayland", false, false, false, true, "the display" },
	{ "farseat-files", "farseat-files", true, true, true, true, "the folders of one transfer" },
	{ "farseat-sound", "farseat-sound", false, false, false, false, "what the session plays" },
};

const struct process_rule *process_rule_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

size_t process_faults(const struct process_rule *rule, const struct process_facts *facts,
	const char *out[static PROCESS_FAULTS_MAX])
{
	size_t count = 0;

	if (rule->filtered && !facts->filtered)
		out[count++] = "may use every system call";
	if (rule->no_new_rights && !facts->no_new_rights)
		out[count++] = "may get new rights by what it starts";
	if (rule->core_limit_zero && !facts->core_limit_zero)
		out[count++] = "has a limit of cores above 0";
	if (rule->closed && facts->open_to_others == PROCESS_YES)
		out[count++] = "may be looked into by its user's other processes";
	return count;
}

static const char *guess_text(enum process_guess guess)
{
	return guess == PROCESS_YES ? "yes" : guess == PROCESS_NO ? "no" : "-";
}

static json_t *to_json(const struct process_rule *rule, const struct process_facts *p,
	const char *const faults[], size_t count)
{
	json_t *list = json_array(),
	       *o = json_pack("{s:s, s:I, s:I, s:b, s:b, s:b, s:s}", "process", rule->title, "pid",
		       (json_int_t)p->pid, "uid", (json_int_t)p->uid, "calls_filtered", p->filtered,
		       "no_new_rights", p->no_new_rights, "core_limit_zero", p->core_limit_zero,
		       "holds", rule->holds);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(faults[i]));
	json_object_set_new(o, "open_to_others",
		p->open_to_others == PROCESS_UNKNOWN ? json_null()
						     : json_boolean(p->open_to_others));
	json_object_set_new(
		o, "descriptors", p->descriptors < 0 ? json_null() : json_integer(p->descriptors));
	json_object_set_new(o, "faults", list);
	return o;
}

static void add_row(struct table *t, const struct process_rule *rule, const struct process_facts *p)
{
	char number[ADMIN_USER_BYTES];

	table_add(t, "%s", rule->title);
	table_add(t, "%ld", (long)p->pid);
	table_add(t, "%s", admin_user_name(p->uid, number));
	table_add(t, p->filtered ? "a list" : "all");
	table_add(t, p->no_new_rights ? "never" : "possible");
	table_add(t, p->core_limit_zero ? "0" : "above");
	table_add(t, "%s", guess_text(p->open_to_others));
	if (p->descriptors < 0)
		table_add(t, "-");
	else
		table_add(t, "%d", p->descriptors);
	table_add(t, "%s", rule->holds);
}

/* What is printed, as it is found. */
struct listing {
	json_t *json; /* owned; NULL: a table */
	struct table table;
	unsigned fault_count;
	uint64_t end_ms; /* until then one that is not as it must be is looked at again */
};

/* What is found of one process. */
struct finding {
	const struct process_rule *rule; /* NULL: it is none of ours */
	struct process_facts facts;
	const char *faults[PROCESS_FAULTS_MAX];
	size_t count;
};

/* One that has just started is looked at until it is as it must be: it confines itself before its
 * first byte of anybody else. -ENOENT: it has ended. */
static int look(const struct listing *l, pid_t pid, struct finding *f)
{
	for (;;) {
		int r = process_facts_read(PROC, pid, &f->facts);
		if (r < 0)
			return r;
		f->rule = process_rule_of(f->facts.name);
		f->count = f->rule ? process_faults(f->rule, &f->facts, f->faults) : 0;
		if (f->count == 0 || clock_now_ms() > l->end_ms)
			return 0;
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

/* Returns what it is; NULL: none of ours, or it cannot be looked at. */
static const struct process_rule *take(struct listing *l, pid_t pid)
{
	struct finding f = { 0 };

	int r = look(l, pid, &f);
	if (r == -ENOENT || (r == 0 && !f.rule))
		return NULL;
	if (r < 0) {
		l->fault_count++;
		admin_fail("process %ld cannot be looked at: %s", (long)pid, strerror(-r));
		return NULL;
	}
	l->fault_count += (unsigned)f.count;
	for (size_t i = 0; i < f.count; i++)
		admin_fail("%s, process %ld, %s: see 'Processes' in SECURITY.md", f.rule->title,
			(long)pid, f.faults[i]);
	if (l->json)
		json_array_append_new(l->json, to_json(f.rule, &f.facts, f.faults, f.count));
	else
		add_row(&l->table, f.rule, &f.facts);
	return f.rule;
}

/* farseatd, its children, and those of farseat-starter: what a session starts is no process of ours,
 * whatever it calls itself. */
static void take_all(struct listing *l, pid_t daemon)
{
	pid_t ours[CHILDREN_MAX], started[CHILDREN_MAX];
	const size_t count = process_facts_children(PROC, daemon, ours, CHILDREN_MAX);

	(void)take(l, daemon);
	for (size_t i = 0; i < count; i++) {
		const struct process_rule *rule = take(l, ours[i]);
		if (!rule || strcmp(rule->name, "farseat-starter") != 0)
			continue;
		const size_t more = process_facts_children(PROC, ours[i], started, CHILDREN_MAX);
		for (size_t k = 0; k < more; k++)
			(void)take(l, started[k]);
	}
}

int processes_print(const struct options *o, pid_t pid)
{
	static const char *const titles[] = { "PROCESS", "ID", "USER", "SYSTEM CALLS", "NEW RIGHTS",
		"CORE LIMIT", "OPEN TO OTHERS", "DESCRIPTORS", "HOLDS", NULL };
	struct listing l = { .json = admin_wants_json(o) ? json_array() : NULL,
		.end_ms = clock_now_ms() + START_MS };
	int status = EXIT_OK;

	table_init(&l.table, titles);
	take_all(&l, pid);
	if (l.json)
		status = json_output_print(json_pack("{s:o}", "processes", l.json));
	else
		table_print(&l.table, stdout, "No process can be seen.");
	table_finish(&l.table);
	if (status == EXIT_OK && l.fault_count > 0)
		status = EXIT_FAILED;
	return status;
}
