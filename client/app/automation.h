/* What the commands share that act in a session without a window. Statuses are exit statuses. */
#pragma once

#include "client/app/headless.h"
#include "common/cli/options.h"

/* Opens the session that the command line names; EXIT_OK when it is open. headless_close in any case. */
int automation_open(struct headless *h, const struct options *o);

/* Whether this laptop may act there; says on stderr that it may not. */
int automation_may_act(const struct headless *h);

/*
 * Waits until a picture answers the input of that serial, as long as answers to earlier input come:
 * it was applied then. EXIT_FAILED and a word on stderr when none comes any more. A laptop that may
 * not see gets no pictures: only a moment passes then.
 */
int automation_wait_for_answer(struct headless *h, uint32_t serial);
