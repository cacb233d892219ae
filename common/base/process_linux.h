/* Processes by the numbers of POSIX, for programs that exist on Linux alone (the server): they reap
 * by SIGCHLD in their event loop. */
#pragma once

#include "common/base/process.h"

#include <sys/types.h>

/* As process_start; *pid on success, to be reaped by the caller. */
int process_start_pid(const struct process_spec *spec, pid_t *pid) MUST_CHECK;
