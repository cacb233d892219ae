/* Which session is shown: what the command line and the configuration name, else what the environment
 * does. */
#pragma once

#include "common/base/macros.h"

struct supervisor;

/*
 * Fills settings.display or settings.wayland where neither they nor a virtual session are set. What
 * cannot be shown is said, and farseatd serves all the same: clients are told the reason, and laptops
 * can enrol. EXIT_FAILED, which was said, when there is nothing to show.
 */
int choice_settle(struct supervisor *s) MUST_CHECK;
