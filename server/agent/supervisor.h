/*
 * The agent's end of the supervisor's channel: what the supervisor orders (which display, which worker
 * is attached and with which capabilities, the end) and what it is told. Without a supervisor there is
 * nothing to do: the agent ends when the channel breaks.
 */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

struct agent;

/* Takes records from then on, in the agent's loop. -errno. */
int agent_supervisor_watch(struct agent *a) MUST_CHECK;

/* Sends what still waits, for a moment only, and closes the channel. Its poll was closed before. */
void agent_supervisor_finish(struct agent *a);

/* Once when there is something to see, and again when its size changes. */
void agent_tell_ready(struct agent *a);
/* What files are copied in the session, for that worker's device; len 0: none. */
void agent_tell_copied(struct agent *a, uint32_t worker, const uint8_t *list, size_t len);

/* The last word of an agent that ends by itself. */
void agent_tell_failed(struct agent *a, const char *reason);

/* A worker went beyond what it may; wire_type 0: by a record, not by a message. */
void agent_report_violation(struct agent *a, uint32_t worker, uint8_t wire_type);
