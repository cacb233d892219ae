/* What the kernel shows to anybody of a process: who it runs as, and how it is confined. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_FACTS_NAME_BYTES 16 /* of the kernel, with its end: longer names are cut */

enum process_guess { PROCESS_NO, PROCESS_YES, PROCESS_UNKNOWN };

struct process_facts {
	pid_t pid;
	char name[PROCESS_FACTS_NAME_BYTES];
	uid_t uid;
	bool filtered;        /* its system calls, by a list */
	bool no_new_rights;   /* it can get none by what it starts */
	bool core_limit_zero; /* and cannot be raised by itself */
	/* Whether other processes of its user may look into it; of root's it cannot be seen. */
	enum process_guess open_to_others;
	int descriptors; /* -1: only its user may count them, or root */
};

/* Reads it below proc ("/proc"). -ENOENT: there is none; -EINVAL: a kernel that shows it otherwise. */
int process_facts_read(const char *proc, pid_t pid, struct process_facts *out) MUST_CHECK;

/* Its children, max of them at most: how many. None where the kernel does not list them. */
size_t process_facts_children(const char *proc, pid_t pid, pid_t *out, size_t max);
