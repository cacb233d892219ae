/* What the programs of this folder have in common: farseat-agent for X11, farseat-agent-wayland. */
#pragma once

#include "server/agent/display.h"

/*
 * The whole main of an agent for displays of that kind, which was started by farseatd with its channel
 * as descriptor 3 and the command of a virtual session as its argument. name is the program's.
 * Returns its exit status.
 */
int program_run(int argc, char **argv, const char *name, const struct display_impl *display_impl);
