/* The launcher: a window with the workstations that this laptop knows. farseat. */
#pragma once

/*
 * Shows the launcher, and the session of the workstation that is chosen, until the person closes
 * it. link: an invitation to ask about first (a click on a farseat:// link), or NULL. Returns an
 * exit status.
 */
int launcher_run(const char *link);
