/*
 * farseatctl status --processes: farseatd's processes as the kernel shows them, compared with what
 * SECURITY.md says of each. Landlock's rules are the one thing that nobody else can see.
 */
#pragma once

#include "common/cli/options.h"
#include "server/admin/process_facts.h"

/* What a kind of process must be, and what it holds. */
struct process_rule {
	const char *name; /* as the kernel has it, cut */
	const char *title;
	/* Each: it must be so; closed: to others. */
	bool filtered, no_new_rights, core_limit_zero, closed;
	const char *holds;
};

/* By the kernel's name; NULL: it is none of ours. */
const struct process_rule *process_rule_of(const char *name);

#define PROCESS_FAULTS_MAX 4
/* What is not as the rule says, as sentences without an end: how many. */
size_t process_faults(const struct process_rule *rule, const struct process_facts *facts,
	const char *out[static PROCESS_FAULTS_MAX]);

/* Prints the daemon's processes; pid is its own. Exit status 1 where something is not as it must be. */
int processes_print(const struct options *o, pid_t pid);
