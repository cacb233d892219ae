/*
 * The commands of farseat: each takes its parsed command line and returns an exit status. The tables
 * with their options stand in main.c.
 */
#pragma once

#include "client/way/way.h"
#include "common/cli/options.h"

int command_connect(const struct options *o, void *user);
int command_enroll(const struct options *o, void *user);
int command_renew(const struct options *o, void *user);
int command_list(const struct options *o, void *user);
int command_set(const struct options *o, void *user);
int command_remove(const struct options *o, void *user);
int command_screenshot(const struct options *o, void *user);
int command_type(const struct options *o, void *user);
int command_key(const struct options *o, void *user);
int command_click(const struct options *o, void *user);
int command_wait(const struct options *o, void *user);
int command_copy(const struct options *o, void *user);
int command_sftp(const struct options *o, void *user);
int command_doctor(const struct options *o, void *user);

/* Without a command: the launcher's window. */
int command_launcher(const struct options *o, void *user);
/* The same; with an invitation it asks whether to enrol (a click on a farseat:// link). */
int command_open(const struct options *o, void *user);

/* --via, --via-command and --proxy of a command: 0 none was given, 1 *out is written, -1 wrong
 * (said). "none" is no way of that kind, whatever workstation.conf says. */
int command_way(const struct options *o, struct way *out);

/* --timeout SECONDS of a command in milliseconds, or otherwise_ms; -1: wrong (said). */
long command_timeout_ms(const struct options *o, long otherwise_ms);
