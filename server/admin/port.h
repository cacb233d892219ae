/*
 * The port that farseatd listens on, where another user of this machine has the usual one: two people
 * on one PC each have a daemon of their own, and the second to come chooses another port.
 *
 * What is chosen is written down, into farseat.conf and, for a person's socket unit, into a drop-in of
 * it, since invitations name the port: it must not change by chance.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/* Of the ports above the usual one. People who share a PC are few. */
#define PORT_TRIES 64

/*
 * Sees to it that farseatd can listen where farseat.conf says. That file is there.
 *
 * port: where farseatd is to listen. *chosen: another one than before, which is written down.
 * Nothing is changed where a daemon of this user runs, where the port is free or this user's own, and
 * where farseat.conf has a line listen= (the person chose that). -EADDRINUSE: none is free. -errno:
 * the choice could not be written.
 */
int port_settle(uint16_t *port, bool *chosen) MUST_CHECK;

/* text with its line "#listen = ..." in use, for that port; where it has none, with one at the begin of
 * [server]. The caller frees it; NULL: no memory, or it has a line listen= already. */
char *port_into_config(const char *text, uint16_t port);
