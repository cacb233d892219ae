/*
 * Whether a process belongs to whoever sits at this machine: logind writes down which session is in
 * front on a seat, and the kernel which session a process is in. Neither can be made up by the
 * process itself.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SEAT_SESSION_MAX_BYTES 32

/* The session in a text of /proc/PID/cgroup: "c2" of ".../session-c2.scope". false: it is in none. */
bool seat_read_cgroup(const char *text, char out[static SEAT_SESSION_MAX_BYTES]);

/* Whether a text of /run/systemd/sessions/ID says that this session is in front on a seat, and is that
 * user's. */
bool seat_is_front(const char *text, uid_t uid);

/* Both, of that process. Without logind: false. */
bool seat_has_process(pid_t pid, uid_t uid);
