/* The address under which a laptop probably reaches this machine. */
#pragma once

#include "server/registry/settings.h"

/*
 * Where farseatd listens: as it says itself, or, where none is running, as its configuration has
 * it. Whether one is running.
 */
bool reach_listen(const struct settings *s, char listen[static CONFIG_TEXT_MAX_BYTES]);

/* Whether a program of this machine listens on that TCP port: REACH_OURS of this user (a socket
 * unit, where farseatd itself is not running), REACH_FOREIGN of another one. */
enum reach_port { REACH_FREE, REACH_OURS, REACH_FOREIGN };
enum reach_port reach_port(uint16_t port);

/*
 * A guess: what the daemon's listen setting names; where that is every address, the first global
 * one of a real network card, else the host's name. *loopback: nobody else can reach it.
 */
void reach_guess(const char *listen, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port,
	bool *loopback);
